namespace ModelGate.Benchmarks.Study;

/// <summary>A thread on every processor that does nothing but take its time.</summary>
internal sealed class Hogs : IDisposable
{
    private readonly Thread[] threads;
    private volatile bool enough;

    public Hogs()
    {
        threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Spin) { IsBackground = true, Name = "hog" })];
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
