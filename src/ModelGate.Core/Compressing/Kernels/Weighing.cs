using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelGate.Compressing;

/// <summary>What int8 codes do to the values that they were made of. They have just been made: both are still in the processor's cache.</summary>
internal static class Weighing
{
    // Values that one step of a loop looks at: as many as make one vector of codes.
    private static int Step => Vector<sbyte>.Count;

    /// <summary>Adds values that share a scale, at most a <see cref="RunSums.Run"/> of them.</summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">Their scale.</param>
    /// <param name="codes">Their codes.</param>
    /// <param name="ahead">The first of the values that will be read in the same time as these: what follows them is asked for, or memory would rest meanwhile.</param>
    /// <param name="sums">What is added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ReadOnlySpan<float> values, float scale, ReadOnlySpan<sbyte> codes, ref float ahead, ref RunSums sums)
    {
        codes = codes[..values.Length];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var code = ref MemoryMarshal.GetReference(codes);
        var factor = new Vector<float>(scale);
        // Two sums of each kind, taken in turns: one alone would be waited for.
        var (signal, noise, error, signal2, noise2, error2) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var (squares, zeros) = (Vector<int>.Zero, Vector<byte>.Zero);
        int at = 0, width = Vector<float>.Count;
        for (; at <= values.Length - Step; at += Step)
        {
            Ahead.FetchLine(ref Unsafe.Add(ref ahead, RunSums.Run + at));
            var packed = Vector.LoadUnsafe(ref code, (nuint)at);
            squares += Squares(packed);
            zeros -= Vector.AsVectorByte(Vector.Equals(packed, Vector<sbyte>.Zero)); // −1 for each
            for (var part = at; part < at + Step; part += 2 * width)
            {
                var before = Vector.LoadUnsafe(ref value, (nuint)part);
                var off = before - (Widened(ref code, part) * factor);
                signal = Vector.MultiplyAddEstimate(before, before, signal);
                noise = Vector.MultiplyAddEstimate(off, off, noise);
                error = Vector.MaxNative(error, Vector.Abs(off));
                before = Vector.LoadUnsafe(ref value, (nuint)(part + width));
                off = before - (Widened(ref code, part + width) * factor);
                signal2 = Vector.MultiplyAddEstimate(before, before, signal2);
                noise2 = Vector.MultiplyAddEstimate(off, off, noise2);
                error2 = Vector.MaxNative(error2, Vector.Abs(off));
            }
        }
        sums.Add(Vector.Sum(signal + signal2), Vector.Sum(noise + noise2), (double)scale * scale * Vector.Sum(squares), zeros);
        sums.Raise(Vector.MaxNative(error, error2));
        for (; at < values.Length; at++) sums.Add(values[at], codes[at] * scale);
    }

    /// <summary>Adds values that have a scale each, at most a <see cref="RunSums.Run"/> of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, ReadOnlySpan<sbyte> codes, ref RunSums sums)
    {
        codes = codes[..values.Length];
        scales = scales[..values.Length];
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var scale = ref MemoryMarshal.GetReference(scales);
        ref var code = ref MemoryMarshal.GetReference(codes);
        var (signal, noise, cross, error, zeros) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<int>.Zero);
        int at = 0, width = Vector<float>.Count;
        for (; at <= values.Length - width; at += width)
        {
            if (at % (4 * width) == 0) Ahead.FetchLine(ref Unsafe.Add(ref value, RunSums.Run + at));
            var (before, after) = (Vector.LoadUnsafe(ref value, (nuint)at), Widened(ref code, at));
            var off = before - (after * Vector.LoadUnsafe(ref scale, (nuint)at));
            signal = Vector.MultiplyAddEstimate(before, before, signal);
            noise = Vector.MultiplyAddEstimate(off, off, noise);
            cross = Vector.MultiplyAddEstimate(before, off, cross);
            error = Vector.MaxNative(error, Vector.Abs(off));
            zeros -= Vector.Equals(after, Vector<float>.Zero);
        }
        sums.Add(signal, noise, cross, Vector<byte>.Zero);
        sums.Zeros += Vector.Sum(zeros);
        sums.Raise(error);
        for (; at < values.Length; at++) sums.Add(values[at], codes[at] * scales[at]);
    }

    // As many codes as a vector of float32 holds.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Widened(ref sbyte codes, int at)
    {
        ref var code = ref Unsafe.Add(ref codes, at);
        if (Avx2.IsSupported && Vector<int>.Count == Vector256<int>.Count) return Vector.ConvertToSingle(Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(ref Unsafe.As<sbyte, byte>(ref code))).AsSByte()).AsVector());
        if (Sse41.IsSupported && Vector<int>.Count == Vector128<int>.Count) return Vector.ConvertToSingle(Sse41.ConvertToVector128Int32(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref code))).AsSByte()).AsVector());
        Unsafe.SkipInit(out Vector<int> wide);
        for (var lane = 0; lane < Vector<int>.Count; lane++) wide = wide.WithElement(lane, Unsafe.Add(ref code, lane));
        return Vector.ConvertToSingle(wide);
    }

    // Σcode², in as many sums as there are lanes. Of a run of codes it is exact.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Squares(Vector<sbyte> codes)
    {
        if (Avx2.IsSupported && Vector<sbyte>.Count == Vector256<sbyte>.Count)
        {
            var magnitudes = Avx2.Abs(codes.AsVector256());
            return Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(magnitudes, magnitudes.AsSByte()), Vector256<short>.One).AsVector();
        }
        if (Ssse3.IsSupported && Vector<sbyte>.Count == Vector128<sbyte>.Count)
        {
            var magnitudes = Ssse3.Abs(codes.AsVector128());
            return Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(magnitudes, magnitudes.AsSByte()), Vector128<short>.One).AsVector();
        }
        Vector.Widen(codes, out var low, out var high);
        Vector.Widen((low * low) + (high * high), out var first, out var second);
        return first + second;
    }
}
