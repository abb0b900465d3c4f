using System.Globalization;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>How large the dimensions of a model's inputs are while it runs: as the file or its weights fix them, as somebody says, as follows from others, or 1. The worker finds the same; here it is known without running anything.</summary>
internal sealed class InputSizes
{
    private readonly LatencyRequest request;
    private readonly ModelFile? beside;
    private readonly ModelInput[] inputs;
    private readonly Dictionary<string, long> known = [];

    // Names that a file says the size of: the worker learns it there.
    private readonly HashSet<string> ofFiles = [];

    /// <summary>Finds them.</summary>
    /// <param name="request">The model, and what is said of its inputs.</param>
    /// <param name="beside">A model that has to take the same inputs, and may fix what this one leaves open; null where there is none.</param>
    public InputSizes(LatencyRequest request, ModelFile? beside)
    {
        (this.request, this.beside) = (request, beside);
        inputs = [.. (request.Structure?.Inputs ?? []).DistinctBy(static input => input.Name)];
        Sums = new(inputs.ToDictionary(static input => input.Name, static input => input.Dims ?? []));
        foreach (var dimension in request.Dimensions)
            known[dimension.Name] = dimension.Size;
        foreach (var input in inputs)
            Learn(input);
    }

    /// <summary>Which dimensions follow from others.</summary>
    public DimensionSums Sums { get; }

    /// <summary>The names of those that nobody says the size of, nor of all that it is the sum of.</summary>
    public IEnumerable<string> Unknown()
    {
        foreach (var input in inputs.Where(input => Said(input)?.Data is null))
        {
            for (int axis = 0; axis < input.Dims?.Count; axis++)
            {
                string name = Sums.NameOf(input.Name, axis, input.Dims[axis]);
                if (Told(input, axis) is null && !ofFiles.Contains(name) && (Sums.Of(name) is { } sum ? !sum.Terms.All(term => known.ContainsKey(term.Name) || ofFiles.Contains(term.Name)) : Sums.Size(name, Known) is null))
                    yield return name;
            }
        }
    }

    /// <summary>How large a dimension is, by its name.</summary>
    public long SizeOf(string name) => Sums.Size(name, Known) ?? 1;

    /// <summary>The shape that an input is made in, with nothing for a dimension that rests on a file; null where a file says all of it, and of an input that the model does not have or that has an open rank.</summary>
    public IReadOnlyList<long?>? ShapeOf(string name) => Array.Find(inputs, input => input.Name == name) is { Dims: { } dims } input && Said(input)?.Data is null
        ? [.. dims.Select((declared, axis) => Told(input, axis) ?? (Sums.NameOf(name, axis, declared) is var dimension && RestsOnFile(dimension) ? null : SizeOf(dimension)))]
        : null;

    private static long? Number(string size) => long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private WorkerInput? Said(ModelInput input) => request.Inputs.FirstOrDefault(said => said.Name == input.Name);

    private long? Known(string name) => known.TryGetValue(name, out long size) ? size : null;

    private bool RestsOnFile(string name) => ofFiles.Contains(name) || (Known(name) is null && Sums.Of(name)?.Terms.Any(term => ofFiles.Contains(term.Name)) == true);

    // What the other model fixes of a dimension that this one leaves open.
    private long? Fixed(ModelInput input, int axis) =>
        beside?.Inputs.FirstOrDefault(other => other.Name == input.Name)?.Dims is { } others && others.Count == input.Dims!.Count ? Number(others[axis]) : null;

    // In the order of the worker: the file, the other model, what is said of this input, what is said of the name, the weights.
    private long? Told(ModelInput input, int axis) => Number(input.Dims![axis])
        ?? Fixed(input, axis)
        ?? (Said(input)?.Shape is { } said && said.Count == input.Dims.Count ? Number(said[axis]) ?? Known(said[axis]) : null)
        ?? Known(Sums.NameOf(input.Name, axis, input.Dims[axis]))
        ?? (input.Sizes?[axis] is > 0 and var size ? size : null);

    // A size that is said of one input, or fixed of it, holds for all dimensions of the same name.
    private void Learn(ModelInput input)
    {
        var said = Said(input);
        for (int axis = 0; axis < input.Dims?.Count; axis++)
        {
            if (DimensionSums.IsNumber(input.Dims[axis]))
                continue;
            string name = Sums.NameOf(input.Name, axis, input.Dims[axis]);
            if (said?.Data is not null)
                ofFiles.Add(name);
            else if (Fixed(input, axis) is { } size)
                known[name] = size;
            else if (said?.Shape?.Count == input.Dims.Count && Number(said.Shape[axis]) is { } asked)
                known[name] = asked;
        }
    }
}
