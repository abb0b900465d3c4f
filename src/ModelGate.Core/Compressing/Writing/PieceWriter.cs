using System.Runtime.ExceptionServices;

namespace ModelGate.Compressing;

/// <summary>
/// Writes the pieces of a file on several threads. Where each begins is known beforehand, so that every thread takes the next stretch of the file
/// and writes it in its place: none waits for another, and reading, converting and writing go on at once.
/// </summary>
internal sealed class PieceWriter : IDisposable
{
    // More threads would wait for memory, and each holds blocks of its own.
    private const int MostThreads = 4;

    // Bytes from which on a stretch ends: enough to be worth a turn, and little enough for all threads to end at about the same time.
    private const long StretchLength = 1 << 16;

    private readonly List<Piece> pieces = [];
    private readonly List<Stretch> stretches = [];
    private readonly PendingFile? file;
    private readonly CancellationTokenSource stop;
    private Exception? failure;
    private int taken = -1;

    private PieceWriter(IReadOnlyList<Piece> whole, PendingFile? file, CancellationToken cancellation)
    {
        this.file = file;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        foreach (var piece in whole) piece.TakeApart(pieces);
        Divide();
    }

    /// <summary>Writes them.</summary>
    /// <param name="pieces">All pieces of the file.</param>
    /// <param name="file">Takes what is written; null where only the conversion matters.</param>
    /// <param name="inOrder">True where a piece depends on those before it, so that one thread has to write them all.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UnfitValuesException">A weight is NaN or infinite, or beyond what the new type holds.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Write(IReadOnlyList<Piece> pieces, PendingFile? file, bool inOrder, CancellationToken cancellation)
    {
        using var writer = new PieceWriter(pieces, file, cancellation);
        writer.Run(inOrder ? 1 : Math.Min(Environment.ProcessorCount, MostThreads));
    }

    public void Dispose() => stop.Dispose();

    // A stretch never ends between a piece and one that needs it: the two follow each other closely, as the codes and the scales of a weight do.
    private void Divide()
    {
        var numbers = new Dictionary<Piece, int>(ReferenceEqualityComparer.Instance);
        var until = new int[pieces.Count];
        for (var number = 0; number < pieces.Count; number++)
        {
            numbers[pieces[number]] = number;
            if (pieces[number].Needs is { } needed && numbers.TryGetValue(needed, out var before)) until[before] = number;
        }
        int first = 0, last = 0;
        long begin = 0, end = 0;
        for (var number = 0; number < pieces.Count; number++)
        {
            end += pieces[number].Length;
            last = Math.Max(last, until[number]);
            if (last > number || (end - begin < StretchLength && number < pieces.Count - 1)) continue;
            stretches.Add(new(first, number + 1 - first, begin));
            (first, begin) = (number + 1, end);
        }
    }

    private void Run(int threads)
    {
        Thread[] others = [.. Enumerable.Range(1, Math.Max(Math.Min(threads, stretches.Count) - 1, 0)).Select(_ => new Thread(WriteStretches) { IsBackground = true })];
        foreach (var other in others) other.Start();
        WriteStretches();
        foreach (var other in others) other.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    private void WriteStretches()
    {
        try
        {
            using var sources = new SourceFiles(stop.Token);
            using var output = new FilePart(file, stop.Token);
            while (Interlocked.Increment(ref taken) is var next && next < stretches.Count)
            {
                var (first, count, begin) = stretches[next];
                output.Begin(begin);
                for (var number = first; number < first + count; number++) pieces[number].WriteTo(output, sources);
                output.Flush();
            }
        }
#pragma warning disable CA1031 // Whatever ends one thread ends all of them, and is thrown where they were started.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (Interlocked.CompareExchange(ref failure, exception, null) is null) stop.Cancel();
        }
    }

    private readonly record struct Stretch(int First, int Count, long Begin);
}
