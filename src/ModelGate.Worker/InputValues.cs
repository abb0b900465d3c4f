using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Values of inputs: random but always the same, of any type that has elements of whole bytes.</summary>
/// <param name="seed">Seed of random values.</param>
internal sealed class InputValues(int seed)
{
    private readonly Random random = new(seed);
    private readonly List<(string Name, long Low, long High)> invented = [];

    /// <summary>Inputs of integers and truth values that nobody said anything of, with the range they were taken from.</summary>
    public IReadOnlyList<(string Name, long Low, long High)> Invented => invented;

    /// <summary>A tensor of values; null for a type that cannot be made.</summary>
    /// <param name="name">Name of the input.</param>
    /// <param name="type">Type of its elements.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="input">What is said of it; null where nothing is.</param>
    public OrtValue? Of(string name, TensorElementType type, long[] shape, WorkerInput? input) =>
        type == TensorElementType.String ? Strings(shape, (int)shape.Aggregate(1L, static (product, size) => product * size)) : Numbers(name, type, shape, input);

    private static OrtValue Strings(long[] shape, int elements)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        for (int i = 0; i < elements; i++)
            value.StringTensorSetElementAt("text".AsSpan(), i);
        return value;
    }

    private OrtValue? Numbers(string name, TensorElementType type, long[] shape, WorkerInput? input)
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
                return null;
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
        long from = (long)(low ?? ((elements == 1 || IsMask(name)) && high is null ? 1 : 0)), to = (long)(high ?? Math.Max(1, from));
        if (low is null && high is null)
            invented.Add((name, from, to));
        return () => random.NextInt64(from, to == long.MaxValue ? to : to + 1);
    }

    // What apps feed that hide nothing: with zeros here and there some operators read a length off it that there is not. TensorFlow puts
    // the number of an output behind the name; a global mask of ones would make every token a global one, which apps do not.
    private static bool IsMask(string name) => (name.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? name[..colon] : name) is var plain
        && (plain is "pixel_mask" or "input_mask" || (plain.EndsWith("attention_mask", StringComparison.Ordinal) && !plain.EndsWith("global_attention_mask", StringComparison.Ordinal)));

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
}
