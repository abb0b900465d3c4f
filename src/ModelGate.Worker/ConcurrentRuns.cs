using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Several sessions of a model at work at once, each on a thread of its own.</summary>
internal static class ConcurrentRuns
{
    private const double Seconds = 0.5;

    /// <summary>Inferences per second of all sessions together.</summary>
    /// <exception cref="WorkerException">A session cannot be created or fails.</exception>
    public static double Take(WorkerOrder order)
    {
        using var start = new Barrier(order.Sessions);
        double[] rates = new double[order.Sessions];
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, order.Sessions).Select(number => new Thread(() => Work(number)))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return failure is null ? rates.Sum() : throw new WorkerException("MG4008", $"with {order.Sessions} sessions at once the runtime said: {failure.Message}");

        void Work(int number)
        {
            try
            {
                using var options = LoadedModel.Options(order);
                using var model = new LoadedModel(order.Model, options);
                var inputs = new InputMaker(order.Inputs, order.Seed, order.Dimensions).Make(model.Session);
                using (var first = model.RunFirst(inputs, maker: null))
                    model.Bind(inputs, first);
                Warmup.Take(model.Run);
                start.SignalAndWait();
                rates[number] = Rate(model);
            }
            catch (Exception e) when (e is OnnxRuntimeException or WorkerException)
            {
                failure = e;
                start.RemoveParticipant();
            }
        }
    }

    private static double Rate(LoadedModel model)
    {
        long from = Stopwatch.GetTimestamp();
        int runs = 0;
        do
        {
            model.Run();
            runs++;
        }
        while (Stopwatch.GetElapsedTime(from).TotalSeconds < Seconds);
        return runs / Stopwatch.GetElapsedTime(from).TotalSeconds;
    }
}
