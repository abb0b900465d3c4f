using System.Buffers;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Makes inputs of the shapes and types a model declares, seeded so that every restart runs on the same.</summary>
/// <param name="given">How inputs are to be made, where the policy says.</param>
/// <param name="seed">Seed of random values.</param>
/// <param name="dimensions">Sizes of open dimensions, by the names that the model or the shapes given have for them.</param>
internal sealed class InputMaker(IReadOnlyList<WorkerInput> given, int seed, IReadOnlyList<WorkerDimension> dimensions)
{
    // What a symbolic dimension is where nobody says; a policy says it for one input and means all that share the name.
    private const long Open = 1;
    private const long MostElements = 1L << 27;

    private static readonly SearchValues<char> NotPlain = SearchValues.Create(" ,[]{}#\"'\\");

    private readonly InputValues values = new(seed);
    private readonly Dictionary<string, long> symbols = dimensions.ToDictionary(static dimension => dimension.Name, static dimension => dimension.Size);
    private readonly HashSet<string> openNames = [];
    private readonly List<OpenInput> open = [];
    private readonly List<string> openRanks = [];
    private readonly SortedDictionary<string, DimensionSum> derived = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NumpyArray> arrays = [];
    private DimensionSums sums = new(new Dictionary<string, IReadOnlyList<string>>());

    /// <summary>Inputs, written as in a policy, with the names (or a question mark) of the dimensions that were set to 1 because nobody said what they are; empty where there were none. An input of unknown rank, which was fed as a scalar, has a question mark. Who says a size once has said it of every dimension of that name.</summary>
    public string Assumed
    {
        get
        {
            HashSet<string> told = [];
            // First those that need nothing but what they name; of the others some then follow.
            return string.Join(", ", open.OrderBy(static input => input.Follows).Where(AsksForMore).Select(static input => input.Text));

            bool AsksForMore(OpenInput input)
            {
                int before = told.Count;
                told.UnionWith(input.Names);
                return told.Count > before || input.Names.Count == 0;
            }
        }
    }

    /// <summary>What to say of the dimensions that follow from others; empty where there are none.</summary>
    public string OfSums => derived.Count == 0 ? "" : $" ({string.Join(", ", derived.Select(static pair => $"{pair.Key} is {pair.Value.Text}"))})";

    /// <summary>What to say of inputs that were fed as scalars because nobody said how many dimensions they have; empty where there were none.</summary>
    public string OfRanks => openRanks.Count == 0 ? "" : $" and {string.Join(", ", openRanks)} fed as a scalar, because the model does not say how many dimensions it has";

    /// <summary>Inputs, written as in a policy, of integers and truth values that nobody said anything of, with the range they were taken from; empty where there were none.</summary>
    public string Invented => string.Join(", ", values.Invented.Select(static one => $"{Key(one.Name)}: {{ range: [{one.Low}, {one.High}] }}"));

    /// <summary>One value per input, in the session's order.</summary>
    /// <exception cref="WorkerException">MG4009: an input cannot be made.</exception>
    public OrtValue[] Make(InferenceSession session)
    {
        sums = new(session.InputMetadata.ToDictionary(static input => input.Key, static input => Dims(input.Value)));
        foreach (var input in given)
        {
            if (!session.InputMetadata.TryGetValue(input.Name, out var metadata))
                throw new WorkerException("MG4009", $"the model has no input '{input.Name}'; it has {string.Join(", ", session.InputMetadata.Keys)}");
            Learn(input.Data is null ? input : FromFile(input, input.Data), metadata);
        }

        OrtValue[] made = [.. session.InputMetadata.Select(input => Make(input.Key, input.Value))];
        if (dimensions.FirstOrDefault(dimension => !openNames.Contains(dimension.Name)) is { } unknown)
            throw new WorkerException("MG4009", $"no input has an open dimension '{unknown.Name}'; {(openNames.Count == 0 ? "none has a name" : "there are " + string.Join(", ", openNames.Order(StringComparer.Ordinal)))}. A dimension gets a name under `inputs:`, as in {{ shape: [1, {unknown.Name}] }}, or with `--shape INPUT=1,{unknown.Name}`");
        return made;
    }

    private WorkerInput FromFile(WorkerInput input, string path)
    {
        var array = arrays[input.Name] = NumpyArray.Read(path, input.Name);
        return input with { Shape = [.. array.Shape.Select(static size => size.ToString(CultureInfo.InvariantCulture))] };
    }

    private void Learn(WorkerInput input, NodeMetadata declared)
    {
        if (input.Shape is null || TensorOf(declared) is not { } metadata)
            return;
        if (metadata.Dimensions.Length > 0 && input.Shape.Count != metadata.Dimensions.Length)
            throw new WorkerException("MG4009", $"'{input.Name}' has {metadata.Dimensions.Length} dimensions in the model and {input.Shape.Count} under `inputs:`");
        for (int i = 0; i < metadata.Dimensions.Length; i++)
        {
            if (Number(input.Shape[i]) is not { } size)
                continue;
            if (metadata.Dimensions[i] >= 0 && metadata.Dimensions[i] != size)
                throw new WorkerException("MG4009", $"dimension {i} of '{input.Name}' is {metadata.Dimensions[i]} in the model and {size} under `inputs:`");
            if (metadata.Dimensions[i] < 0)
                Learn(input.Name, i, metadata.SymbolicDimensions[i], size);
        }
    }

    // What a sweep or an option says of a name is what somebody wants to know of; fixed by a shape it would change nothing.
    private void Learn(string input, int axis, string declared, long size)
    {
        string name = sums.NameOf(input, axis, declared);
        if (dimensions.FirstOrDefault(dimension => dimension.Name == name) is { } fixedSize && fixedSize.Size != size)
            throw new WorkerException("MG4009", $"dimension '{name}' is to be {fixedSize.Size}, but a shape that is said of '{input}', or the model it is compared with, fixes it at {size}");
        symbols[name] = size;
    }

    private static IReadOnlyList<string> Dims(NodeMetadata metadata) => TensorOf(metadata) is { } tensor
        ? [.. tensor.Dimensions.Zip(tensor.SymbolicDimensions, static (size, symbol) => size >= 0 ? size.ToString(CultureInfo.InvariantCulture) : symbol)]
        : [];

    // The tensor whose shape is said of an input: of a sequence or an optional one that which it holds; null of a map.
    private static NodeMetadata? TensorOf(NodeMetadata metadata) => metadata.OnnxValueType switch
    {
        OnnxValueType.ONNX_TYPE_TENSOR => metadata,
        OnnxValueType.ONNX_TYPE_SEQUENCE => TensorOf(metadata.AsSequenceMetadata().ElementMeta),
        OnnxValueType.ONNX_TYPE_OPTIONAL => TensorOf(metadata.AsOptionalMetadata().ElementMeta),
        _ => null,
    };

    private OrtValue Make(string name, NodeMetadata metadata) => metadata.OnnxValueType switch
    {
        OnnxValueType.ONNX_TYPE_TENSOR => Tensor(name, metadata),
        // One element each: how many an app feeds, nobody has said.
        OnnxValueType.ONNX_TYPE_SEQUENCE => Sequence(name, metadata.AsSequenceMetadata()),
        OnnxValueType.ONNX_TYPE_OPTIONAL => Make(name, metadata.AsOptionalMetadata().ElementMeta),
        OnnxValueType.ONNX_TYPE_MAP => Map(name, metadata.AsMapMetadata()),
        _ => throw new WorkerException("MG4009", $"'{name}' is of a kind ({metadata.OnnxValueType}) that ModelGate cannot make"),
    };

    private OrtValue Sequence(string name, SequenceMetadata metadata)
    {
        List<OrtValue> elements = [];
        elements.Add(Make(name, metadata.ElementMeta)); // they belong to the sequence from here on
        return OrtValue.CreateSequence(elements);
    }

    private OrtValue Map(string name, MapMetadata metadata)
    {
        var keys = Of(name, metadata.KeyDataType, [1], new(name, null, null, 1, 1)); // nobody can say more of them
        var held = Of(name, metadata.ValueMetadata.ElementDataType, [1], given.FirstOrDefault(one => one.Name == name));
        return OrtValue.CreateMap(ref keys, ref held);
    }

    private OrtValue Tensor(string name, NodeMetadata metadata)
    {
        var input = given.FirstOrDefault(one => one.Name == name);
        if (input?.Type is { } type && type != TypeName(metadata.ElementDataType))
            throw new WorkerException("MG4009", $"'{name}' is {TypeName(metadata.ElementDataType)} in the model and {type} under `inputs:`");

        long[] shape = arrays.TryGetValue(name, out var fed) ? fed.Shape : Shape(name, metadata, input);
        if (IsTooLarge(shape))
            throw new WorkerException("MG4009", $"'{name}' of shape [{string.Join(", ", shape)}] is larger than ModelGate makes inputs");
        return arrays.TryGetValue(name, out var array) ? Copy(name, array, metadata) : Of(name, metadata.ElementDataType, shape, input);
    }

    // Stops at the first dimension that is one too many: the product of all could wrap around to a small number.
    private static bool IsTooLarge(long[] shape)
    {
        long left = MostElements;
        foreach (long size in shape)
            left = size == 0 ? left : left / size;
        return left == 0;
    }

    private static OrtValue Copy(string name, NumpyArray array, NodeMetadata metadata)
    {
        if (array.Type != metadata.ElementDataType)
            throw new WorkerException("MG4009", $"'{name}' is {TypeName(metadata.ElementDataType)} in the model and {TypeName(array.Type)} in its data");
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, array.Type, array.Shape);
        array.Data.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private OrtValue Of(string name, TensorElementType type, long[] shape, WorkerInput? input) => values.Of(name, type, shape, input)
        ?? throw new WorkerException("MG4009", $"'{name}' has elements of type {TypeName(type)}, which ModelGate cannot make");

    private long[] Shape(string name, NodeMetadata metadata, WorkerInput? input)
    {
        if (metadata.Dimensions.Length == 0)
        {
            // A scalar, or a rank that only the policy can tell.
            if (input is { HasOpenRank: true, Shape: null })
            {
                openRanks.Add(name);
                open.Add(new($"{Key(name)}: {{ shape: [?] }}", [], Follows: false));
            }

            return [.. (input?.Shape ?? []).Select(size => Number(size) ?? Named(size) ?? Open)];
        }

        long[] shape = new long[metadata.Dimensions.Length];
        string[] written = new string[shape.Length];
        List<string> unknown = [];
        bool follows = false;
        for (int i = 0; i < shape.Length; i++)
        {
            string symbol = metadata.SymbolicDimensions[i], called = metadata.Dimensions[i] >= 0 ? "" : sums.NameOf(name, i, symbol);
            long? known = metadata.Dimensions[i] >= 0 ? metadata.Dimensions[i] : Asked(input, i) ?? Named(symbol, called) ?? FixedByWeights(input, i, shape.Length);
            shape[i] = known ?? sums.Size(called, Said) ?? Open;
            written[i] = known is { } size ? size.ToString(CultureInfo.InvariantCulture) : symbol is { Length: > 0 } ? symbol : "?";
            if (known is null && sums.Of(called) is { } sum)
                (follows, derived[called]) = (true, sum);
            else if (known is null)
                unknown.Add(called);
        }

        if (unknown.Count > 0)
            open.Add(new($"{Key(name)}: {{ shape: [{string.Join(", ", written)}] }}", unknown, follows));
        return shape;
    }

    private static long? FixedByWeights(WorkerInput? input, int axis, int rank) => input?.Sizes is { } sizes && sizes.Count == rank && sizes[axis] > 0 ? sizes[axis] : null;

    private long? Asked(WorkerInput? input, int axis) => input?.Shape is { } asked ? Number(asked[axis]) ?? Named(asked[axis]) : null;

    // The size that is said of a name, or follows from sizes that are all said.
    private long? Named(string symbol, string? called = null)
    {
        if (symbol is not ("" or "?"))
            openNames.Add(symbol);
        if (Said(called ?? symbol) is { } size)
            return size;
        if (called is null)
            return null;
        var sum = sums.Of(called);
        openNames.UnionWith((sum?.Terms ?? []).Select(static term => term.Name).Where(static term => !term.StartsWith("dimension ", StringComparison.Ordinal)));
        return sum is null || sum.Terms.All(term => Said(term.Name) is not null) ? sums.Size(called, Said) : null;
    }

    private long? Said(string name) => symbols.TryGetValue(name, out long size) ? size : null;

    // As a key of YAML: plain where that cannot be read as anything else.
    private static string Key(string name) => name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && !name.EndsWith(':') && name.AsSpan().IndexOfAny(NotPlain) < 0
        ? name
        : $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static long? Number(string size) =>
        long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>An input with dimensions that nobody said the size of.</summary>
    /// <param name="Text">What to write of it, as in a policy.</param>
    /// <param name="Names">What those dimensions are called that nothing tells the size of; none of an open rank.</param>
    /// <param name="Follows">True where the size of another one follows from theirs.</param>
    private sealed record OpenInput(string Text, IReadOnlyList<string> Names, bool Follows);

    private static string TypeName(TensorElementType type) => type switch
    {
        TensorElementType.Float => "float32",
        TensorElementType.Double => "float64",
        _ => type.ToString().ToLowerInvariant(),
    };
}
