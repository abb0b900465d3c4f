using ModelGate.Measuring;
using ModelGate.Models;

namespace ModelGate.Reporting;

/// <summary>What <c>modelgate inspect</c> tells of one model.</summary>
/// <param name="Model">Its structure.</param>
/// <param name="Metrics">What was measured of it.</param>
public sealed record Inspection(ModelFile Model, IReadOnlyList<Measurement.Exact> Metrics)
{
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
