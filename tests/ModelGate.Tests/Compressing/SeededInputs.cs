using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Tests.Compressing;

/// <summary>Seeded values for every input that a model declares; a compressed copy of it takes the same.</summary>
internal sealed class SeededInputs : IDisposable
{
    // What a scalar is: the sampling rate of an audio model.
    private const long SamplingRate = 16000;

    private readonly Random random = new(7);

    private SeededInputs(IReadOnlyList<ModelInput> inputs, Func<string, bool, long> sizeOf)
    {
        Names = [.. inputs.Select(input => input.Name)];
        Values = [.. inputs.Select(input => Of(input, sizeOf))];
    }

    /// <summary>Names of the inputs.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Their values.</summary>
    public IReadOnlyList<OrtValue> Values { get; }

    /// <summary>Makes them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sizeOf">Size of an open dimension, from its name and whether it is the last of its input.</param>
    /// <exception cref="NotSupportedException">An input is of a kind that is not made here.</exception>
    public static SeededInputs For(string model, Func<string, bool, long> sizeOf) => new(ModelReader.Read(model).Inputs, sizeOf);

    public void Dispose()
    {
        foreach (var value in Values) value.Dispose();
    }

    private OrtValue Of(ModelInput input, Func<string, bool, long> sizeOf)
    {
        if (input is not { Type: { } type, Dims: { } dims } || type == DataTypes.String) throw new NotSupportedException($"{input.Name} is no tensor of numbers");
        long[] shape = [.. dims.Select((dim, index) => long.TryParse(dim, out var size) ? size : sizeOf(dim, index == dims.Count - 1))];
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)ElementTypes.NumberOf(type), shape);
        var bytes = value.GetTensorMutableRawData();
        if (type == DataTypes.Float32) Fill(bytes, () => random.NextSingle() - 0.5f);
        else if (type == DataTypes.Float16) Fill(bytes, () => (Half)(random.NextSingle() - 0.5f));
        else if (type == DataTypes.Int64) Fill(bytes, () => Whole(input, shape));
        else if (type == DataTypes.Int32) Fill(bytes, () => (int)Whole(input, shape));
        else random.NextBytes(bytes);
        return value;
    }

    private long Whole(ModelInput input, long[] shape) => input.Rows is { } rows ? random.NextInt64(rows) : shape.Length == 0 ? SamplingRate : random.Next(2);

    private static void Fill<T>(Span<byte> bytes, Func<T> next) where T : unmanaged
    {
        foreach (ref var element in MemoryMarshal.Cast<byte, T>(bytes)) element = next();
    }
}
