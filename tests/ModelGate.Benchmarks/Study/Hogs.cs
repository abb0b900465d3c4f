namespace ModelGate.Benchmarks.Study;

/// <summary>Threads that do nothing but take processors' time.</summary>
internal sealed class Hogs : IDisposable
{
    private readonly Thread[] threads;
    private volatile bool enough;

    /// <summary>Starts them.</summary>
    /// <param name="count">How many.</param>
    public Hogs(int count)
    {
        threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(Spin) { IsBackground = true, Name = "hog" })];
        foreach (var thread in threads)
            thread.Start();
    }

    public void Dispose()
    {
        enough = true;
        foreach (var thread in threads)
            thread.Join();
    }

    private void Spin()
    {
        while (!enough)
            Thread.SpinWait(1000);
    }
}
