using ModelGate.Advising;
using ModelGate.Compressing;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tests.Advising;

/// <summary>An advice with a candidate of every kind: chosen, dominated, slower, broken, not to be made.</summary>
internal static class SampleAdvice
{
    private static readonly Metric Latency = MetricCatalogue.Find("latency.p50")!, Size = MetricCatalogue.Find("size.on_disk")!;

    public static Advice Whole { get; } = new("models/detector.onnx",
    [
        new(Candidate.AsShipped, null) { Size = 97_800_000, OnWire = 90_100_000, Latency = 0.012, PeakMemory = 256e6, Demand = new(97_800_000, new Measurement.Exact(Latency, 4e6), new Measurement.Exact(Latency, 4e9), new(4e9, 97_800_000), 200_000_000), Budgets = [Judged(97_800_000)] },
        Of("fp16", 48_900_000, 73.2, 68.1, 1, 1.01) with { Budgets = [Judged(48_900_000)] },
        Of("bf16", 48_900_000, 55.4, 50.2, 1, 1.02) with { Budgets = [Judged(48_900_000)] },
        Of("int8", 24_600_000, 44.1, 39.0, 0.9375, 1.32) with { Budgets = [Judged(24_600_000)] },
        Of("int8-dynamic", 24_600_000, 44.1, 31.7, 0.875, 0.61) with { Budgets = [Judged(24_600_000)] },
        Of("int4", 15_700_000, 20.3, 14.4, 0.5, 1.9) with { Failure = new(Diagnostics.ModelRefused, "the runtime said: no such operator.") },
        new("int4-b64", Schemes.Find("int4-b64")) { Obstacle = "there is no weight in it that int4-b64 would make smaller" },
    ], 0.99)
    {
        HasBudgets = true,
        NotJudged = ["latency.p95"],
        Targets = [new("phone") { Memory = 300e6, Bandwidth = 51e9, Compute = 80e9, Downlink = 50e6, Source = "made up for this test" }],
    };

    public static Candidate Of(string scheme, long size, double weights, double outputs, double top1, double time) => new(scheme, Schemes.Find(scheme))
    {
        Size = size,
        OnWire = size * 0.9,
        WeightSqnr = weights,
        Fidelity = new([new("scores", null) { Elements = 160, Signal = 1, Noise = Math.Pow(10, -outputs / 10), Restored = 1, MaxError = 0.1, Predictions = 16, Agreeing = (long)(16 * top1) }], 16, null),
        Time = new(Latency, [.. Enumerable.Range(0, 5).Select(restart => Math.Log(time) + (0.0001 * (restart - 2)))], false) { Value = 0.012 * time, Baseline = 0.012 },
        Latency = 0.012 * time,
        Demand = new(size, new Measurement.Exact(Latency, 4e6), new Measurement.Exact(Latency, 4e9), new(4e9, size), 20_000_000),
        PeakMemory = 200e6,
    };

    private static BudgetResult Judged(long size)
    {
        var budget = new Budget(Size, new(50e6, "50 MB", new("modelgate.yml", 6, 20)), null, null, false, new("modelgate.yml", 6, 7));
        return new("detector", "models/detector.onnx", budget, size, null, [], size <= 50_000_000 ? Verdict.Pass : Verdict.Breach, "", null);
    }
}
