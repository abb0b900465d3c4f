using System.Runtime.InteropServices;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Compressing;

/// <summary>The conversions, bit for bit against the operators of the real ONNX Runtime. A hundred times as many values run in tests/ModelGate.Benchmarks, `codes`.</summary>
[TestClass]
public sealed class KernelTests
{
    private const int Count = 1 << 20;
    private const float Largest = 65504, Smallest = 5.9604645E-8f;

    [TestMethod]
    public void Float16_is_what_Cast_gives_and_its_clamp_outside()
    {
        var values = FuzzedFloats.Finite(Count, seed: 1);
        var halves = new ushort[Count];
        var cast = new ushort[Count];
        MemoryMarshal.Cast<byte, ushort>(OnnxRuntime.Run(Cast(to: DataTypes.Float16), values, Count)).CopyTo(cast);

        Assert.IsTrue(HalfPrecision.TryNarrow(values, halves));

        for (var index = 0; index < Count; index++)
        {
            var magnitude = MathF.Abs(values[index]);
            var sign = BitConverter.SingleToUInt32Bits(values[index]) >> 16 & 0x8000;
            var expected = magnitude > Largest ? (ushort)(0x7BFF | sign) : magnitude is > 0 and < Smallest ? (ushort)(1 | sign) : cast[index];
            if (halves[index] != expected) Assert.Fail($"{values[index]:R}: 0x{halves[index]:X4}, where 0x{expected:X4} is right");
        }
    }

    [TestMethod]
    public void Bfloat16_is_what_Cast_gives()
    {
        var values = FuzzedFloats.Finite(Count, seed: 2);
        var brains = new ushort[Count];
        var cast = MemoryMarshal.Cast<byte, ushort>(OnnxRuntime.Run(Cast(to: DataTypes.BFloat16), values, Count));

        Assert.IsTrue(BrainFloat.TryNarrow(values, brains));

        for (var index = 0; index < Count; index++)
        {
            if (MathF.Abs(values[index]) < 3.3895e38f && brains[index] != cast[index]) Assert.Fail($"{values[index]:R}: 0x{brains[index]:X4}, where 0x{cast[index]:X4} is right");
        }
    }

    [TestMethod]
    public void Widening_a_float16_is_exact()
    {
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits).Where(bits => (bits & 0x7C00) != 0x7C00)];
        var values = new float[all.Length];

        HalfPrecision.Widen(all, values);

        for (var index = 0; index < all.Length; index++)
            Assert.AreEqual((float)BitConverter.UInt16BitsToHalf(all[index]), values[index]);
    }

    [TestMethod]
    public void Int8_codes_of_rows_are_those_of_QuantizeLinear()
    {
        const int Rows = 512, Columns = Count / Rows;
        var values = Channels(Rows, Columns);
        var (scales, codes) = (new float[Rows], new sbyte[Count]);
        for (var row = 0; row < Rows; row++)
        {
            var weights = values.AsSpan(row * Columns, Columns);
            scales[row] = ChannelCodes.Scale(ChannelCodes.AbsMax(weights));
            ChannelCodes.Quantize(weights, scales[row], codes.AsSpan(row * Columns));
        }

        var expected = OnnxRuntime.Run(Quantize(scales, axis: 0, Rows, Columns), values, Rows, Columns);

        CollectionAssert.AreEqual(expected, MemoryMarshal.AsBytes<sbyte>(codes).ToArray());
    }

    [TestMethod]
    public void Int8_codes_of_columns_are_those_of_QuantizeLinear()
    {
        const int Rows = 1024, Columns = Count / Rows;
        var values = Channels(Rows, Columns);
        var (largest, codes) = (new int[Columns], new sbyte[Count]);
        for (var row = 0; row < Rows; row++) ChannelColumns.RaiseAbsMax(values.AsSpan(row * Columns, Columns), largest);
        float[] scales = [.. largest.Select(bits => ChannelCodes.Scale(ChannelCodes.Finite(bits)))];
        var inverses = ChannelColumns.Inverses(scales);
        for (var row = 0; row < Rows; row++) ChannelColumns.Quantize(values.AsSpan(row * Columns, Columns), scales, inverses, codes.AsSpan(row * Columns));

        var expected = OnnxRuntime.Run(Quantize(scales, axis: 1, Rows, Columns), values, Rows, Columns);

        CollectionAssert.AreEqual(expected, MemoryMarshal.AsBytes<sbyte>(codes).ToArray());
    }

    [TestMethod]
    public void What_vectors_convert_is_what_single_values_convert()
    {
        var values = FuzzedFloats.Finite(4096, seed: 4);
        var scale = ChannelCodes.Scale(ChannelCodes.AbsMax(values));
        var (halves, brains, codes) = (new ushort[values.Length], new ushort[values.Length], new sbyte[values.Length]);
        HalfPrecision.TryNarrow(values, halves);
        BrainFloat.TryNarrow(values, brains);
        ChannelCodes.Quantize(values, scale, codes);

        for (var index = 0; index < values.Length; index++)
        {
            var one = values.AsSpan(index, 1);
            var (half, brain, code) = (new ushort[1], new ushort[1], new sbyte[1]);
            HalfPrecision.TryNarrow(one, half);
            BrainFloat.TryNarrow(one, brain);
            ChannelCodes.Quantize(one, scale, code);
            Assert.AreEqual((halves[index], brains[index], codes[index]), (half[0], brain[0], code[0]), $"{values[index]:R}");
        }
    }

    [TestMethod]
    [DataRow(2048)]
    [DataRow(5000)]
    [DataRow(77)]
    public void Weighing_changes_no_code_and_sums_up_what_the_codes_do(int count)
    {
        var values = Channels(1, count);
        var scale = ChannelCodes.Scale(ChannelCodes.AbsMax(values));
        var (codes, weighed, scales, ofColumns, weighedColumns) = (new sbyte[count], new sbyte[count], new float[count], new sbyte[count], new sbyte[count]);
        for (var index = 0; index < count; index++) scales[index] = scale * (1 + index % 3);
        var (sums, sumsOfColumns, expected, expectedOfColumns) = (new RunSums(), new RunSums(), new RunSums(), new RunSums());
        ChannelCodes.Quantize(values, scale, codes);
        ChannelColumns.Quantize(values, scales, ChannelColumns.Inverses(scales), ofColumns);

        ChannelCodes.QuantizeAndWeigh(values, scale, weighed, default, ref sums);
        ChannelColumns.QuantizeAndWeigh(values, scales, ChannelColumns.Inverses(scales), weighedColumns, ref sumsOfColumns);

        CollectionAssert.AreEqual(codes, weighed);
        CollectionAssert.AreEqual(ofColumns, weighedColumns);
        for (var index = 0; index < count; index++)
        {
            expected.Add(values[index], codes[index] * scale);
            expectedOfColumns.Add(values[index], ofColumns[index] * scales[index]);
        }
        Same(expected, sums);
        Same(expectedOfColumns, sumsOfColumns);
    }

    [TestMethod]
    [DataRow(2, 40)]
    [DataRow(4, 3)]
    [DataRow(7, 1100)]
    [DataRow(9, 2077)]
    public void Channels_in_columns_are_the_same_however_many_rows_are_taken_at_once(int rows, int columns)
    {
        var values = Channels(rows, columns);
        var (largest, atOnce, codes, weighed, own) = (new int[columns], new int[columns], new sbyte[values.Length], new sbyte[values.Length], new sbyte[values.Length]);
        for (var row = 0; row < rows; row++) ChannelColumns.RaiseAbsMax(values.AsSpan(row * columns, columns), largest);
        ChannelColumns.RaiseAbsMax(values, atOnce);
        float[] scales = [.. largest.Select(bits => ChannelCodes.Scale(ChannelCodes.Finite(bits)))];
        var (inverses, sums, expected) = (ChannelColumns.Inverses(scales), new RunSums(), new RunSums());
        for (var row = 0; row < rows; row++) ChannelColumns.Quantize(values.AsSpan(row * columns, columns), scales, inverses, own.AsSpan(row * columns, columns));

        ChannelColumns.Quantize(values, scales, inverses, codes);
        ChannelColumns.QuantizeAndWeigh(values, scales, inverses, weighed, ref sums);

        CollectionAssert.AreEqual(largest, atOnce);
        CollectionAssert.AreEqual(own, codes);
        CollectionAssert.AreEqual(own, weighed);
        for (var at = 0; at < values.Length; at++)
        {
            Assert.AreEqual((sbyte)MathF.Round(values[at] / scales[at % columns]), codes[at]);
            expected.Add(values[at], codes[at] * scales[at % columns]);
        }
        Same(expected, sums);
    }

    [TestMethod]
    [DataRow(4096, 4096)]
    [DataRow(4100, 77)]
    [DataRow(77, 4100)]
    [DataRow(3, 2)]
    [DataRow(0, 40)]
    public void While_a_channel_is_converted_the_next_one_is_looked_through(int count, int next)
    {
        var (values, codes, sums) = (Channels(1, count), new sbyte[count], new RunSums());
        for (var at = 0; at < next; at++)
        {
            var ahead = new float[next];
            ahead[at] = -7;
            Assert.AreEqual(7, ChannelCodes.Quantize(values, 1, codes, ahead));
            Assert.AreEqual(7, ChannelCodes.QuantizeAndWeigh(values, 1, codes, ahead, ref sums));
            ahead[at] = float.NaN;
            Assert.IsTrue(float.IsNaN(ChannelCodes.Quantize(values, 1, codes, ahead)));
            Assert.IsTrue(float.IsNaN(ChannelCodes.QuantizeAndWeigh(values, 1, codes, ahead, ref sums)));
        }
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void What_is_not_finite_is_seen_wherever_it_stands(float odd)
    {
        for (var at = 0; at < 100; at++)
        {
            var values = new float[100];
            values[at] = odd;
            var largest = new int[100];
            ChannelColumns.RaiseAbsMax(values, largest);

            Assert.IsFalse(HalfPrecision.TryNarrow(values, new ushort[100]));
            Assert.IsFalse(BrainFloat.TryNarrow(values, new ushort[100]));
            Assert.IsTrue(float.IsNaN(ChannelCodes.AbsMax(values)));
            Assert.IsTrue(float.IsNaN(ChannelCodes.Finite(largest[at])));
        }
    }

    [TestMethod]
    public void Entropy_is_that_of_all_bytes_although_few_are_counted()
    {
        var random = new Random(5);
        var stored = new byte[1 << 21];
        for (var at = 0; at < stored.Length; at++) stored[at] = (byte)(at < 1 << 14 ? 200 + random.Next(4) : Math.Sqrt(random.Next(1 << 14)));
        var exact = stored.CountBy(value => value).Sum(count => -(double)count.Value / stored.Length * Math.Log2((double)count.Value / stored.Length));
        var (fidelity, ofFirst) = (new WeightFidelity(), new WeightFidelity());

        for (var at = 0; at < stored.Length; at += 1 << 14) fidelity.Add(new RunSums(), 1 << 14, stored.AsSpan(at, 1 << 14));
        ofFirst.Add(new RunSums(), 1 << 14, stored.AsSpan(0, 1 << 14));

        Assert.AreEqual(exact, fidelity.Entropy, 0.02);
        Assert.AreEqual(2, ofFirst.Entropy, 0.01);
    }

    [TestMethod]
    public void A_channel_of_zeros_or_denormals_has_the_scale_one()
    {
        Assert.AreEqual(1, ChannelCodes.Scale(0));
        Assert.AreEqual(1, ChannelCodes.Scale(1e-39f));
        Assert.AreEqual(0.5f, ChannelCodes.Scale(63.5f));
    }

    [TestMethod]
    [DataRow(96, 40, 32)]
    [DataRow(100, 37, 32)]
    [DataRow(17, 64, 32)]
    [DataRow(256, 48, 128)]
    [DataRow(288, 16, 128)]
    [DataRow(96, 9, 64)]
    [DataRow(200, 1100, 32)]
    [DataRow(515, 300, 128)]
    [DataRow(300, 601, 64)]
    public void Int4_is_the_same_whether_columns_or_rows_are_read(int depth, int columns, int block)
    {
        var values = Channels(depth, columns);
        var blocks = (depth + block - 1) / block;
        var (packed, scales, unweighed, ofColumns) = (new byte[columns * blocks * block / 2], new float[columns * blocks], new byte[columns * blocks * block / 2], new RunSums());
        for (var index = 0; index < blocks; index++)
        {
            var rows = values.AsSpan(index * block * columns, Math.Min(block, depth - (index * block)) * columns);
            BlockCodes.QuantizeColumns(rows, columns, columns, block, packed.AsSpan(index * block / 2), blocks * block / 2, scales.AsSpan(index), blocks, ref ofColumns);
        }
        BlockCodes.QuantizeColumns(values, columns, columns, block, unweighed, blocks * block / 2, scales, blocks);

        var (ofRows, expected) = (new RunSums(), new RunSums());
        for (var column = 0; column < columns; column++)
        {
            float[] along = [.. Enumerable.Range(0, depth).Select(row => values[(row * columns) + column])];
            var (own, again, ownScales) = (new byte[blocks * block / 2], new byte[blocks * block / 2], new float[blocks]);
            own.AsSpan().Fill(0xCC);
            BlockCodes.QuantizeRow(along, block, own, ownScales, ref ofRows);
            BlockCodes.QuantizeRow(along, block, again, ownScales);
            CollectionAssert.AreEqual(scales[(column * blocks)..][..blocks], ownScales);
            CollectionAssert.AreEqual(packed[(column * own.Length)..][..own.Length], own);
            CollectionAssert.AreEqual(own, again);
            for (var at = 0; at < depth; at++) expected.Add(along[at], BlockCodes.Restore(own.AsSpan(at / block * block / 2), at % block, ownScales[at / block]));
        }
        CollectionAssert.AreEqual(packed, unweighed);
        Same(expected, ofColumns);
        Same(expected, ofRows);
    }

    [TestMethod]
    [DataRow(32)]
    [DataRow(128)]
    public void Int4_codes_are_those_of_the_definition(int block)
    {
        var random = new Random(block);
        for (var round = 0; round < 4000; round++)
        {
            // Every magnitude that a float has, denormals included; a quarter of the values are ties of the codes.
            var exponent = random.Next(-149, 127);
            float[] values = [.. Enumerable.Range(0, block).Select(_ => MathF.ScaleB(random.Next(4) == 0 ? (random.Next(-16, 16) / 16f) + (random.Next(2) / 32f) : (random.NextSingle() * 2) - 1, exponent))];
            values[random.Next(block)] = MathF.ScaleB(random.Next(2) == 0 ? 1 : -1, exponent);
            var (packed, scale) = (new byte[block / 2], new float[1]);

            BlockCodes.QuantizeRow(values, block, packed, scale);

            var largest = values.Max(MathF.Abs);
            var peak = values.Contains(largest) ? largest : -largest;
            Assert.AreEqual(peak / -8, scale[0]);
            var reciprocal = float.IsFinite(1 / scale[0]) ? 1 / scale[0] : 0;
            for (var at = 0; at < block; at++)
            {
                var code = Math.Clamp((int)MathF.Round((values[at] * reciprocal) + 8, MidpointRounding.AwayFromZero), 0, 15);
                if (((packed[at / 2] >> (at % 2 * 4)) & 15) != code) Assert.Fail($"{values[at]:R} of a block with the scale {scale[0]:R} is not {code}");
            }
        }
    }

    // Float32 sums over a run differ in their last digits by the order of adding.
    private static void Same(in RunSums expected, in RunSums found)
    {
        Assert.AreEqual(1, found.Signal / expected.Signal, 1e-5);
        Assert.AreEqual(1, found.Restored / expected.Restored, 1e-5);
        Assert.AreEqual(1, found.Noise / expected.Noise, 1e-5);
        Assert.AreEqual((expected.Zeros, expected.MaxError), (found.Zeros, found.MaxError));
    }

    // Magnitudes that differ from channel to channel, with values on ties of their scale.
    private static float[] Channels(int rows, int columns)
    {
        var random = new Random(3);
        var values = new float[rows * columns];
        for (var index = 0; index < values.Length; index++)
        {
            var size = MathF.Pow(2, ((index / columns) + (index % columns)) % 60 - 30);
            values[index] = random.Next(4) == 0 ? (random.Next(-127, 127) + 0.5f) / 127 * size : (random.NextSingle() - 0.5f) * size;
        }
        return values;
    }

    private static Message Cast(DataType to) => Onnx.Model(new OnnxGraph()
        .Input("x", DataTypes.Float32, "n").Node("Cast", "x", "y", Onnx.Attribute("to", (long)ModelGate.Models.Onnx.ElementTypes.NumberOf(to))).Output("y", to, "n"));

    private static Message Quantize(float[] scales, long axis, int rows, int columns) => Onnx.Model(new OnnxGraph()
        .Input("x", DataTypes.Float32, $"{rows}", $"{columns}")
        .Initializer(Onnx.Floats("scale", [scales.Length], scales), Onnx.Zeros("zero", DataTypes.Int8, scales.Length))
        .Node("QuantizeLinear", "x scale zero", "y", Onnx.Attribute("axis", axis))
        .Output("y", DataTypes.Int8, $"{rows}", $"{columns}"));
}
