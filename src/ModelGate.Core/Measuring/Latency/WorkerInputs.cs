using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>Puts together what is known of a model's inputs: what the policy says, and the ranges that the model's tables allow.</summary>
internal static class WorkerInputs
{
    /// <summary>What the worker is told where a baseline has to take the same inputs: where the policy says nothing, indices stay within both models' tables.</summary>
    public static IReadOnlyList<WorkerInput> Of(LatencyRequest request, ModelFile? baseline) =>
        [.. Of(request).Select(told => baseline?.Inputs.FirstOrDefault(input => input.Name == told.Name)?.Rows is { } rows && !IsRangeGiven(request, told.Name) && !(told.High < rows) ? told with { High = rows - 1 } : told)];

    /// <summary>What the worker is told.</summary>
    public static IReadOnlyList<WorkerInput> Of(LatencyRequest request)
    {
        List<WorkerInput> told = [];
        foreach (var said in request.Inputs)
        {
            var declared = request.Structure?.Inputs.FirstOrDefault(input => input.Name == said.Name);
            double? rows = declared?.Rows;
            told.Add(said with { Low = said.Low ?? (rows is null ? null : 0), High = said.High ?? rows - 1, HasOpenRank = declared is not null && HasOpenRank(declared) });
        }

        foreach (var input in request.Structure?.Inputs ?? [])
        {
            if ((input.Rows is not null || HasOpenRank(input)) && !request.Inputs.Any(said => said.Name == input.Name))
                told.Add(new(input.Name, null, null, input.Rows is null ? null : 0, input.Rows - 1) { HasOpenRank = HasOpenRank(input) });
        }

        return told;
    }

    // Sequences, maps and optionals have no type of their own here.
    private static bool HasOpenRank(ModelInput input) => input is { Type: not null, Dims: null };

    private static bool IsRangeGiven(LatencyRequest request, string name) => request.Inputs.Any(said => said.Name == name && said.High is not null);
}
