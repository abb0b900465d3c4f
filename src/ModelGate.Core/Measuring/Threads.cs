using System.Runtime.ExceptionServices;

namespace ModelGate.Measuring;

/// <summary>Does independent pieces of work on as many threads as there are processors. What goes wrong in one is thrown as it is.</summary>
internal static class Threads
{
    /// <summary>Does each piece once.</summary>
    public static void Each(int pieces, Action<int> work, CancellationToken cancellation) => Each<object?>(pieces, static () => null, (piece, _) => work(piece), static _ => { }, cancellation);

    /// <summary>Does each piece once; each thread keeps an account of its own.</summary>
    /// <param name="pieces">How many there are.</param>
    /// <param name="open">Opens the account of a thread.</param>
    /// <param name="work">Does a piece.</param>
    /// <param name="close">Takes the account of a thread; called for one thread at a time.</param>
    /// <param name="cancellation">Stops between pieces.</param>
    public static void Each<T>(int pieces, Func<T> open, Action<int, T> work, Action<T> close, CancellationToken cancellation)
    {
        var gate = new Lock();
        try
        {
            Parallel.For(0, pieces, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, open, (piece, _, account) =>
            {
                work(piece, account);
                return account;
            }, account =>
            {
                lock (gate) close(account);
            });
        }
        catch (AggregateException exception)
        {
            // Several threads may have failed, mostly of the same cause; GetBaseException would then be what holds them all.
            ExceptionDispatchInfo.Throw(exception.Flatten().InnerExceptions[0]);
        }
    }
}
