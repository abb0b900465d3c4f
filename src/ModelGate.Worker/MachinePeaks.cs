using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ModelGate.Worker;

/// <summary>What this machine can do at most, in a fraction of a second: arithmetic in registers, and reading memory one piece after another.</summary>
internal static class MachinePeaks
{
    private const int Rounds = 7, Steps = 200_000, Accumulators = 12;
    private const long SmallestSet = 64 << 10, LargestSet = 1L << 30, BytesOfARound = 32L << 20;

    /// <summary>Float32 operations per second of fused multiply-adds that depend on nothing but themselves; a multiply-add is two.</summary>
    /// <param name="threads">Threads that compute at once.</param>
    public static double Operations(int threads) => Median(Rounds, () => threads * OperationsOfARound / Together(threads, static _ => Compute()));

    /// <summary>Bytes per second that a set of some size is read with, again and again: from memory or from the cache that it fits in.</summary>
    /// <param name="threads">Threads that read at once, each its own part.</param>
    /// <param name="size">Bytes of the set; between 64 KiB and 1 GiB are taken.</param>
    public static unsafe double Bandwidth(int threads, long size)
    {
        long part = Math.Clamp(size, SmallestSet, LargestSet) / threads / 64 * 64;
        int passes = (int)Math.Max(1, BytesOfARound / (part * threads));
        byte* set = (byte*)NativeMemory.AlignedAlloc((nuint)(part * threads), 64);
        try
        {
            // Pages that were never written may all be the same one.
            for (long at = 0; at < part * threads; at += 4096)
                set[at] = 1;
            return Median(Rounds, () => (double)part * threads * passes / Together(threads, thread =>
            {
                for (int pass = 0; pass < passes; pass++)
                    Read(set + (thread * part), part);
            }));
        }
        finally
        {
            NativeMemory.AlignedFree(set);
        }
    }

    private static double OperationsOfARound => 2.0 * Steps * Accumulators * (Vector512.IsHardwareAccelerated ? WideRegister.Count : UsualRegister.Count);

    // Seconds until the last of the threads is done.
    private static double Together(int threads, Action<int> work)
    {
        using var start = new Barrier(threads);
        long from = 0;
        Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(thread => new Thread(() => { start.SignalAndWait(); work(thread); }))];
        foreach (var other in others)
            other.Start();
        start.SignalAndWait();
        from = Stopwatch.GetTimestamp();
        work(0);
        foreach (var other in others)
            other.Join();
        return Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    private static double Median(int rounds, Func<double> measure)
    {
        measure(); // compiles it, and wakes the processor
        double[] values = [.. Enumerable.Range(0, rounds).Select(_ => measure()).Order()];
        return values[rounds / 2];
    }

    private static void Compute()
    {
        if (Vector512.IsHardwareAccelerated)
            Compute<WideRegister>();
        else
            Compute<UsualRegister>();
    }

    // Two units with four or five cycles of latency each need ten independent chains to be kept busy.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<T>() where T : struct, IRegister<T>
    {
        T x = T.Of(0.999f), y = T.Of(0.001f);
        T a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int step = 0; step < Steps; step++)
        {
            a = T.MultiplyAdd(a, x, y);
            b = T.MultiplyAdd(b, x, y);
            c = T.MultiplyAdd(c, x, y);
            d = T.MultiplyAdd(d, x, y);
            e = T.MultiplyAdd(e, x, y);
            f = T.MultiplyAdd(f, x, y);
            g = T.MultiplyAdd(g, x, y);
            h = T.MultiplyAdd(h, x, y);
            i = T.MultiplyAdd(i, x, y);
            j = T.MultiplyAdd(j, x, y);
            k = T.MultiplyAdd(k, x, y);
            l = T.MultiplyAdd(l, x, y);
        }

        foreach (var one in (ReadOnlySpan<T>)[a, b, c, d, e, f, g, h, i, j, k, l])
            Use(one);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Read(byte* from, long length)
    {
        Vector256<ulong> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        byte* end = from + (length / 256 * 256);
        for (; from < end; from += 256)
        {
            a ^= Vector256.Load((ulong*)from);
            b ^= Vector256.Load((ulong*)(from + 32));
            c ^= Vector256.Load((ulong*)(from + 64));
            d ^= Vector256.Load((ulong*)(from + 96));
            e ^= Vector256.Load((ulong*)(from + 128));
            f ^= Vector256.Load((ulong*)(from + 160));
            g ^= Vector256.Load((ulong*)(from + 192));
            h ^= Vector256.Load((ulong*)(from + 224));
        }

        Use(Vector256.Sum(a ^ b ^ c ^ d ^ e ^ f ^ g ^ h));
    }

    // What nobody uses, the compiler leaves out.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Use<T>(T value) => _ = value;
}
