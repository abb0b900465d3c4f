using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ModelGate.Compressing;

namespace ModelGate.Benchmarks;

/// <summary>
/// How fast weights are converted, beside a copy of the same bytes in the same run: bytes read and written per second, on as many
/// threads for both, from one array straight into another. They alternate, so that whatever else the machine does falls on both, and what
/// counts is the ratio.
/// </summary>
internal static class CompressionSpeed
{
    // 256 MB of float32, beyond any last-level cache: 2048 channels of 32768 weights.
    private const int Channels = 2048, Inner = 32768, Rounds = 15, Threads = 2;

    // Channels that a thread takes at a time.
    private const int Together = 32;

    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = Threads };

    /// <summary>Prints the table; 0 where every conversion is as fast as the project promises.</summary>
    public static int Run(TextWriter output)
    {
        var source = new float[Channels * Inner];
        Parallel.For(0, Channels, channel =>
        {
            var random = new Random(channel);
            foreach (ref var value in source.AsSpan(channel * Inner, Inner)) value = (random.NextSingle() - 0.5f) * 0.1f;
        });
        var copied = new float[source.Length];
        var halves = new ushort[source.Length];
        var codes = new sbyte[source.Length];
        var packed = new byte[source.Length / 2];
        var scales = new float[Math.Max(source.Length / 32, Inner)];
        long bytes = (long)source.Length * sizeof(float);

        Conversion[] conversions =
        [
            new("copy", 2 * bytes, 0, () => Rows(channel => Row(source, channel).CopyTo(Row(copied, channel)))),
            new("read alone (largest magnitude)", bytes, 0, () => Rows(channel => ChannelCodes.AbsMax(Row(source, channel)))),
            new("fp16", bytes * 3 / 2, 0.8, () => Rows(channel => HalfPrecision.TryNarrow(Row(source, channel), Row(halves, channel)))),
            new("bf16", bytes * 3 / 2, 0.8, () => Rows(channel => BrainFloat.TryNarrow(Row(source, channel), Row(halves, channel)))),
            new("int8, channels in rows", bytes * 5 / 4, 0.8, () => Quantize(source, codes)),
            new("int8 rows with quality sheet", bytes * 5 / 4, 0.8 / 1.3, () => QuantizeAndWeigh(source, codes)),
            new("int8, channels in columns", bytes * 5 / 4, 0.45, () => Columns(source, codes, scales)),
            new("int4 block 32, rows", bytes + (bytes / 8) + (bytes / 32), 0.4, () => Rows(channel => BlockCodes.QuantizeRow(Row(source, channel), 32, packed.AsSpan(channel * Inner / 2, Inner / 2), scales.AsSpan(channel * Inner / 32, Inner / 32)))),
            new("int4 block 32, columns", bytes + (bytes / 8) + (bytes / 32), 0.4, () => BlockColumns(source, packed, scales)),
        ];
        for (int round = -2; round < Rounds; round++)
        {
            foreach (var conversion in conversions)
            {
                long from = Stopwatch.GetTimestamp();
                conversion.Convert();
                if (round >= 0)
                    conversion.Times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
            }
        }

        double copy = conversions[0].BytesPerSecond;
        output.WriteLine("| conversion of 256 MB, 2 threads  |   ms | GB/s read + written | of copy | promised |");
        output.WriteLine("|----------------------------------|-----:|--------------------:|--------:|---------:|");
        bool kept = true;
        foreach (var conversion in conversions)
        {
            double share = conversion.BytesPerSecond / copy;
            kept &= share >= conversion.Promised;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {conversion.Times.Name,-32} | {conversion.Times.Median,4:0} | {conversion.BytesPerSecond / 1e9,19:0.0} | {share,7:0%} | {conversion.Promised,8:0%} |"));
        }

        PrintNumpy(output, conversions);
        return kept ? 0 : 1;
    }

    private static void PrintNumpy(TextWriter output, Conversion[] conversions)
    {
        var numpy = NumpySteps.BytesPerSecond();
        if (numpy.Count == 0)
            output.WriteLine("No python3 with numpy was found to set beside it.");
        foreach (var (scheme, bytesPerSecond) in numpy)
        {
            var ours = conversions.First(conversion => conversion.Times.Name.StartsWith(scheme.Split(' ')[0], StringComparison.Ordinal));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"numpy, the Python tools' steps for {scheme}: {bytesPerSecond / 1e9:0.00} GB/s, {ours.BytesPerSecond / bytesPerSecond:0} times less than {ours.Times.Name}"));
        }
    }

    private static void Rows(Action<int> convert) => Parallel.For(0, Channels, Parallelism, convert);

    private static Span<T> Row<T>(T[] values, int channel) => values.AsSpan(channel * Inner, Inner);

    // As compressing does it: while a channel is converted, the next one is looked through.
    private static void Quantize(float[] source, sbyte[] codes) => Parallel.For(0, Channels / Together, Parallelism, part =>
    {
        float absmax = ChannelCodes.AbsMax(Row(source, part * Together));
        for (int channel = part * Together; channel < (part + 1) * Together; channel++)
            absmax = ChannelCodes.Quantize(Row(source, channel), ChannelCodes.Scale(absmax), Row(codes, channel), channel + 1 < (part + 1) * Together ? Row(source, channel + 1) : default);
    });

    private static void QuantizeAndWeigh(float[] source, sbyte[] codes) => Parallel.For(0, Channels / Together, Parallelism, part =>
    {
        var fidelity = new WeightFidelity();
        float absmax = ChannelCodes.AbsMax(Row(source, part * Together));
        for (int channel = part * Together; channel < (part + 1) * Together; channel++)
        {
            var sums = new RunSums();
            absmax = ChannelCodes.QuantizeAndWeigh(Row(source, channel), ChannelCodes.Scale(absmax), Row(codes, channel), channel + 1 < (part + 1) * Together ? Row(source, channel + 1) : default, ref sums);
            fidelity.Add(sums, Inner, MemoryMarshal.AsBytes(Row(codes, channel)));
        }
    });

    // Half of the rows to each thread, once for the largest magnitudes and once for the codes, as many rows at a time as compressing holds of a matrix so wide.
    private static void Columns(float[] source, sbyte[] codes, float[] scales)
    {
        const int Half = Channels / Threads, AtOnce = ChannelColumns.Together;
        var largest = new int[Threads][];
        Parallel.For(0, Threads, Parallelism, part =>
        {
            var own = largest[part] = new int[Inner];
            for (int row = part * Half; row < (part + 1) * Half; row += AtOnce)
                ChannelColumns.RaiseAbsMax(source.AsSpan(row * Inner, AtOnce * Inner), own);
        });
        for (int column = 0; column < Inner; column++)
            scales[column] = ChannelCodes.Scale(ChannelCodes.Finite(Math.Max(largest[0][column], largest[1][column])));
        float[] inverses = ChannelColumns.Inverses(scales.AsSpan(0, Inner));
        Parallel.For(0, Channels / AtOnce, Parallelism, part =>
            ChannelColumns.Quantize(source.AsSpan(part * AtOnce * Inner, AtOnce * Inner), scales.AsSpan(0, Inner), inverses, codes.AsSpan(part * AtOnce * Inner, AtOnce * Inner)));
    }

    private static void BlockColumns(float[] source, byte[] packed, float[] scales)
    {
        const int Width = 1024, Blocks = Channels / 32;
        Parallel.For(0, Inner / Width, Parallelism, strip =>
        {
            int first = strip * Width;
            BlockCodes.QuantizeColumns(source.AsSpan(first, ((Channels - 1) * Inner) + Width), Width, Inner, 32, packed.AsSpan(first * Blocks * 16), Blocks * 16, scales.AsSpan(first * Blocks), Blocks);
        });
    }

    private sealed record Conversion(string Name, long Bytes, double Promised, Action Convert)
    {
        public Sample Times { get; } = new(Name);

        public double BytesPerSecond => Bytes / Times.Median * 1000;
    }
}
