namespace ModelGate.Models.Onnx;

/// <summary>What there is to say of an ONNX model as a whole: what was not counted, and what looks odd.</summary>
internal static class OnnxNotes
{
    /// <summary>Says it.</summary>
    /// <param name="notes">What has been said so far.</param>
    /// <param name="model">The model.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="external">Its external data.</param>
    public static void Add(ModelNotes notes, OnnxModel model, List<Tensor> tensors, ExternalFiles external)
    {
        if (model.Training.Count > 0 && tensors.Where(static tensor => tensor.Place == Place.Training).ToArray() is { Length: > 0 } training)
            notes.Add($"training information holds {training.Sum(static tensor => (decimal)tensor.Elements)} elements; it is not part of the deployed model and not counted");
        if (model.UnknownFields > 0)
            notes.Add($"{model.UnknownFields} fields are unknown to this version of ModelGate and were skipped");
        if (model.RepeatedFields > 0)
            notes.Add($"{model.RepeatedFields} fields stand twice where one is expected; they were merged as protobuf says, and everything stored was counted");
        var twice = Repeated(model);
        if (twice > 0)
            notes.Add($"{twice} initializers repeat the name of another; each is stored, and each was counted");
        foreach (var (file, links) in external.HardLinked())
            notes.Add($"the external data {Quoted.Name(Path.GetFileName(file))} is a hard link, one of {links} names of one file: who writes to another of them changes this model");
    }

    private static int Repeated(OnnxModel model)
    {
        var seen = new bool[model.Names.Count];
        var repeated = 0;
        foreach (var tensor in model.Graph!.Initializers)
        {
            if (seen[tensor.Name]) repeated++;
            seen[tensor.Name] = true;
        }
        return repeated;
    }
}
