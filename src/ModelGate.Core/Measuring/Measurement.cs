namespace ModelGate.Measuring;

/// <summary>What measuring one metric of one subject led to.</summary>
public abstract record Measurement(Metric Metric)
{
    /// <summary>An exact value in the metric's base unit.</summary>
    public sealed record Exact(Metric Metric, double Value) : Measurement(Metric);

    /// <summary>One value per restart of the worker, in the order they were taken, in the metric's base unit.</summary>
    /// <param name="Metric">The metric.</param>
    /// <param name="Restarts">The values; at least one.</param>
    /// <param name="RunsPerRestart">Timed runs behind each value (the smallest over restarts); 1 for metrics that have one value per restart.</param>
    /// <param name="TimeRanOut">True where <c>max_time</c> ended the measuring before a verdict.</param>
    public sealed record Sampled(Metric Metric, IReadOnlyList<double> Restarts, int RunsPerRestart, bool TimeRanOut) : Measurement(Metric)
    {
        /// <summary>Seconds of <c>max_time</c> that a verdict would have needed, where that could be foreseen.</summary>
        public double? NeededTime { get; init; }

        /// <summary>Share of the time of its timed runs that others took from each restart, in the same order; empty where that is not known.</summary>
        public IReadOnlyList<double> TakenByOthers { get; init; } = [];
    }

    /// <summary>Two exact values in the metric's base unit: of a model and of its baseline.</summary>
    public sealed record Changed(Metric Metric, double Value, double Baseline) : Measurement(Metric);

    /// <summary>A model and its baseline, timed in turns in the same processes: one log-ratio per restart, in the order they were taken.</summary>
    /// <param name="Metric">The metric.</param>
    /// <param name="LogRatios">The natural logarithm of how many times more the model takes; at least one.</param>
    /// <param name="TimeRanOut">True where <c>max_time</c> ended the measuring before a verdict.</param>
    public sealed record Compared(Metric Metric, IReadOnlyList<double> LogRatios, bool TimeRanOut) : Measurement(Metric)
    {
        /// <summary>What the model took, the median over restarts, in the metric's base unit.</summary>
        public required double Value { get; init; }

        /// <summary>What the baseline took, the median over restarts, in the metric's base unit.</summary>
        public required double Baseline { get; init; }

        /// <summary>True where the log-ratios are of how long runs had a processor, false where they are of the time that passed.</summary>
        public bool OfProcessor { get; init; }

        /// <summary>Seconds of <c>max_time</c> that a verdict would have needed, where that could be foreseen.</summary>
        public double? NeededTime { get; init; }
    }

    /// <summary>It should have been measured and was not.</summary>
    public sealed record Failed(Metric Metric, DiagnosticKind Kind, string Reason) : Measurement(Metric);

    /// <summary>It is not to be measured in this run.</summary>
    public sealed record Postponed(Metric Metric, string Reason) : Measurement(Metric);
}
