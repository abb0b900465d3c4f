using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelGate.Worker;

/// <summary>What this machine can do at most, in a fraction of a second: arithmetic in registers, and reading memory one piece after another.</summary>
internal static class MachinePeaks
{
    private const int Rounds = 7, Steps = 200_000, Accumulators = 12;
    private const double LeastSeconds = 0.05;
    private const long SmallestSet = 64 << 10, LargestSet = 1L << 30, BytesOfARound = 32L << 20;

    /// <summary>Float32 operations per second of fused multiply-adds that depend on nothing but themselves, at best; a multiply-add is two.</summary>
    /// <param name="threads">Threads that compute at once.</param>
    public static double Operations(int threads)
    {
        // The wider is not always the faster: some processors have a single unit for it, or lower their frequency.
        double usual = Best(() => threads * OperationsOfARound<UsualRegister, Vector<float>>() / Together(threads, static _ => Compute<UsualRegister, Vector<float>>()));
        return !Avx512F.IsSupported ? usual
            : Math.Max(usual, Best(() => threads * OperationsOfARound<WideRegister, Vector512<float>>() / Together(threads, static _ => Compute<WideRegister, Vector512<float>>())));
    }

    /// <summary>Bytes per second, at best, that a set of some size is read with, again and again: from memory or from the cache that it fits in.</summary>
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
            return Best(() => (double)part * threads * passes / Together(threads, thread =>
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

    private static double OperationsOfARound<TRegister, T>() where TRegister : struct, IRegister<T> where T : struct => 2.0 * Steps * Accumulators * TRegister.Count;

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

    // The fastest of many rounds: whatever else the machine does only slows them, and a peak that is too low would make a bound that models break.
    private static double Best(Func<double> measure)
    {
        measure(); // compiles it, and wakes the processor
        double best = 0;
        long from = Stopwatch.GetTimestamp();
        for (int round = 0; round < Rounds || Stopwatch.GetElapsedTime(from).TotalSeconds < LeastSeconds; round++)
            best = Math.Max(best, measure());
        return best;
    }

    // Two units with four or five cycles of latency each need ten independent chains to be kept busy.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TRegister, T>() where TRegister : struct, IRegister<T> where T : struct
    {
        T x = TRegister.Of(0.999f), y = TRegister.Of(0.001f);
        T a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int step = 0; step < Steps; step++)
        {
            a = TRegister.MultiplyAdd(a, x, y);
            b = TRegister.MultiplyAdd(b, x, y);
            c = TRegister.MultiplyAdd(c, x, y);
            d = TRegister.MultiplyAdd(d, x, y);
            e = TRegister.MultiplyAdd(e, x, y);
            f = TRegister.MultiplyAdd(f, x, y);
            g = TRegister.MultiplyAdd(g, x, y);
            h = TRegister.MultiplyAdd(h, x, y);
            i = TRegister.MultiplyAdd(i, x, y);
            j = TRegister.MultiplyAdd(j, x, y);
            k = TRegister.MultiplyAdd(k, x, y);
            l = TRegister.MultiplyAdd(l, x, y);
        }

        // One result of all: a variable that outlives a call would be kept in memory, in the loop as well.
        a = TRegister.MultiplyAdd(a, b, c);
        d = TRegister.MultiplyAdd(d, e, f);
        g = TRegister.MultiplyAdd(g, h, i);
        j = TRegister.MultiplyAdd(j, k, l);
        Use(TRegister.MultiplyAdd(a, d, TRegister.MultiplyAdd(g, j, x)));
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
