using System.Text.Json;
using ModelGate.Measuring;
using ModelGate.Reporting;

namespace ModelGate.Tests.Reporting;

[TestClass]
public sealed class BenchReportTests
{
    private const string Vicious = "models/::error::|<b>@team\u001b[31m.onnx";

    private static readonly double[] Eight = [0.0181, 0.0179, 0.0184, 0.0178, 0.0180, 0.0183, 0.0182, 0.0177];

    [TestMethod]
    public void Text_tells_each_metric_with_its_interval_and_what_it_was_measured_on() => Golden.AssertMatches("Reporting", "bench.txt", Measured.Text());

    [TestMethod]
    public void Json_holds_base_units_and_every_restart()
    {
        string json = Measured.Json();

        Golden.AssertMatches("Reporting", "bench.json", json);
        using var document = JsonDocument.Parse(json);
        CollectionAssert.AreEqual(Eight, document.RootElement.GetProperty("metrics")[0].GetProperty("restarts").EnumerateArray().Select(value => value.GetDouble()).ToArray());
    }

    [TestMethod]
    public void A_growth_stands_apart_from_its_name_however_long_that_is()
    {
        var growth = new Measurement.Sampled(Metric("latency.growth.past_sequence_length"), [.. Eight.Select(static run => run * 100)], 1, false);

        Assert.Contains("  latency.growth.past_sequence_length 1.8", Of("models/intent.onnx", new([growth], Runtime, Waited: 0, [])).Text());
    }

    [TestMethod]
    public void A_profile_is_told_in_tables()
    {
        Golden.AssertMatches("Reporting", "bench-profile.txt", Profiled.Text());
        Golden.AssertMatches("Reporting", "bench-profile.md", Profiled.Markdown());
        Golden.AssertMatches("Reporting", "bench-profile.json", Profiled.Json());
    }

    [TestMethod]
    public void A_sweep_is_a_table_with_a_curve()
    {
        Golden.AssertMatches("Reporting", "bench-sweep.txt", Swept.Text());
        Golden.AssertMatches("Reporting", "bench-sweep.json", Swept.Json());
    }

    [TestMethod]
    public void One_reason_for_all_metrics_is_said_once()
    {
        string text = Failed.Text();

        Golden.AssertMatches("Reporting", "bench-failed.txt", text);
        Assert.HasCount(2, text.Split("MG4009"));
    }

    [TestMethod]
    public void Json_of_a_failure_has_code_and_reason() => Golden.AssertMatches("Reporting", "bench-failed.json", Failed.Json());

    [TestMethod]
    public void Names_from_outside_are_inert()
    {
        Assert.IsFalse(Failed.Text().Any(c => c is not '\n' and < ' '), "no control character reaches a terminal");
        using var json = JsonDocument.Parse(Failed.Json());
        Assert.AreEqual(Vicious, json.RootElement.GetProperty("model").GetString());
    }

    private static RuntimeInfo Runtime { get; } = new("Microsoft.ML.OnnxRuntime 1.29.0", "1.29.0", "git-commit-id=abc", "cpu", 1, 1, "all");

    private static BenchReport Measured { get; } = Of("models/detector.onnx", new(
        [
            new Measurement.Sampled(Metric("latency.p50"), Eight, 1000, false),
            new Measurement.Sampled(Metric("latency.p99"), [0.0312], 459, TimeRanOut: true) { NeededTime = 74.4 },
            new Measurement.Sampled(Metric("startup.ready"), [0.25, 0.26], 1, TimeRanOut: true),
            new Measurement.Sampled(Metric("memory.peak_rss"), [.. Eight.Select(static _ => 104_857_600.0)], 1, false),
        ],
        Runtime, Waited: 12.4, ["other programs were busy, and were waited for 3.2 s"]));

    private static BenchReport Profiled { get; } = Of("models/detector.onnx", new(
        [
            new Measurement.Sampled(Metric("latency.p50"), Eight, 1000, false),
            new Measurement.Exact(Metric("memory.activations"), 2_961_968),
            new Measurement.Sampled(Metric("throughput"), [.. Eight.Select(static run => 2 / run)], 1, false),
            new Measurement.Sampled(Metric("latency.bound"), [.. Eight.Select(static run => run / 3)], 1, false),
            new Measurement.Failed(Metric("macs"), Diagnostics.MacsUnknown, "there is no formula for DFT; the rest of the model takes 300 M."),
        ],
        Runtime, Waited: 0, [])
    {
        Macs = new([new("Conv", 52, 299e6), new("Gemm", 1, 1_280_000)], [new("DFT", 1, 0)]),
        Bound = new(new(300e6, 14_000_000), 1e11, 2e10) { OfProbe = 0.006 },
        Operators = new(20, [new("Conv", "CPUExecutionProvider", 52, 0.017), new("Gemm", "CUDAExecutionProvider", 1, 0.001)], [new(Vicious, "Conv", "CPUExecutionProvider", "1×64×112×112", 0.004), new("fc", "Gemm", "CUDAExecutionProvider", "1×1000", 0.001)]),
    });

    private static BenchReport Swept { get; } = Of("models/intent.onnx", new([new Measurement.Sampled(Metric("latency.growth.seq"), [.. Eight.Select(static run => run * 100)], 1, false)], Runtime, Waited: 0, [])
    {
        Sweeps = [new("seq", [new(128, 0.002, 1e6, 5e7), new(256, 0.007, 4e6, 1.8e8), new(512, 0.027, null, 6.8e8)])],
    });

    private static BenchReport Failed { get; } = Of(Vicious, new(
        [
            new Measurement.Failed(Metric("latency.p50"), Diagnostics.InputsUnknown, "the model does not run: x\u001b: { shape: [?] }"),
            new Measurement.Failed(Metric("memory.peak_rss"), Diagnostics.InputsUnknown, "the model does not run: x\u001b: { shape: [?] }"),
        ],
        null, Waited: 0, []));

    private static BenchReport Of(string model, LatencyResult result) => new(
        "1.2.3", model, new("AMD EPYC 7763 64-Core Processor", ["avx2", "fma"], 4, 2, 16_000_000_000, "Ubuntu 24.04", "x64", "performance"), result, 0.99);

    private static Metric Metric(string name) => MetricCatalogue.Find(name)!;
}
