using ModelGate.Measuring;
using ModelGate.Models;

namespace ModelGate.Reporting;

/// <summary>How a model differs from another.</summary>
/// <param name="Path">The other.</param>
/// <param name="Changes">The tensors that differ, those that add most first.</param>
public sealed record InspectedDifferences(string Path, IReadOnlyList<TensorDifference> Changes);

/// <summary>What <c>modelgate inspect</c> tells of one model.</summary>
/// <param name="Model">Its structure.</param>
/// <param name="Metrics">What was measured of it.</param>
public sealed record Inspection(ModelFile Model, IReadOnlyList<Measurement.Exact> Metrics)
{
    /// <summary>True where every layer is to be listed.</summary>
    public bool ListsLayers { get; init; }

    /// <summary>What the values of its weights tell; null where they were not read.</summary>
    public WeightContent? Content { get; init; }

    /// <summary>Its weights that are stored more than once; empty where they were not read.</summary>
    public IReadOnlyList<DuplicateWeight> Duplicates { get; init; } = [];

    /// <summary>How it differs from another model; null where it was not compared.</summary>
    public InspectedDifferences? Against { get; init; }

    /// <summary>The name of a format in JSON and in headings.</summary>
    public static string Name(ModelFormat format) => format switch
    {
        ModelFormat.Onnx => "onnx",
        ModelFormat.OrtFormat => "ort",
        ModelFormat.Safetensors => "safetensors",
        ModelFormat.Gguf => "gguf",
        ModelFormat.TensorFlowLite => "tflite",
        _ => "other",
    };

    /// <summary>The name of a place in JSON.</summary>
    public static string Name(Place place) => place switch
    {
        Place.Initializer => "initializer",
        Place.Sparse => "sparse",
        Place.Constant => "constant",
        Place.Function => "function",
        Place.Training => "training",
        Place.Quantization => "quantization",
        _ => "attribute",
    };

    /// <summary>The name of a role in JSON and tables.</summary>
    public static string Name(Role role) => role switch
    {
        Role.Weight => "weight",
        Role.Bias => "bias",
        Role.Normalization => "normalization",
        Role.Statistic => "statistic",
        Role.Embedding => "embedding",
        Role.Scale => "scale",
        Role.ZeroPoint => "zero_point",
        Role.Index => "index",
        _ => "constant",
    };
}
