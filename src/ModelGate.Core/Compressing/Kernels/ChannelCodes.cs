using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>
/// Symmetric int8, one scale per channel: code = round half to even (value / scale), scale = absmax / 127. The codes are those of
/// ONNX's QuantizeLinear, the scale is that of ONNX Runtime's quantization tools (quant_utils.compute_scale_zp).
/// </summary>
internal static class ChannelCodes
{
    internal const int Magnitude = 0x7FFF_FFFF, Infinity = 0x7F80_0000;

    // Adding 1.5·2²³ leaves the value, rounded half to even, in the lowest bits of the sum: two's complement, as the code wants it.
    internal const float Rounding = 12_582_912f;
    private const float SmallestNormal = 1.17549435E-38f;

    // A product with 1 / scale is at most 127 · 1.5 · 2⁻²³ = 0.00003 from the quotient in float32, so it is rounded to the same code unless it
    // is nearly half-way between two. Then it is divided: a division takes as long as ten other steps.
    internal const float Doubtful = 0.49995f;

    // Values that one step of a loop converts: as many vectors of them as make one vector of codes.
    internal static int Step => 4 * Vector<float>.Count;

    /// <summary>The scale of a channel.</summary>
    /// <param name="absmax">Its largest magnitude.</param>
    public static float Scale(float absmax)
    {
        var scale = (float)(2.0 * absmax / 254.0);
        return scale < SmallestNormal ? 1 : scale;
    }

    /// <summary>The largest magnitude among values; NaN where one of them is NaN or infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float AbsMax(ReadOnlySpan<float> values) => Finite(LargestBits(values));

    /// <summary>A magnitude from its bits; NaN where they are those of NaN or infinity.</summary>
    public static float Finite(int bits) => bits < Infinity ? BitConverter.Int32BitsToSingle(bits) : float.NaN;

    /// <summary>
    /// The codes of values that share the scale of their largest magnitude. Returns the <see cref="AbsMax"/> of <paramref name="next"/>: what comes
    /// next is on its way from memory while this is computed.
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">Their scale.</param>
    /// <param name="codes">Where their codes go.</param>
    /// <param name="next">The next channel's values; empty after the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Quantize(ReadOnlySpan<float> values, float scale, Span<sbyte> codes, ReadOnlySpan<float> next = default)
    {
        var none = new RunSums();
        return Finite(LargestOfNext<Unweighed>(values, scale, codes, next, ref none));
    }

    /// <summary>As <see cref="Quantize(ReadOnlySpan{float}, float, Span{sbyte}, ReadOnlySpan{float})"/>, and sums up what it does to the values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">Their scale.</param>
    /// <param name="codes">Where their codes go.</param>
    /// <param name="next">The next channel's values; empty after the last.</param>
    /// <param name="sums">What is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float QuantizeAndWeigh(ReadOnlySpan<float> values, float scale, Span<sbyte> codes, ReadOnlySpan<float> next, ref RunSums sums) =>
        Finite(LargestOfNext<Weighed>(values, scale, codes, next, ref sums));

    // Compiled twice: what one of the two does not need is not there. Few helpers, for beyond some number of locals the compiler would call them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int LargestOfNext<TSums>(ReadOnlySpan<float> values, float scale, Span<sbyte> codes, ReadOnlySpan<float> next, ref RunSums sums)
        where TSums : struct
    {
        codes = codes[..values.Length];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var ahead = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, int>(next));
        ref var code = ref MemoryMarshal.GetReference(codes);
        var divisor = new Vector<float>(scale);
        var inverse = new Vector<float>(1 / scale);
        var rounding = new Vector<float>(Rounding);
        var doubtful = new Vector<float>(Doubtful * scale);
        var (largest, other, error) = (Vector<int>.Zero, Vector<int>.Zero, Vector<float>.Zero);
        int at = 0, width = Vector<float>.Count, both = Math.Min(values.Length, next.Length) - Step;
        while (at <= values.Length - Step)
        {
            var last = Math.Min(at + RunSums.Run, values.Length) - Step;
            var (signal, signal2, noise, noise2, squares, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<int>.Zero, Vector<byte>.Zero);
            for (; at <= last; at += Step)
            {
                if (at <= both) (largest, other) = Largest(ref ahead, at, largest, other);
                ref var from = ref Unsafe.Add(ref value, at);
                var a = Vector.LoadUnsafe(ref from);
                var b = Vector.LoadUnsafe(ref from, (nuint)width);
                var c = Vector.LoadUnsafe(ref from, (nuint)(2 * width));
                var d = Vector.LoadUnsafe(ref from, (nuint)(3 * width));
                var first = Vector.MultiplyAddEstimate(a, inverse, rounding);
                var second = Vector.MultiplyAddEstimate(b, inverse, rounding);
                var third = Vector.MultiplyAddEstimate(c, inverse, rounding);
                var fourth = Vector.MultiplyAddEstimate(d, inverse, rounding);
                // How far a value is from what its code stands for: as float32 has it, the product rounded first.
                var off = a - ((first - rounding) * divisor);
                var off2 = b - ((second - rounding) * divisor);
                var off3 = c - ((third - rounding) * divisor);
                var off4 = d - ((fourth - rounding) * divisor);
                var most = Vector.MaxNative(Vector.MaxNative(Vector.Abs(off), Vector.Abs(off2)), Vector.MaxNative(Vector.Abs(off3), Vector.Abs(off4)));
                if (Vector.GreaterThanAny(most, doubtful))
                {
                    Singly(values.Slice(at, Step), scale, codes.Slice(at, Step), typeof(TSums) == typeof(Weighed), ref sums);
                    continue;
                }
                var packed = Pack(first, second, third, fourth);
                packed.StoreUnsafe(ref code, (nuint)at);
                if (typeof(TSums) != typeof(Weighed)) continue;
                error = Vector.MaxNative(error, most);
                noise = Vector.MultiplyAddEstimate(off3, off3, Vector.MultiplyAddEstimate(off, off, noise));
                noise2 = Vector.MultiplyAddEstimate(off4, off4, Vector.MultiplyAddEstimate(off2, off2, noise2));
                signal = Vector.MultiplyAddEstimate(c, c, Vector.MultiplyAddEstimate(a, a, signal));
                signal2 = Vector.MultiplyAddEstimate(d, d, Vector.MultiplyAddEstimate(b, b, signal2));
                squares += RunSums.Squares(packed);
                zeros -= Vector.AsVectorByte(Vector.Equals(packed, Vector<sbyte>.Zero)); // −1 for each
            }
            if (typeof(TSums) == typeof(Weighed)) sums.Add(Vector.Sum(signal + signal2), Vector.Sum(noise + noise2), (double)scale * scale * Vector.Sum(squares), zeros);
        }
        if (typeof(TSums) == typeof(Weighed)) sums.Raise(error);
        Singly(values[at..], scale, codes[at..], typeof(TSums) == typeof(Weighed), ref sums);
        return Math.Max(Largest(largest, other), LargestBits(next[(Math.Min(values.Length, next.Length) / Step * Step)..]));
    }

    // The codes of values by division: of those that fill no vector, and of those next to half-way between two.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Singly(ReadOnlySpan<float> values, float scale, Span<sbyte> codes, bool weigh, ref RunSums sums)
    {
        for (var at = 0; at < values.Length; at++)
        {
            codes[at] = Code(values[at] / scale);
            if (weigh) sums.Add(values[at], codes[at] * scale);
        }
    }

    /// <summary>Turns int8 codes into uint8 codes with the zero point 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FlipSigns(Span<byte> codes)
    {
        var at = 0;
        for (; at <= codes.Length - Vector<byte>.Count; at += Vector<byte>.Count)
            (new Vector<byte>(codes[at..]) ^ new Vector<byte>(0x80)).CopyTo(codes[at..]);
        for (; at < codes.Length; at++) codes[at] ^= 0x80;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LargestBits(ReadOnlySpan<float> values)
    {
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, int>(values));
        var (first, second) = (Vector<int>.Zero, Vector<int>.Zero);
        var at = 0;
        for (; at <= values.Length - Step; at += Step) (first, second) = Largest(ref source, at, first, second);
        var largest = Largest(first, second);
        for (; at < values.Length; at++) largest = Math.Max(largest, BitConverter.SingleToInt32Bits(values[at]) & Magnitude);
        return largest;
    }

    // A step of a search for the largest magnitude, as bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<int> First, Vector<int> Second) Largest(ref int source, int at, Vector<int> first, Vector<int> second)
    {
        var width = Vector<int>.Count;
        var magnitude = new Vector<int>(Magnitude);
        Ahead.Fetch(ref Unsafe.As<int, float>(ref Unsafe.Add(ref source, at)));
        return (
            Vector.Max(Vector.Max(first, Vector.LoadUnsafe(ref source, (nuint)at) & magnitude), Vector.LoadUnsafe(ref source, (nuint)(at + width)) & magnitude),
            Vector.Max(Vector.Max(second, Vector.LoadUnsafe(ref source, (nuint)(at + (2 * width))) & magnitude), Vector.LoadUnsafe(ref source, (nuint)(at + (3 * width))) & magnitude));
    }

    private static int Largest(Vector<int> first, Vector<int> second)
    {
        var both = Vector.Max(first, second);
        var largest = 0;
        for (var lane = 0; lane < Vector<int>.Count; lane++) largest = Math.Max(largest, both[lane]);
        return largest;
    }

    // The codes are the lowest bits of what Rounding was added to.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<sbyte> Pack(Vector<float> first, Vector<float> second, Vector<float> third, Vector<float> fourth)
    {
        var zero = Vector.AsVectorInt32(new Vector<float>(Rounding));
        return Narrowing.ToInt8(Vector.AsVectorInt32(first) - zero, Vector.AsVectorInt32(second) - zero, Vector.AsVectorInt32(third) - zero, Vector.AsVectorInt32(fourth) - zero);
    }

    internal static sbyte Code(float value) => unchecked((sbyte)BitConverter.SingleToInt32Bits(value + Rounding));

    /// <summary>Says that what a conversion does is summed up.</summary>
    internal readonly struct Weighed;

    /// <summary>Says that it is not.</summary>
    internal readonly struct Unweighed;
}
