using System.Diagnostics;

namespace ModelGate.Tests.Models.Mutants;

/// <summary>
/// What reading one file may take, hostile or not: a second, and memory in proportion to the file. Memory is all that is allocated, given back or not,
/// and so more than is ever held at once.
/// </summary>
/// <param name="Seconds">Seconds for which a processor may work on it.</param>
/// <param name="Bytes">Bytes that may be allocated.</param>
internal sealed record Bounds(double Seconds, long Bytes)
{
    private const int TimesTheFile = 170, Attempts = 3;
    private const long SmallestFile = 4 << 20, SmallestHostile = 16 << 20; // the pages and buffers that any file needs; of a flatbuffer, a mebibyte may be read again and again
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    /// <summary>The bounds of a file.</summary>
    /// <param name="length">Its bytes.</param>
    public static Bounds Of(long length) => new(1, SmallestFile + (length * TimesTheFile));

    /// <summary>The bounds of a file that was built to take as much as it can.</summary>
    /// <param name="length">Its bytes.</param>
    public static Bounds OfHostile(long length) => new(1, SmallestHostile + (length * TimesTheFile));

    /// <summary>Runs work that must stay within; what never ends fails as well.</summary>
    /// <param name="name">What is read.</param>
    /// <param name="work">Reads it; may be called again, since what else the machine does can make the first time slow.</param>
    public void Hold(string name, Action work)
    {
        var reading = Task.Factory.StartNew(() => Measure(name, work), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (Task.WaitAny([reading], Hang) < 0) Assert.Fail($"{name}: hangs");
        reading.GetAwaiter().GetResult();
    }

    /// <summary>Like <see cref="Hold"/>, on the caller's own thread: something else has to watch for what never ends.</summary>
    public void Measure(string name, Action work)
    {
        for (int attempt = 1; ; attempt++)
        {
            var (began, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            work();
            var (seconds, bytes) = (Stopwatch.GetElapsedTime(began).TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.IsLessThanOrEqualTo(Bytes, bytes, $"{name}: bytes allocated");
            if (seconds <= Seconds) return;
            if (attempt == Attempts) Assert.Fail($"{name}: takes {seconds:0.0} s, and took more than {Seconds} s {Attempts - 1} times before");
        }
    }
}
