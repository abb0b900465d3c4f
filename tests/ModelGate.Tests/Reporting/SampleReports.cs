using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Reporting;
using ModelGate.Tests.Gating;

namespace ModelGate.Tests.Reporting;

/// <summary>Runs of the gate as reports meet them.</summary>
internal static class SampleReports
{
    /// <summary>Every verdict once, a timing, names that attack each sink.</summary>
    public static Report Everything { get; } = Of(
    [
        new("detector", "models/detector.onnx", Budgets.Of("parameters", "25M", line: 6), 24_100_000, null, [], Verdict.Pass, "past the warning level of 90%",
            new(Diagnostics.NearLimit, At(6), "detector: parameters is 24.1 M (24,100,000), 96 % of its limit of 25M: past the warning level of 90%. Next: `modelgate inspect models/detector.onnx` shows where the weight is.")),
        new("detector", "models/detector.onnx", Budgets.Of("size.on_disk", "52 MB", line: 7), 54_213_004, null, [], Verdict.Breach, "2.21 MB (4.3 %) over",
            new(Diagnostics.BudgetBreached, At(7), "detector: size.on_disk is 54.2 MB (54,213,004 bytes), 2.21 MB (4.3 %) over its limit of 52 MB. Next: `modelgate inspect models/detector.onnx` shows where the weight is.")),
        new("detector", "models/detector.onnx", Budgets.Of("latency.p50", "12 ms", line: 8), 0.0081, new(0.0079, 0.0084), [0.0081, 0.0080, 0.0082], Verdict.Pass, "", null),
        new("detector", "models/detector.onnx", Budgets.OnIncrease("latency.p50", "5%", line: 8), 0.0731, new(0.0712, 0.075), [0.0732, 0.0728, 0.0731, 0.0735, 0.0729], Verdict.Breach, "more than its baseline by 7.3 %",
            new(Diagnostics.BudgetBreached, At(8), "detector: latency.p50 is 7.3 % above its baseline (between +7.1 % and +7.5 % over 5 restarts; 8.1 ms against 7.55 ms), over its max_increase of 5%. Next: `modelgate bench models/detector.onnx` times it alone."))
        { Comparison = new(0.0081, 0.00755) },
        new("detector", "models/detector.onnx", Budgets.Of("latency.p95", "18 ms", line: 9), 0.0178, new(0.0171, 0.0184), [0.0178, 0.0171, 0.0184], Verdict.Inconclusive, "The 8 restarts that a verdict needs take about 90 s, and `benchmark.max_time` is 60 s: raise it.",
            new(Diagnostics.Inconclusive, At(9), "detector: latency.p95 is 17.8 ms (between 17.1 ms and 18.4 ms over 3 restarts): cannot be told from its limit of 18 ms.")),
        new("detector", "models/detector.onnx", Budgets.Of("size.in_package", "40 MB", line: 10), null, null, [], Verdict.Deferred, "judged when the package is packed, or with `modelgate check --package FILE`",
            new(Diagnostics.Deferred, At(10), "detector: size.in_package is deferred: judged when the package is packed.")),
        new("models/::error::|<b>@team\u001b[31m.onnx", "models/::error::|<b>@team\u001b[31m.onnx", Budgets.Of("size.on_disk", "1 MB", line: 14), null, null, [], Verdict.Unmeasured, "the file is a Git LFS pointer",
            new(Diagnostics.LfsPointer, At(14), "models/::error::|<b>@team\u001b[31m.onnx: size.on_disk was not measured: the file is a Git LFS pointer.")),
        new("total", null, Budgets.Of("size.on_disk", "120 MB", line: 18), 66_000_000, null, [], Verdict.Pass, "", null),
    ],
    [
        new(Diagnostics.Unmatched, new SourceLocation("models/extra.onnx"), "models/extra.onnx is deployed and no entry of the policy matches it."),
    ]) with
    { TimingNotes = ["detector: other programs were busy, and were waited for 3.2 s"] };

    /// <summary>Everything within its budget, nothing timed.</summary>
    public static Report Passing { get; } = Of(
    [
        new("digits.onnx", "digits.onnx", Budgets.Of("size.on_disk", "50 kB", line: 6), 26_143, null, [], Verdict.Pass, "", null),
    ], []) with
    { Machine = null, Runtime = null, Sweeps = [] };

    /// <summary>A policy that could not be read.</summary>
    public static Report WrongPolicy { get; } = Of([],
    [
        new(Diagnostics.UnknownKey, At(4), "`size.on_disc` is not a metric: did you mean `size.on_disk`?"),
        new(Diagnostics.InvalidValue, At(5), "`50` has no unit: write `50 MB` or `50 MiB`"),
    ]) with
    { Machine = null, Runtime = null, Sweeps = [] };

    private static SourceLocation At(int line) => new("modelgate.yml", line, 7);

    private static Report Of(IReadOnlyList<BudgetResult> budgets, IReadOnlyList<Diagnostic> diagnostics) => new()
    {
        ToolVersion = "1.2.3",
        PolicyPath = "modelgate.yml",
        Verdict = Gate.Overall(budgets, diagnostics),
        Budgets = budgets,
        Diagnostics = diagnostics,
        Machine = new("AMD EPYC 7763 64-Core Processor", ["avx2", "fma"], 4, 2, 16_000_000_000, "Ubuntu 24.04", "x64", "performance"),
        Runtime = new("Microsoft.ML.OnnxRuntime", "1.29.0", "git-commit-id=abc", "cpu", 1, 1, "all"),
        Sweeps = [new("detector", new("side", [new(160, 0.002, 1e6, 5e7), new(320, 0.008, 4e6, 2e8), new(640, 0.033, null, 8e8)]))],
    };
}
