namespace ModelGate.Measuring;

/// <summary>Puts together what is known of a model's inputs: what the policy says, and the ranges that the model's tables allow.</summary>
internal static class WorkerInputs
{
    /// <summary>What the worker is told.</summary>
    public static IReadOnlyList<WorkerInput> Of(LatencyRequest request)
    {
        List<WorkerInput> told = [];
        foreach (var said in request.Inputs)
        {
            double? rows = request.Structure?.Inputs.FirstOrDefault(input => input.Name == said.Name)?.Rows;
            told.Add(said with { Low = said.Low ?? (rows is null ? null : 0), High = said.High ?? rows - 1 });
        }

        foreach (var input in request.Structure?.Inputs ?? [])
        {
            if (input.Rows is { } rows && !request.Inputs.Any(said => said.Name == input.Name))
                told.Add(new(input.Name, null, null, 0, rows - 1));
        }

        return told;
    }
}
