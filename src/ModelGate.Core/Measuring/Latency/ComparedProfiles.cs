namespace ModelGate.Measuring;

/// <summary>Compares what a profile tells exactly, such as multiply-accumulates: of a model and of its baseline.</summary>
internal static class ComparedProfiles
{
    /// <summary>One per metric: two exact values, or why there are none.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IEnumerable<Measurement> Of(LatencyRequest request, BaselineModel baseline, WorkerHost host, Turn turn, CancellationToken cancellation)
    {
        if (request.Metrics.Count == 0)
            return [];
        var (ours, theirs) = WorkerInputs.OfEach(request, baseline);
        return [.. Profile(ours).Zip(Profile(theirs), Pair)];

        IReadOnlyList<Measurement> Profile(LatencyRequest model)
        {
            var profile = ProfileMeasuring.Of(model, host, turn.Location, cancellation);
            if (profile.Loaded is { } loaded)
                turn.Note(loaded);
            return [.. model.Metrics.Select(metric => profile.Measurements.First(measurement => measurement.Metric == metric))];
        }
    }

    private static Measurement Pair(Measurement model, Measurement baseline) => (model, baseline) switch
    {
        (Measurement.Exact now, Measurement.Exact then) => new Measurement.Changed(now.Metric, now.Value, then.Value),
        (Measurement.Exact, Measurement.Failed failed) => failed with { Reason = "of the baseline, " + failed.Reason },
        _ => model,
    };
}
