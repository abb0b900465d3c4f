using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
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

    private readonly Random random = new(seed);
    private readonly Dictionary<string, long> symbols = dimensions.ToDictionary(static dimension => dimension.Name, static dimension => dimension.Size);
    private readonly HashSet<string> openNames = [];
    private readonly List<string> assumed = [];
    private readonly List<string> openRanks = [];
    private readonly List<string> invented = [];
    private readonly Dictionary<string, NumpyArray> arrays = [];

    /// <summary>Inputs, written as in a policy, with the names (or a question mark) of the dimensions that were set to 1 because nobody said what they are; empty where there were none. An input of unknown rank, which was fed as a scalar, has a question mark.</summary>
    public string Assumed => string.Join(", ", assumed);

    /// <summary>What to say of inputs that were fed as scalars because nobody said how many dimensions they have; empty where there were none.</summary>
    public string OfRanks => openRanks.Count == 0 ? "" : $" and {string.Join(", ", openRanks)} fed as a scalar, because the model does not say how many dimensions it has";

    /// <summary>Inputs, written as in a policy, of integers and truth values that nobody said anything of, with the range they were taken from; empty where there were none.</summary>
    public string Invented => string.Join(", ", invented);

    /// <summary>One value per input, in the session's order.</summary>
    /// <exception cref="WorkerException">MG4009: an input cannot be made.</exception>
    public OrtValue[] Make(InferenceSession session)
    {
        foreach (var input in given)
        {
            if (!session.InputMetadata.TryGetValue(input.Name, out var metadata))
                throw new WorkerException("MG4009", $"the model has no input '{input.Name}'; it has {string.Join(", ", session.InputMetadata.Keys)}");
            Learn(input.Data is null ? input : FromFile(input, input.Data), metadata);
        }

        OrtValue[] values = [.. session.InputMetadata.Select(input => Make(input.Key, input.Value))];
        if (dimensions.FirstOrDefault(dimension => !openNames.Contains(dimension.Name)) is { } unknown)
            throw new WorkerException("MG4009", $"no input has an open dimension '{unknown.Name}'; {(openNames.Count == 0 ? "none has a name" : "there are " + string.Join(", ", openNames.Order(StringComparer.Ordinal)))}. A dimension gets a name under `inputs:`, as in {{ shape: [1, {unknown.Name}] }}, or with `--shape INPUT=1,{unknown.Name}`");
        return values;
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
            if (metadata.SymbolicDimensions[i].Length > 0)
                symbols[metadata.SymbolicDimensions[i]] = size;
        }
    }

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
        var values = Of(name, metadata.ValueMetadata.ElementDataType, [1], given.FirstOrDefault(one => one.Name == name));
        return OrtValue.CreateMap(ref keys, ref values);
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

    private OrtValue Of(string name, TensorElementType type, long[] shape, WorkerInput? input) =>
        type == TensorElementType.String ? Strings(shape, (int)shape.Aggregate(1L, static (product, size) => product * size)) : Numbers(name, type, shape, input);

    private long[] Shape(string name, NodeMetadata metadata, WorkerInput? input)
    {
        if (metadata.Dimensions.Length == 0)
        {
            // A scalar, or a rank that only the policy can tell.
            if (input is { HasOpenRank: true, Shape: null })
            {
                openRanks.Add(name);
                assumed.Add($"{Key(name)}: {{ shape: [?] }}");
            }

            return [.. (input?.Shape ?? []).Select(size => Number(size) ?? Named(size) ?? Open)];
        }

        long[] shape = new long[metadata.Dimensions.Length];
        bool open = false;
        string[] written = new string[shape.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            long? known = metadata.Dimensions[i] >= 0 ? metadata.Dimensions[i]
                : input?.Shape is not { } asked ? Named(metadata.SymbolicDimensions[i])
                : Number(asked[i]) ?? Named(asked[i]) ?? Named(metadata.SymbolicDimensions[i]);
            shape[i] = known ?? Open;
            written[i] = known is { } size ? size.ToString(CultureInfo.InvariantCulture) : metadata.SymbolicDimensions[i] is { Length: > 0 } symbol ? symbol : "?";
            open |= known is null;
        }

        if (open)
            assumed.Add($"{Key(name)}: {{ shape: [{string.Join(", ", written)}] }}");
        return shape;
    }

    private long? Named(string symbol)
    {
        if (symbol.Length == 0)
            return null;
        openNames.Add(symbol);
        return symbols.TryGetValue(symbol, out long size) ? size : null;
    }

    private static OrtValue Strings(long[] shape, int elements)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (int i = 0; i < elements; i++)
            value.StringTensorSetElementAt("text".AsSpan(), i);
        return value;
    }

    private OrtValue Numbers(string name, TensorElementType type, long[] shape, WorkerInput? input)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
        var bytes = value.GetTensorMutableRawData();
        double? low = input?.Low, high = input?.High;
        switch (type)
        {
            case TensorElementType.Float: Fill<float>(bytes, () => (float)Real(low, high)); break;
            case TensorElementType.Double: Fill<double>(bytes, () => Real(low, high)); break;
            case TensorElementType.Float16: Fill<Half>(bytes, () => (Half)Real(low, high)); break;
            // The upper half of a float32 is a bfloat16.
            case TensorElementType.BFloat16: Fill<ushort>(bytes, () => (ushort)(BitConverter.SingleToUInt32Bits((float)Real(low, high)) >> 16)); break;
            case TensorElementType.Int64: Fill<long>(bytes, Whole(name, low, high, bytes.Length / sizeof(long))); break;
            case TensorElementType.Int32: Fill<int>(bytes, Narrow<int>(name, low, high, bytes.Length / sizeof(int))); break;
            case TensorElementType.Int16: Fill<short>(bytes, Narrow<short>(name, low, high, bytes.Length / sizeof(short))); break;
            case TensorElementType.Int8: Fill<sbyte>(bytes, Narrow<sbyte>(name, low, high, bytes.Length)); break;
            case TensorElementType.UInt64: Fill<ulong>(bytes, Narrow<ulong>(name, low, high, bytes.Length / sizeof(ulong))); break;
            case TensorElementType.UInt32: Fill<uint>(bytes, Narrow<uint>(name, low, high, bytes.Length / sizeof(uint))); break;
            case TensorElementType.UInt16: Fill<ushort>(bytes, Narrow<ushort>(name, low, high, bytes.Length / sizeof(ushort))); break;
            case TensorElementType.UInt8: Fill<byte>(bytes, Narrow<byte>(name, low, high, bytes.Length)); break;
            case TensorElementType.Bool: Fill<byte>(bytes, Choices(name, low, high, bytes.Length)); break;
            default:
                value.Dispose();
                throw new WorkerException("MG4009", $"'{name}' has elements of type {TypeName(type)}, which ModelGate cannot make");
        }

        return value;
    }

    private static void Fill<T>(Span<byte> bytes, Func<T> next) where T : unmanaged
    {
        foreach (ref var element in MemoryMarshal.Cast<byte, T>(bytes))
            element = next();
    }

    private double Real(double? low, double? high) => (low ?? 0) + (random.NextDouble() * ((high ?? 1) - (low ?? 0)));

    // Without a range only 0 and 1 are safe for indices, masks and lengths alike; a single element is 1, since a length or a mask of 0 leaves nothing to do.
    private Func<long> Whole(string name, double? low, double? high, int elements)
    {
        long from = (long)(low ?? (elements == 1 && high is null ? 1 : 0)), to = (long)(high ?? Math.Max(1, from));
        if (low is null && high is null)
            invented.Add($"{Key(name)}: {{ range: [{from}, {to}] }}");
        return () => random.NextInt64(from, to == long.MaxValue ? to : to + 1);
    }

    private Func<T> Narrow<T>(string name, double? low, double? high, int elements) where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var whole = Whole(name, low, high, elements);
        return () => T.CreateSaturating(whole());
    }

    // True and false, as 1 and 0: one alone mostly decides which branch of a model runs.
    private Func<byte> Choices(string name, double? low, double? high, int elements)
    {
        var whole = Whole(name, low, high, elements);
        return () => whole() == 0 ? (byte)0 : (byte)1;
    }

    // As a key of YAML: plain where that cannot be read as anything else.
    private static string Key(string name) => name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && !name.EndsWith(':') && name.AsSpan().IndexOfAny(NotPlain) < 0
        ? name
        : $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static long? Number(string size) =>
        long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string TypeName(TensorElementType type) => type switch
    {
        TensorElementType.Float => "float32",
        TensorElementType.Double => "float64",
        _ => type.ToString().ToLowerInvariant(),
    };
}
