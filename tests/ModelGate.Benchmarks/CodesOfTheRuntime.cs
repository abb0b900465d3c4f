using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.Models.Onnx;
using ModelGate.TestModels;

namespace ModelGate.Benchmarks;

/// <summary>A hundred million fuzzed values through our conversions and through ONNX Runtime's own operators: every bit has to be the same.</summary>
internal static class CodesOfTheRuntime
{
    private const int Rows = 1000, Columns = 1000, Rounds = 100;

    /// <summary>Compares; 0 where all agree.</summary>
    public static int Run(TextWriter output)
    {
        long wrong = 0;
        using var cast = Session(DataTypes.Float16, graph => graph.Node("Cast", "x", "y", Onnx.Attribute("to", (long)ElementTypes.NumberOf(DataTypes.Float16))));
        using var brain = Session(DataTypes.BFloat16, graph => graph.Node("Cast", "x", "y", Onnx.Attribute("to", (long)ElementTypes.NumberOf(DataTypes.BFloat16))));
        using var rows = Session(DataTypes.Int8, graph => Quantize(graph, axis: 0), "scale");
        using var columns = Session(DataTypes.Int8, graph => Quantize(graph, axis: 1), "scale");
        for (int round = 0; round < Rounds; round++)
        {
            var values = Fuzzed(new Random(round));
            wrong += Halves(cast, values);
            wrong += Brains(brain, values);
            wrong += Codes(rows, values, byRow: true);
            wrong += Codes(columns, values, byRow: false);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fp16, bf16, int8 by row, int8 by column: {(long)Rows * Columns * Rounds:N0} fuzzed values each, {wrong} of them unlike the runtime's"));
        return wrong == 0 ? 0 : 1;
    }

    private static long Halves(InferenceSession cast, float[] values)
    {
        var halves = new ushort[values.Length];
        HalfPrecision.TryNarrow(values, halves);
        var theirs = MemoryMarshal.Cast<byte, ushort>(Of(cast, ("x", values, [Rows, Columns])));
        long wrong = 0;
        for (int index = 0; index < values.Length; index++)
        {
            float magnitude = MathF.Abs(values[index]);
            int sign = values[index] < 0 ? 0x8000 : 0;
            int right = magnitude > 65504 ? 0x7BFF | sign : magnitude is > 0 and < 5.9604645E-8f ? 1 | sign : theirs[index];
            if (halves[index] != right)
                wrong++;
        }

        return wrong;
    }

    // No value here is so large that it would round to infinity.
    private static long Brains(InferenceSession cast, float[] values)
    {
        var brains = new ushort[values.Length];
        BrainFloat.TryNarrow(values, brains);
        var theirs = MemoryMarshal.Cast<byte, ushort>(Of(cast, ("x", values, [Rows, Columns])));
        long wrong = 0;
        for (int index = 0; index < values.Length; index++)
        {
            if (brains[index] != theirs[index])
                wrong++;
        }

        return wrong;
    }

    private static long Codes(InferenceSession quantize, float[] values, bool byRow)
    {
        var codes = new sbyte[values.Length];
        var scales = new float[byRow ? Rows : Columns];
        if (byRow)
        {
            for (int row = 0; row < Rows; row++)
            {
                var weights = values.AsSpan(row * Columns, Columns);
                scales[row] = ChannelCodes.Scale(ChannelCodes.AbsMax(weights));
                ChannelCodes.Quantize(weights, scales[row], codes.AsSpan(row * Columns));
            }
        }
        else
        {
            var largest = new int[Columns];
            for (int row = 0; row < Rows; row++)
                ChannelColumns.RaiseAbsMax(values.AsSpan(row * Columns, Columns), largest);
            for (int column = 0; column < Columns; column++)
                scales[column] = ChannelCodes.Scale(ChannelCodes.Finite(largest[column]));
            float[] inverses = ChannelColumns.Inverses(scales);
            for (int row = 0; row < Rows; row++)
                ChannelColumns.Quantize(values.AsSpan(row * Columns, Columns), scales, inverses, codes.AsSpan(row * Columns));
        }

        var theirs = Of(quantize, ("x", values, [Rows, Columns]), ("scale", scales, [scales.Length]));
        long wrong = 0;
        for (int index = 0; index < codes.Length; index++)
        {
            if ((byte)codes[index] != theirs[index])
                wrong++;
        }

        return wrong;
    }

    // Every round has magnitudes of its own, from denormals to the largest; a quarter of the values are ties.
    private static float[] Fuzzed(Random random)
    {
        var values = new float[Rows * Columns];
        for (int row = 0; row < Rows; row++)
        {
            int exponent = random.Next(-148, 127);
            for (int column = 0; column < Columns; column++)
            {
                float fraction = random.Next(4) switch
                {
                    0 => (random.Next(-127, 127) + 0.5f) / 127,
                    1 => BitConverter.UInt32BitsToSingle(((uint)random.NextInt64(1L << 32) & 0x807F_E000) | 0x3F00_1000),
                    _ => (random.NextSingle() * 2) - 1,
                };
                values[(row * Columns) + column] = MathF.ScaleB(fraction, exponent);
            }
        }

        return values;
    }

    private static void Quantize(OnnxGraph graph, long axis) => graph
        .Initializer(Onnx.Zeros("zero", DataTypes.Int8, axis == 0 ? Rows : Columns)).Node("QuantizeLinear", "x scale zero", "y", Onnx.Attribute("axis", axis));

    private static InferenceSession Session(DataType to, Action<OnnxGraph> nodes, params string[] others)
    {
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, "r", "c");
        foreach (string other in others)
            graph.Input(other, DataTypes.Float32, "n");
        nodes(graph);
        using var options = new SessionOptions { IntraOpNumThreads = 2 };
        return new InferenceSession(Onnx.Model(graph.Output("y", to, "r", "c")).ToArray(), options);
    }

    private static byte[] Of(InferenceSession session, params (string Name, float[] Values, long[] Shape)[] inputs)
    {
        using var options = new RunOptions();
        OrtValue[] values = [.. inputs.Select(input => OrtValue.CreateTensorValueFromMemory(input.Values, input.Shape))];
        using var outputs = session.Run(options, [.. inputs.Select(input => input.Name)], values, ["y"]);
        foreach (var value in values)
            value.Dispose();
        return outputs[0].GetTensorMutableRawData().ToArray();
    }
}
