using System.Diagnostics;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;
using NuGet.Versioning;

namespace ModelGate.Tests.Measuring.Latency;

/// <summary>Rows 40 to 45 of the fault table: whatever a model does to the process that runs it, one clear reason is left.</summary>
[TestClass]
public sealed class WorkerFaultTests
{
    [TestMethod]
    [DataRow("segfault", "MG4004", "SIGSEGV", "0xC0000005")]
    [DataRow("abort", "MG4004", "SIGABRT", "0x80131623")]
    [DataRow("silent", "MG4010", "exit code 0", "exit code 0")]
    [DataRow("exit 7", "MG4010", "exit code 7", "exit code 7")]
    [DataRow("nonsense", "MG4010", "not understood", "not understood")]
    [DataRow("not json", "MG4010", "not understood", "not understood")]
    [DataRow("spews a line without end", "MG4010", "exit code 0", "exit code 0")]
    [DataRow("leaves a child that holds its output", "MG4010", "exit code 0", "exit code 0")]
    public void A_worker_that_goes_wrong_leaves_one_reason(string fault, string code, string reason, string reasonOnWindows)
    {
        var failed = Fail(Workers.Request(fault, Workers.Metrics("latency.p50")));
        Assert.AreEqual(code, failed.Kind.Code, failed.Reason);
        Assert.Contains(OperatingSystem.IsWindows() ? reasonOnWindows : reason, failed.Reason);
    }

    [TestMethod]
    public void Last_words_of_a_worker_are_one_inert_line()
    {
        string reason = Fail(Workers.Request("exit 7", Workers.Metrics("latency.p50"))).Reason;
        Assert.EndsWith("It last wrote: something [31m went wrong", reason);
    }

    [TestMethod]
    public void Of_a_long_reason_the_beginning_is_kept_in_one_line()
    {
        string reason = Fail(Workers.Request("long words", Workers.Metrics("latency.p50"))).Reason;
        Assert.StartsWith("Write this. The runtime said: word word ", reason);
        Assert.HasCount(1001, reason);
        Assert.EndsWith("…", reason);
    }

    [TestMethod]
    public void A_worker_that_the_system_kills_is_taken_for_out_of_memory()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has no SIGKILL.");
        Assert.AreEqual("MG4006", Fail(Workers.Request("killed", Workers.Metrics("latency.p50"))).Kind.Code);
    }

    [TestMethod]
    [DataRow("hang")]
    [DataRow("closes its output and hangs")]
    public void A_worker_that_hangs_is_ended(string fault)
    {
        var failed = Fail(Workers.Request(fault, Workers.Metrics("latency.p50"), maxTime: 0.5));
        Assert.IsTrue(failed.Kind.Code is "MG4005" or "MG4010", failed.Reason);
        Assert.AreEqual(failed.Kind.Code == "MG4005", failed.Reason.EndsWith("without a result: the model was being loaded, or in its first inference.", StringComparison.Ordinal), failed.Reason);
    }

    [TestMethod]
    public void A_worker_that_floods_memory_is_ended_at_its_cap()
    {
        var failed = Fail(Workers.Request("floods memory", Workers.Metrics("latency.p50")) with { MemoryCap = 200L << 20 });
        Assert.AreEqual("MG4006", failed.Kind.Code, failed.Reason);
        Assert.Contains("200 MiB", failed.Reason);
    }

    [TestMethod]
    public void Output_of_native_code_does_not_disturb_the_protocol()
    {
        var result = Workers.Measure(Workers.Request("garbage around the result", Workers.Metrics("startup.session_creation", "memory.peak_rss")), Workers.Faulty);
        CollectionAssert.AreEqual(new[] { 0.02 }, Restarts(result));
        Assert.AreEqual("1.29.0", result.Runtime!.Version);
    }

    [TestMethod]
    public void Measuring_stops_at_the_restart_that_settles_it()
    {
        var request = Workers.Request("steady", Workers.Metrics("latency.p50"));
        Assert.HasCount(3, Restarts(Workers.MeasureAgainst(1, request, Workers.Faulty)), "a clear case");
        Assert.HasCount(8, Restarts(Workers.MeasureAgainst(0.021, request, Workers.Faulty)), "the first look");
    }

    [TestMethod]
    public void A_metric_with_one_value_per_restart_times_no_runs()
    {
        var result = Workers.Measure(Workers.Request("steady", Workers.Metrics("startup.session_creation")), Workers.Faulty);
        Assert.AreEqual(1, ((Measurement.Sampled)result.Measurements[0]).RunsPerRestart);
    }

    [TestMethod]
    [DataRow(0.021, Verdict.Inconclusive)]
    [DataRow(1, Verdict.Pass)]
    [DataRow(0.001, Verdict.Breach)]
    public void Where_eight_restarts_cannot_fit_three_may_still_settle_a_clear_case(double limit, Verdict verdict)
    {
        // 459 runs of 20 ms are 9.2 s a restart.
        var sampled = (Measurement.Sampled)Workers.MeasureAgainst(limit, Workers.Request("steady", Workers.Metrics("latency.p99"), maxTime: 30), Workers.Faulty).Measurements[0];
        Assert.HasCount(3, sampled.Restarts);
        Assert.AreEqual(verdict, RestartJudgement.Of(sampled, limit, 0.99).Verdict);
        Assert.AreEqual(verdict == Verdict.Inconclusive, sampled.TimeRanOut);
        Assert.IsGreaterThan(73.0, sampled.NeededTime!.Value);
    }

    [TestMethod]
    public void Metrics_without_a_clear_case_are_given_up_after_the_first_restart_that_is_too_long()
    {
        var sampled = (Measurement.Sampled)Workers.MeasureAgainst(1, Workers.Request("steady", Workers.Metrics("startup.ready"), maxTime: 0.2), Workers.Faulty).Measurements[0];
        Assert.HasCount(1, sampled.Restarts);
        Assert.IsTrue(sampled.TimeRanOut);
    }

    [TestMethod]
    public void More_threads_than_usable_cores_are_noted()
    {
        var request = Workers.Request("steady", Workers.Metrics("latency.p50")) with { Benchmark = new Benchmark { IntraOpThreads = 2 } };
        Assert.IsTrue(Notes(request with { UsableCores = 1.5 }).Any(note => note.StartsWith("2 intra-op threads had to share 1.5 usable cores", StringComparison.Ordinal)));
        Assert.IsFalse(Notes(request with { UsableCores = 2 }).Any(note => note.Contains("threads", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Managed_memory_allocated_while_timing_is_noted() =>
        Assert.IsTrue(Notes(Workers.Request("allocates", Workers.Metrics("latency.p50"))).Any(note => note.Contains("allocated up to 4096 bytes", StringComparison.Ordinal)));

    [TestMethod]
    public void A_model_too_slow_for_one_restart_is_not_waited_for()
    {
        var failed = Fail(Workers.Request("slow", Workers.Metrics("latency.p95"), maxTime: 60));
        Assert.AreEqual("MG4005", failed.Kind.Code);
        Assert.Contains("8 restarts need about 14400 s; max_time is 60 s", failed.Reason);
    }

    [TestMethod]
    public void A_percentile_that_needs_too_many_runs_is_given_up_alone()
    {
        // 20 ms a run: 459 of them take 9.2 s, 7 take a quarter of a second.
        var measurements = Workers.Measure(Workers.Request("steady", Workers.Metrics("latency.p99", "latency.p50", "startup.session_creation"), maxTime: 5), Workers.Faulty).Measurements;
        var failed = (Measurement.Failed)measurements[0];
        Assert.AreEqual(("MG4005", "an inference takes 20 ms and 459 are needed in each restart, so 8 restarts need about 73 s; max_time is 5.0 s."), (failed.Kind.Code, failed.Reason));
        Assert.HasCount(1, ((Measurement.Sampled)measurements[1]).Restarts);
        Assert.HasCount(1, ((Measurement.Sampled)measurements[2]).Restarts);
    }

    [TestMethod]
    public void A_runtime_older_than_1_16_is_refused_by_its_own_word()
    {
        var failed = Fail(Workers.Request("old runtime", Workers.Metrics("latency.p50")) with { Runtime = RuntimeSearch.Found(new("bundled", null, [], [])) });
        Assert.AreEqual("MG4003", failed.Kind.Code);
        Assert.Contains("1.16", failed.Reason);
    }

    [TestMethod]
    public void A_runtime_outside_of_the_policys_range_is_refused_before_anything_runs()
    {
        var request = Workers.Request("steady", Workers.Metrics("latency.p50"));
        var range = new Written<VersionRange>(VersionRange.Parse("[1.16, 1.20)"), "[1.16, 1.20)", new("modelgate.yml", 3, 5));
        var failed = Fail(request with { Benchmark = new() { Runtime = range } });
        Assert.AreEqual("MG4003", failed.Kind.Code);
        Assert.Contains("does not accept", failed.Reason);
    }

    [TestMethod]
    public void A_worker_that_cannot_be_started_is_said()
    {
        var result = Workers.Measure(Workers.Request("steady", Workers.Metrics("latency.p50")), Workers.Faulty with { DotNet = Path.Combine(Repository.Root, "no-such-host") });
        Assert.AreEqual("MG4001", ((Measurement.Failed)result.Measurements[0]).Kind.Code);
    }

    [TestMethod]
    public void Cancelling_ends_the_worker_and_the_measuring()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        Assert.Throws<OperationCanceledException>(() => LatencyMeasuring.Measure(
            Workers.Request("hang", Workers.Metrics("latency.p50")), Workers.Faulty, static _ => false, null, cancellation.Token));
    }

    [TestMethod]
    public void A_worker_whose_parent_is_gone_ends()
    {
        using var worker = Process.Start(new ProcessStartInfo(Workers.Real.DotNet, ["exec", Workers.Real.Worker]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        worker.StandardInput.Close();
        Assert.IsTrue(worker.WaitForExit(TimeSpan.FromSeconds(30)));
    }

    private static Measurement.Failed Fail(LatencyRequest request) => (Measurement.Failed)Workers.Measure(request, Workers.Faulty).Measurements[0];

    private static IReadOnlyList<string> Notes(LatencyRequest request) => Workers.Measure(request, Workers.Faulty).Notes;

    private static double[] Restarts(LatencyResult result) => [.. ((Measurement.Sampled)result.Measurements[0]).Restarts];
}
