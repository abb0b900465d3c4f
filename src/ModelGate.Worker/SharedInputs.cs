using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Inputs that two models both take: only then does the time of one say anything about the other.</summary>
internal static class SharedInputs
{
    /// <summary>How the inputs of a model are to be made so that its baseline takes them too.</summary>
    /// <param name="model">The model.</param>
    /// <param name="baseline">Its baseline.</param>
    /// <param name="given">How inputs are to be made, where the policy says.</param>
    /// <exception cref="WorkerException">MG4014: the two take different inputs; every difference is told.</exception>
    public static IReadOnlyList<WorkerInput> Of(InferenceSession model, InferenceSession baseline, IReadOnlyList<WorkerInput> given)
    {
        var (ours, theirs) = (model.InputMetadata, baseline.InputMetadata);
        string[] differences =
        [
            .. ours.Keys.Where(name => !theirs.ContainsKey(name)).Select(name => $"only the model has an input '{name}'"),
            .. theirs.Keys.Where(name => !ours.ContainsKey(name)).Select(name => $"only the baseline has an input '{name}'"),
            .. ours.Where(input => theirs.ContainsKey(input.Key)).Select(input => Difference(input.Key, input.Value, theirs[input.Key])).OfType<string>(),
        ];
        if (differences.Length > 0)
            throw new WorkerException("MG4014", string.Join("; ", differences));

        return
        [
            .. given.Where(input => !ours.ContainsKey(input.Name)), // told as the mistake it is by the maker of inputs
            .. ours.Select(input => Fix(given.FirstOrDefault(said => said.Name == input.Key) ?? new(input.Key, null, null, null, null), input.Value, theirs[input.Key])),
        ];
    }

    /// <summary>The dimensions of an input that both models take, each as whoever fixes it says; −1 where it is open in both.</summary>
    public static int[] Dimensions(NodeMetadata ours, NodeMetadata theirs) => !ours.IsTensor || !theirs.IsTensor ? [] : [.. ours.Dimensions.Zip(theirs.Dimensions, static (one, other) => one >= 0 ? one : other)];

    private static string? Difference(string name, NodeMetadata ours, NodeMetadata theirs)
    {
        if (ours.OnnxValueType != theirs.OnnxValueType || (ours.IsTensor && ours.ElementDataType != theirs.ElementDataType))
            return $"'{name}' is {Kind(ours)} in the model and {Kind(theirs)} in the baseline";
        if (!ours.IsTensor)
            return null; // the runtime tells dimensions of tensors alone
        int rank = ours.Dimensions.Length;
        if (rank != theirs.Dimensions.Length)
            return $"'{name}' has {rank} dimensions in the model and {theirs.Dimensions.Length} in the baseline";
        for (int i = 0; i < rank; i++)
        {
            if (ours.Dimensions[i] >= 0 && theirs.Dimensions[i] >= 0 && ours.Dimensions[i] != theirs.Dimensions[i])
                return $"dimension {i} of '{name}' is {ours.Dimensions[i]} in the model and {theirs.Dimensions[i]} in the baseline";
        }

        return null;
    }

    // A dimension that is open in the model and fixed in the baseline is what the baseline says.
    private static WorkerInput Fix(WorkerInput input, NodeMetadata ours, NodeMetadata theirs)
    {
        if (!ours.IsTensor || !ours.Dimensions.Zip(theirs.Dimensions).Any(pair => pair.First < 0 && pair.Second >= 0))
            return input;
        string[] shape = [.. input.Shape ?? ours.SymbolicDimensions.Select(symbol => symbol.Length > 0 ? symbol : "?")];
        for (int i = 0; i < Math.Min(shape.Length, ours.Dimensions.Length); i++)
        {
            if (ours.Dimensions[i] < 0 && theirs.Dimensions[i] >= 0 && !int.TryParse(shape[i], NumberStyles.None, CultureInfo.InvariantCulture, out _))
                shape[i] = theirs.Dimensions[i].ToString(CultureInfo.InvariantCulture);
        }

        return input with { Shape = shape };
    }

    private static string Kind(NodeMetadata input) => input.IsTensor ? input.ElementDataType.ToString().ToLowerInvariant() : input.OnnxValueType.ToString();
}
