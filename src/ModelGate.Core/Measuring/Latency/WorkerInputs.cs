using System.Globalization;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>Puts together what is known of a model's inputs: what the policy says, and the ranges that the model's tables allow.</summary>
internal static class WorkerInputs
{
    /// <summary>What the worker is told where a baseline has to take the same inputs: where the policy says nothing, indices stay within both models' tables.</summary>
    public static IReadOnlyList<WorkerInput> Of(LatencyRequest request, ModelFile? baseline) =>
        [.. Of(request).Select(told => baseline?.Inputs.FirstOrDefault(input => input.Name == told.Name)?.Rows is { } rows && !IsRangeGiven(request, told.Name) && !(told.High < rows) ? told with { High = rows - 1 } : told)];

    /// <summary>
    /// A model and its baseline, each to be run in processes of its own, on inputs of the same shapes: what one of the two leaves open is as large as the
    /// other fixes it, or as is said of the model's names. What both fix stays as each has it.
    /// </summary>
    public static (LatencyRequest Model, LatencyRequest Baseline) OfEach(LatencyRequest request, BaselineModel baseline)
    {
        var other = request with { Model = baseline.Path, Structure = baseline.Structure };
        if (request.Structure is null || baseline.Structure is null)
            return (request, other);
        var sizes = new InputSizes(request, baseline.Structure);
        WorkerInput[] ours = [.. request.Structure.Inputs.Select(input => Shaped(request, input, sizes, baseline.Structure)).OfType<WorkerInput>()], theirs = [.. baseline.Structure.Inputs.Select(input => Shaped(request, input, sizes, null)).OfType<WorkerInput>()];
        return (request with { Inputs = [.. ours, .. Unshaped(ours)] }, other with { Inputs = [.. theirs, .. Unshaped(theirs)], Dimensions = [] });

        IEnumerable<WorkerInput> Unshaped(WorkerInput[] shaped) => request.Inputs.Where(said => !Array.Exists(shaped, one => one.Name == said.Name));
    }

    // Of the model only what the baseline fixes, so that names keep their meaning; of the baseline all that it leaves open, but for what its worker reads from a file as well.
    private static WorkerInput? Shaped(LatencyRequest request, ModelInput input, InputSizes sizes, ModelFile? fixing)
    {
        if (input.Dims is not { } dims || sizes.ShapeOf(input.Name) is not { } shape || shape.Count != dims.Count)
            return null;
        var said = request.Inputs.FirstOrDefault(one => one.Name == input.Name) ?? new(input.Name, null, null, null, null);
        if (said.Shape is { } asked && asked.Count != dims.Count)
            return null; // the worker says what is wrong with it
        if (fixing is null)
            return said with { Shape = [.. dims.Zip(shape, static (declared, size) => DimensionSums.IsNumber(declared) ? declared : size?.ToString(CultureInfo.InvariantCulture) ?? declared)] };
        var others = fixing.Inputs.FirstOrDefault(other => other.Name == input.Name)?.Dims;
        if (others?.Count != dims.Count || !dims.Zip(others).Any(static pair => !DimensionSums.IsNumber(pair.First) && DimensionSums.IsNumber(pair.Second)))
            return null;
        return said with { Shape = [.. dims.Select((declared, axis) => !DimensionSums.IsNumber(declared) && DimensionSums.IsNumber(others[axis]) ? others[axis] : said.Shape?[axis] ?? declared)] };
    }

    /// <summary>What the worker is told.</summary>
    public static IReadOnlyList<WorkerInput> Of(LatencyRequest request)
    {
        List<WorkerInput> told = [];
        foreach (var said in request.Inputs)
        {
            var declared = request.Structure?.Inputs.FirstOrDefault(input => input.Name == said.Name);
            double? rows = declared?.Rows;
            told.Add(said with { Low = said.Low ?? (rows is null ? null : 0), High = said.High ?? rows - 1, HasOpenRank = declared is not null && HasOpenRank(declared), Sizes = declared?.Sizes });
        }

        foreach (var input in request.Structure?.Inputs ?? [])
        {
            if ((input.Rows is not null || input.Sizes is not null || HasOpenRank(input)) && !request.Inputs.Any(said => said.Name == input.Name))
                told.Add(new(input.Name, null, null, input.Rows is null ? null : 0, input.Rows - 1) { HasOpenRank = HasOpenRank(input), Sizes = input.Sizes });
        }

        return told;
    }

    // Sequences, maps and optionals have no type of their own here.
    private static bool HasOpenRank(ModelInput input) => input is { Type: not null, Dims: null };

    private static bool IsRangeGiven(LatencyRequest request, string name) => request.Inputs.Any(said => said.Name == name && said.High is not null);
}
