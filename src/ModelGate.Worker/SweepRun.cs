using System.Diagnostics;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>One model at several sizes of a dimension, in one session.</summary>
internal static class SweepRun
{
    private const int WarmUps = 2, LeastRuns = 5, MostRuns = 500;
    private const double Seconds = 0.15;

    /// <summary>Times the model at every size and tells the medians, in the order of the sizes.</summary>
    /// <exception cref="WorkerException">The model is refused, cannot be fed, or has no such dimension.</exception>
    public static void Take(WorkerOrder order, WorkerSweep sweep, Parent parent)
    {
        using var options = LoadedModel.Options(order);
        using var session = new LoadedModel(order.Model, options);
        double[] medians = new double[sweep.Sizes.Count];
        // In another order each time, so that a machine that slows down does not look like a model that grows.
        int[] turns = [.. Enumerable.Range(0, medians.Length)];
        new Random(order.Seed).Shuffle(turns);
        foreach (int turn in turns)
        {
            var maker = new InputMaker(order.Inputs, order.Seed, [.. order.Dimensions, new(sweep.Dimension, sweep.Sizes[turn])]);
            var inputs = maker.Make(session.Session);
            using (var first = session.RunFirst(inputs, maker))
                session.Bind(inputs, first);
            medians[turn] = MedianTime(session);
            foreach (var input in inputs)
                input.Dispose();
        }

        parent.Say(new() { Step = "swept", Runs = medians });
    }

    private static double MedianTime(LoadedModel model)
    {
        for (int run = 0; run < WarmUps; run++)
            model.Run();
        List<double> times = [];
        for (double spent = 0; times.Count < LeastRuns || (spent < Seconds && times.Count < MostRuns); spent += times[^1])
        {
            long from = Stopwatch.GetTimestamp();
            model.Run();
            times.Add(Stopwatch.GetElapsedTime(from).TotalSeconds);
        }

        return Median.Of(times);
    }
}
