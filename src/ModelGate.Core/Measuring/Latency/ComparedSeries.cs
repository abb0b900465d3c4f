namespace ModelGate.Measuring;

/// <summary>The log-ratios of one metric, while a model is compared with its baseline.</summary>
internal sealed class ComparedSeries(Metric metric)
{
    private readonly List<double> logRatios = [], ofProcessor = [], values = [], baselines = [];
    private bool timeRanOut;
    private double? neededTime;

    /// <summary>True while more restarts are wanted.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>What is known so far.</summary>
    public Measurement.Compared Compared => new(metric, [.. IsOfProcessor ? ofProcessor : logRatios], timeRanOut)
    {
        OfProcessor = IsOfProcessor,
        Value = Median.Of(values),
        Baseline = Median.Of(baselines),
        NeededTime = neededTime,
    };

    // One measure for all restarts: two of them would not have one truth.
    private bool IsOfProcessor => ofProcessor.Count > 0 && ofProcessor.Count == logRatios.Count;

    /// <summary>Takes a restart down.</summary>
    /// <param name="logRatio">The natural logarithm of how many times more the model takes.</param>
    /// <param name="value">What the model took.</param>
    /// <param name="baseline">What the baseline took.</param>
    /// <param name="logRatioOfProcessor">The same logarithm of how long each had a processor; null where that is not known.</param>
    public void Add(double logRatio, double value, double baseline, double? logRatioOfProcessor = null)
    {
        if (logRatioOfProcessor is { } known)
            ofProcessor.Add(known);
        logRatios.Add(logRatio);
        values.Add(value);
        baselines.Add(baseline);
    }

    /// <summary>Closes those that need no more restarts, and those that cannot have enough.</summary>
    /// <param name="open">Those that are open.</param>
    /// <param name="firstRestart">Seconds of the first restart, where that was it; else 0.</param>
    /// <param name="maxTime">Seconds that all may take.</param>
    /// <param name="settled">True where more restarts would change nothing.</param>
    public static void Settle(IEnumerable<ComparedSeries> open, double firstRestart, double maxTime, Func<Measurement.Compared, bool> settled)
    {
        double needed = Gating.SequentialTTest.First * firstRestart;
        foreach (var one in open)
        {
            if (needed > maxTime)
                one.neededTime = needed;
            if (settled(one.Compared))
                one.IsOpen = false;
            else if (one.neededTime is not null)
                (one.IsOpen, one.timeRanOut) = (false, true);
        }
    }

    /// <summary>Closes those that are open because time is over.</summary>
    public static void End(IEnumerable<ComparedSeries> open)
    {
        foreach (var one in open)
            (one.IsOpen, one.timeRanOut) = (false, true);
    }
}
