namespace ModelGate.Models;

/// <summary>A model format, told by content and never by file extension.</summary>
public enum ModelFormat
{
    /// <summary>ONNX protobuf.</summary>
    Onnx,

    /// <summary>ONNX Runtime's flatbuffer format (.ort).</summary>
    OrtFormat,

    /// <summary>safetensors.</summary>
    Safetensors,

    /// <summary>GGUF.</summary>
    Gguf,

    /// <summary>TensorFlow Lite flatbuffer.</summary>
    TensorFlowLite,

    /// <summary>Another kind of model file (PyTorch, Keras, ML.NET, Core ML, …): only its size is known.</summary>
    Other,
}

/// <summary>Where in the file a tensor is stored.</summary>
public enum Place
{
    /// <summary>An initializer of a graph or subgraph.</summary>
    Initializer,

    /// <summary>A sparse initializer or sparse constant; elements are stored values.</summary>
    Sparse,

    /// <summary>The value of a Constant node.</summary>
    Constant,

    /// <summary>A tensor in the body of a local function; counted once per definition.</summary>
    Function,

    /// <summary>Training information; never part of the deployed model's figures.</summary>
    Training,

    /// <summary>A list attribute of a classical operator (ai.onnx.ml).</summary>
    Attribute,

    /// <summary>Scales or zero points that the format keeps with a quantized tensor.</summary>
    Quantization,
}

/// <summary>Where the bytes of a tensor lie as one run.</summary>
/// <param name="File">Full path of the file; null for the model's own.</param>
/// <param name="Offset">Where they begin in the file.</param>
/// <param name="Length">How many they are.</param>
public sealed record DataRange(string? File, long Offset, long Length);

/// <summary>What a tensor is for, told by the operator input it feeds.</summary>
public enum Role
{
    /// <summary>A learned weight.</summary>
    Weight,

    /// <summary>A learned bias.</summary>
    Bias,

    /// <summary>A learned scale or shift of a normalization.</summary>
    Normalization,

    /// <summary>A running mean or variance: stored, not learned by gradient, not a parameter.</summary>
    Statistic,

    /// <summary>A learned embedding table.</summary>
    Embedding,

    /// <summary>A quantization scale; not a parameter.</summary>
    Scale,

    /// <summary>A quantization zero point; not a parameter.</summary>
    ZeroPoint,

    /// <summary>An integer constant of shapes, axes and indices; not a parameter.</summary>
    Index,

    /// <summary>A constant of the computation; not a parameter.</summary>
    Constant,
}

/// <summary>One stored tensor, named as the file names it.</summary>
/// <param name="Name">Name in the file (untrusted text); made up from its node where the file gives none.</param>
/// <param name="Type">Element type as stored.</param>
/// <param name="Dims">Dimensions as declared; empty for a scalar.</param>
/// <param name="Elements">Stored elements; for sparse tensors the stored values.</param>
/// <param name="Bytes">Bytes that the elements take as stored, external data included.</param>
/// <param name="Place">Where it is stored.</param>
/// <param name="Graph">The graph or function that holds it; empty for the main graph.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Layer">Name of the node that uses it first; empty where none does.</param>
/// <param name="Operator">Operator of that node; empty where none uses it.</param>
public sealed record Tensor(
    string Name, DataType Type, IReadOnlyList<long> Dims, long Elements, long Bytes,
    Place Place, string Graph, Role Role, string Layer, string Operator)
{
    /// <summary>Logical values it holds where that differs from <see cref="Elements"/>: packed sub-byte weights hold several per stored byte.</summary>
    public long LogicalElements { get; init; } = Elements;

    /// <summary>Where an ONNX file says its values, for those that are not one run of bytes; null where no message of the file holds them all, and in other formats.</summary>
    internal Onnx.ValueMessage? Message { get; init; }

    /// <summary>Where its values lie; null where they are not stored as they are in one run of bytes.</summary>
    public DataRange? Data { get; init; }

    /// <summary>True where its values are learned and count as parameters.</summary>
    public bool IsParameter => Place != Place.Training && Role is Role.Weight or Role.Bias or Role.Normalization or Role.Embedding;
}

/// <summary>A file of external data that a model refers to.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Length">Length in bytes.</param>
public sealed record ExternalFile(string Path, long Length)
{
    /// <summary>SHA-1 of the file as the model says it, in hexadecimal digits; null where it does not. Checked where the bytes are read.</summary>
    public string? Checksum { get; init; }
}

/// <summary>An input of the model as the file declares it.</summary>
/// <param name="Name">Name in the file (untrusted text).</param>
/// <param name="Type">Element type of a tensor input; null for sequences, maps and optionals.</param>
/// <param name="Dims">One per dimension: a number, a symbolic name, or "?"; null where the rank is open.</param>
public sealed record ModelInput(string Name, DataType? Type, IReadOnlyList<string>? Dims)
{
    /// <summary>Rows of the table that its values index, so that they must lie below it; null where it indexes none.</summary>
    public long? Rows { get; init; }

    /// <summary>Sizes that the weights fix where the file leaves a dimension open, such as the channels of a convolution; one per dimension, 0 where they fix none. Null where they fix none at all.</summary>
    public IReadOnlyList<long>? Sizes { get; init; }
}

/// <summary>What reading a model's structure yields.</summary>
/// <param name="Path">Path as it was asked for.</param>
/// <param name="Format">Its format.</param>
/// <param name="Length">Length of the model file itself, in bytes.</param>
/// <param name="Tensors">Every stored tensor, in file order; empty where <see cref="IsWeighable"/> is false.</param>
/// <param name="ExternalFiles">The files of external data, each once.</param>
/// <param name="Notes">What was not counted or looked odd, and why.</param>
public sealed record ModelFile(
    string Path, ModelFormat Format, long Length, IReadOnlyList<Tensor> Tensors,
    IReadOnlyList<ExternalFile> ExternalFiles, IReadOnlyList<Diagnostic> Notes)
{
    private readonly Lazy<IReadOnlyList<ModelInput>>? inputs;

    /// <summary>Its inputs, initializers excluded; worked out when first asked for, since only running a model needs them.</summary>
    public IReadOnlyList<ModelInput> Inputs => inputs?.Value ?? [];

    private readonly Lazy<LayerGraph>? layers;

    /// <summary>Its layers; null where the format does not tell. Worked out when first asked for.</summary>
    public LayerGraph? Layers => layers?.Value;

    /// <summary>Works out <see cref="Layers"/>.</summary>
    internal Func<LayerGraph> FindLayers { init => layers = new(value); }

    /// <summary>Works out <see cref="Inputs"/>.</summary>
    internal Func<IReadOnlyList<ModelInput>> FindInputs { init => inputs = new(value); }

    /// <summary>True where the format's tensors are read; false where only sizes on disk are known.</summary>
    public bool IsWeighable => Format != ModelFormat.Other;

    /// <summary>Bytes of the model file and its external data together.</summary>
    public long SizeOnDisk => Length + ExternalFiles.Sum(static file => file.Length);

    /// <summary>Which file it is and why its tensors are not read, for a sentence; null where they are.</summary>
    public string? WhyNotWeighable => IsWeighable ? null : $"{System.IO.Path.GetFileName(Path)}: {Notes[0].Message}";

    /// <summary>An operator that needs code which no runtime brings along, as <c>domain.Name</c>; null where there is none.</summary>
    public string? ForeignOperator { get; init; }
}

/// <summary>A model cannot be read; the message says why, at which offset, and what to do.</summary>
public sealed class ModelException : Exception
{
    /// <summary>Names the kind of fault and tells it in one line.</summary>
    public ModelException(DiagnosticKind kind, string message, Exception? inner = null) : base(message, inner) => Kind = kind;

    /// <summary>Which diagnostic this is.</summary>
    public DiagnosticKind Kind { get; }

    /// <summary>What to tell of the model at a path, with the next step.</summary>
    public Diagnostic At(string path) => new(Kind, new SourceLocation(path), $"{Message}. Next: {Kind.Fix}");
}
