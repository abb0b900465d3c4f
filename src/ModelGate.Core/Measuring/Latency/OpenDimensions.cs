using System.Globalization;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>Dimensions of a model's inputs that nobody says the size of: they are 1 while it runs, and figures that grow with them are those of the smallest inputs.</summary>
internal static class OpenDimensions
{
    private const int Listed = 8;
    private const string Nameless = "?";

    /// <summary>Which they are, for a note; null where there are none, or the model's format does not tell.</summary>
    public static string? Note(LatencyRequest request)
    {
        IReadOnlyList<ModelInput> inputs = request.Structure?.Inputs ?? [];
        HashSet<string> known = [.. request.Dimensions.Select(static dimension => dimension.Name)];
        foreach (var input in inputs)
            known.UnionWith(Learned(input, Said(request, input)));
        string[] open = [.. inputs.SelectMany(input => Open(input, Said(request, input), known)).Distinct()];
        if (open.Length == 0)
            return null;
        string more = open.Length > Listed ? string.Create(CultureInfo.InvariantCulture, $" and {open.Length - Listed} more") : "";
        return $"nobody says how large these open dimensions are, so they were set to 1: {string.Join(", ", open.Take(Listed))}{more}";
    }

    private static WorkerInput? Said(LatencyRequest request, ModelInput input) => request.Inputs.FirstOrDefault(said => said.Name == input.Name);

    // A size that is said of one input holds for all dimensions of the same name; a file says all of its input's.
    private static IEnumerable<string> Learned(ModelInput input, WorkerInput? said)
    {
        for (int i = 0; i < input.Dims?.Count; i++)
        {
            if (input.Dims[i] != Nameless && (said?.Data is not null || (said?.Shape?.Count == input.Dims.Count && IsNumber(said.Shape[i]))))
                yield return input.Dims[i];
        }
    }

    private static IEnumerable<string> Open(ModelInput input, WorkerInput? said, HashSet<string> known)
    {
        for (int i = 0; i < input.Dims?.Count && said?.Data is null; i++)
        {
            string dimension = input.Dims[i];
            bool isNamed = dimension != Nameless;
            if (IsNumber(dimension) || (isNamed && known.Contains(dimension)) || (said?.Shape?.Count == input.Dims.Count && (IsNumber(said.Shape[i]) || known.Contains(said.Shape[i]))))
                continue;
            yield return isNamed ? Quoted.Name(dimension) : string.Create(CultureInfo.InvariantCulture, $"dimension {i} of {Quoted.Name(input.Name)}");
        }
    }

    private static bool IsNumber(string size) => long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
