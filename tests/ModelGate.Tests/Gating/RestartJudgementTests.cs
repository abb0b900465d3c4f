using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Tests.Gating;

[TestClass]
public sealed class RestartJudgementTests
{
    private const int Gates = 10_000;

    private static readonly Metric P50 = MetricCatalogue.Find("latency.p50")!;
    private static readonly Metric P95 = MetricCatalogue.Find("latency.p95")!;
    private static readonly Metric SessionCreation = MetricCatalogue.Find("startup.session_creation")!;

    [TestMethod]
    public void Eight_restarts_within_the_limit_pass()
    {
        var verdict = RestartJudgement.Of(Sampled(P95, [1.0, 1.1, 1.2, 1.0, 1.1, 1.2, 1.1, 1.1]), 1.2, 0.99);
        Assert.AreEqual(new RestartJudgement(Verdict.Pass, 8, 1.1, new Interval(1.0, 1.2), null), verdict);
    }

    [TestMethod]
    public void Eight_restarts_beyond_the_limit_breach() =>
        Assert.AreEqual(Verdict.Breach, RestartJudgement.Of(Sampled(P95, [1.0, 1.1, 1.2, 1.0, 1.1, 1.2, 1.1, 1.1]), 0.99, 0.99).Verdict);

    [TestMethod]
    public void One_restart_on_the_other_side_takes_the_look_at_thirteen()
    {
        double[] restarts = [1.3, .. Enumerable.Repeat(1.1, 12)];
        var early = RestartJudgement.Of(Sampled(P95, restarts[..8]), 1.2, 0.99);
        Assert.AreEqual(Verdict.Inconclusive, early.Verdict);
        Assert.AreEqual(13, early.NextLook);
        Assert.IsFalse(early.IsFinal);
        Assert.AreEqual(new Interval(1.1, 1.3), early.Interval);
        Assert.AreEqual(Verdict.Pass, RestartJudgement.Of(Sampled(P95, restarts), 1.2, 0.99).Verdict);
    }

    [TestMethod]
    public void Restarts_after_the_verdict_do_not_change_it()
    {
        double[] restarts = [.. Enumerable.Repeat(1.0, 8), .. Enumerable.Repeat(9.0, 32)];
        var verdict = RestartJudgement.Of(Sampled(P95, restarts), 1.2, 0.99);
        Assert.AreEqual(Verdict.Pass, verdict.Verdict);
        Assert.AreEqual(8, verdict.Restarts);
        Assert.AreEqual(1.0, verdict.Estimate);
    }

    [TestMethod]
    public void After_the_last_look_it_is_finally_inconclusive()
    {
        var verdict = RestartJudgement.Of(Sampled(P95, [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? 1.0 : 1.3)]), 1.2, 0.99);
        Assert.AreEqual(Verdict.Inconclusive, verdict.Verdict);
        Assert.IsTrue(verdict.IsFinal);
        Assert.AreEqual(new Interval(1.0, 1.3), verdict.Interval);
    }

    [TestMethod]
    [DataRow(1.7, Verdict.Breach)]
    [DataRow(0.6, Verdict.Pass)]
    public void Three_restarts_decide_a_clear_case(double value, Verdict expected)
    {
        var verdict = RestartJudgement.Of(Sampled(P95, [value, value, value]), 1.0, 0.99);
        Assert.AreEqual(expected, verdict.Verdict);
        Assert.AreEqual(3, verdict.Restarts);
        Assert.IsTrue(verdict.IsFinal);
    }

    [TestMethod]
    public void Medians_are_clear_nearer_to_the_limit_than_tails()
    {
        Assert.AreEqual(Verdict.Breach, RestartJudgement.Of(Sampled(P50, [1.5, 2, 2]), 1.0, 0.99).Verdict);
        Assert.AreEqual(Verdict.Pass, RestartJudgement.Of(Sampled(P50, [0.7, 0.5, 0.5]), 1.0, 0.99).Verdict);
        Assert.AreEqual(Verdict.Inconclusive, RestartJudgement.Of(Sampled(P95, [1.5, 2, 2]), 1.0, 0.99).Verdict);
        Assert.AreEqual(Verdict.Pass, RestartJudgement.Of(Sampled(P95, [0.7, 0.5, 0.5]), 1.0, 0.99).Verdict, "nothing shortens a tail by chance");
    }

    [TestMethod]
    [DataRow(new[] { 0.5, 0.9, 0.5, 0.5, 0.5 }, Verdict.Pass)]
    [DataRow(new[] { 2, 1.2, 2, 2, 2 }, Verdict.Breach)]
    public void One_restart_that_is_unlike_the_others_does_not_hide_a_clear_case(double[] values, Verdict expected)
    {
        var verdict = RestartJudgement.Of(Sampled(P95, values), 1.0, 0.99);
        Assert.AreEqual(expected, verdict.Verdict);
        Assert.AreEqual(5, verdict.Restarts);
        Assert.AreEqual(5, RestartJudgement.Of(Sampled(P95, values[..3]), 1.0, 0.99).NextLook);
        Assert.AreEqual(8, RestartJudgement.Of(Sampled(P95, [values[0], values[1], values[1], values[0], values[0]]), 1.0, 0.99).NextLook, "two of five are too many");
    }

    [TestMethod]
    public void At_twice_the_limit_three_restarts_say_so_even_where_some_are_a_quarter_faster()
    {
        var random = new Random(20261122);
        for (int gate = 0; gate < Gates; gate++)
            Assert.AreEqual(Verdict.Breach, RestartJudgement.Of(Sampled(P50, [.. Enumerable.Range(0, 3).Select(_ => Restart("fast fifth", random))]), 0.5, 0.99).Verdict);
    }

    [TestMethod]
    [DataRow(0, 3, Verdict.Inconclusive)]
    [DataRow(2, 5, Verdict.Inconclusive)]
    [DataRow(3, 3, Verdict.Breach)]
    [DataRow(3, 8, Verdict.Breach)]
    [DataRow(0, 8, Verdict.Breach)]
    public void Once_the_worker_had_to_wait_for_a_processor_only_the_looks_decide(int calm, int taken, Verdict expected)
    {
        var verdict = RestartJudgement.Of(Sampled(P95, [.. Enumerable.Repeat(9.0, taken)]) with { Calm = calm }, 1.0, 0.99);
        Assert.AreEqual(expected, verdict.Verdict);
        Assert.AreEqual(expected == Verdict.Inconclusive ? 8 : null, verdict.NextLook);
        Assert.AreEqual(calm < 3 ? taken : 3, verdict.Restarts, "what came before the disturbance stands");
    }

    [TestMethod]
    public void Two_restarts_decide_nothing() =>
        Assert.AreEqual(Verdict.Inconclusive, RestartJudgement.Of(Sampled(P95, [9, 9]), 1.0, 0.99).Verdict);

    [TestMethod]
    public void A_clear_case_needs_enough_runs_in_each_restart() =>
        Assert.AreEqual(Verdict.Inconclusive, RestartJudgement.Of(Sampled(P95, [9, 9, 9], runs: 19), 1.0, 0.99).Verdict);

    [TestMethod]
    public void Metrics_with_one_value_per_restart_take_the_looks() =>
        Assert.AreEqual(Verdict.Inconclusive, RestartJudgement.Of(Sampled(SessionCreation, [9, 9, 9], runs: 1), 1.0, 0.99).Verdict);

    [TestMethod]
    public void Where_higher_is_better_the_sides_are_swapped()
    {
        var higher = P95 with { Direction = Direction.HigherIsBetter };
        double[] restarts = [.. Enumerable.Repeat(1.1, 8)];
        Assert.AreEqual(Verdict.Pass, RestartJudgement.Of(Sampled(higher, restarts), 1.0, 0.99).Verdict);
        Assert.AreEqual(Verdict.Breach, RestartJudgement.Of(Sampled(higher, restarts), 1.2, 0.99).Verdict);
    }

    [TestMethod]
    public void Exactly_at_the_limit_is_within_it() =>
        Assert.AreEqual(Verdict.Pass, RestartJudgement.Of(Sampled(P95, [.. Enumerable.Repeat(1.0, 8)]), 1.0, 0.99).Verdict);

    [TestMethod]
    [DataRow("quiet", DisplayName = "quiet: restarts differ by 1 %")]
    [DataRow("noisy", DisplayName = "noisy: restarts differ by 15 %")]
    [DataRow("outliers", DisplayName = "one restart in ten is hit by something else")]
    [DataRow("two modes", DisplayName = "memory layout puts a restart into one of two modes")]
    [DataRow("fast fifth", DisplayName = "one restart in five finds the processor to itself")]
    public void At_the_limit_itself_at_most_one_gate_in_a_hundred_is_wrong_per_side(string kind)
    {
        var random = new Random(20261122);
        double truth = TrueMedian(kind);
        int breaches = 0, passes = 0;
        for (int gate = 0; gate < Gates; gate++)
        {
            var verdict = RunGate(() => Restart(kind, random), truth);
            if (verdict == Verdict.Breach) breaches++;
            if (verdict == Verdict.Pass) passes++;
        }

        Assert.IsLessThanOrEqualTo(0.01, (double)breaches / Gates, "wrong breaches");
        Assert.IsLessThanOrEqualTo(0.01, (double)passes / Gates, "wrong passes");
    }

    [TestMethod]
    public void A_machine_that_drifts_by_five_percent_yields_no_wrong_breach_ten_percent_above_the_truth()
    {
        var random = new Random(20261122);
        int breaches = 0;
        for (int gate = 0; gate < Gates; gate++)
        {
            int taken = 0;
            if (RunGate(() => Restart("quiet", random) * (1 + (0.05 * taken++ / 40)), 1.1) == Verdict.Breach) breaches++;
        }

        Assert.AreEqual(0, breaches);
    }

    [TestMethod]
    [DataRow(0.9, Verdict.Breach)]
    [DataRow(1.1, Verdict.Pass)]
    public void Ten_percent_from_the_limit_a_quiet_machine_decides(double limit, Verdict expected)
    {
        var random = new Random(20261122);
        int right = Enumerable.Range(0, Gates).Count(_ => RunGate(() => Restart("quiet", random), limit) == expected);
        Assert.IsGreaterThanOrEqualTo(0.99, (double)right / Gates);
    }

    private static Verdict RunGate(Func<double> restart, double limit)
    {
        List<double> restarts = [];
        while (true)
        {
            restarts.Add(restart());
            if (restarts.Count is not (3 or 5) && LookTable.Of(0.99).LastAt(restarts.Count)?.Restarts != restarts.Count) continue;
            var verdict = RestartJudgement.Of(Sampled(P50, restarts), limit, 0.99);
            if (verdict.IsFinal) return verdict.Verdict;
        }
    }

    private static double Restart(string kind, Random random) => kind switch
    {
        "quiet" => Math.Exp(0.01 * Simulation.Normal(random)),
        "noisy" => Math.Exp(0.15 * Simulation.Normal(random)),
        "outliers" => Math.Exp(0.02 * Simulation.Normal(random)) * (random.NextDouble() < 0.1 ? 3 : 1),
        "fast fifth" => Math.Exp(0.01 * Simulation.Normal(random)) * (random.NextDouble() < 0.2 ? 0.75 : 1),
        "two modes" => Math.Exp(0.01 * Simulation.Normal(random)) * (random.NextDouble() < 0.4 ? 1.25 : 1),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static double TrueMedian(string kind)
    {
        var random = new Random(1);
        double[] restarts = [.. Enumerable.Range(0, 400_000).Select(_ => Restart(kind, random))];
        Array.Sort(restarts);
        return restarts[restarts.Length / 2];
    }

    private static Measurement.Sampled Sampled(Metric metric, IReadOnlyList<double> restarts, int runs = 100) => new(metric, restarts, runs, false);
}
