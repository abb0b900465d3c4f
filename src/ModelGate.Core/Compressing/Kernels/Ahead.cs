using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace ModelGate.Compressing;

/// <summary>
/// Asks memory for values that will be read soon. Processors look ahead by themselves, but within a page of 4 KB only: at the beginning of each they would wait.
/// </summary>
internal static class Ahead
{
    // Float32 that a loop asks for ahead of where it is. Tried from 256 to 1024: with less memory is waited for, with more the cache is left again unread.
    private const int Distance = 512;

    // Float32 of a line of the cache.
    private const int Line = 16;

    /// <summary>Asks for 32 values some way after one; there need not be any, for nothing is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch(ref float value)
    {
        if (!Sse.IsSupported) return;
        var address = (float*)Unsafe.AsPointer(ref value) + Distance;
        Sse.Prefetch0(address);
        Sse.Prefetch0(address + Line);
    }

    /// <summary>Asks for the first half of them alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void FetchLine(ref float value)
    {
        if (Sse.IsSupported) Sse.Prefetch0((float*)Unsafe.AsPointer(ref value) + Distance);
    }

    /// <summary>Asks for the line of a place that is about to be written: a write waits for the whole of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void FetchPlace<T>(ref T place)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref place));
    }

    /// <summary>Asks for all values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Fetch(ReadOnlySpan<float> values)
    {
        if (!Sse.IsSupported) return;
        fixed (float* from = values)
        {
            for (var at = 0; at < values.Length; at += Line) Sse.Prefetch0(from + at);
        }
    }
}
