using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Tests.Gating;

[TestClass]
public sealed class RestartJudgementTests
{
    private const int Gates = 10_000, GatesAtTheLimit = 40_000; // of 40,000 a share of 0.85 % is known to 0.05 %

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
    [DataRow(new[] { 1.3, 2.0, 2.0 }, Verdict.Breach)]
    [DataRow(new[] { 0.75, 0.5, 0.5 }, Verdict.Pass)]
    [DataRow(new[] { 1.25, 9.0, 9.0 }, Verdict.Inconclusive, DisplayName = "one is nearer than 1.3 times")]
    [DataRow(new[] { 0.8, 0.1, 0.1 }, Verdict.Inconclusive, DisplayName = "one is nearer than 1.3 times, below")]
    [DataRow(new[] { 1.5, 1.5, 1.5 }, Verdict.Inconclusive, DisplayName = "together they are nearer than 1.6 times")]
    public void Of_three_restarts_each_is_far_from_the_limit_and_all_together_are_farther(double[] values, Verdict expected)
    {
        foreach (var metric in (Metric[])[P50, P95])
            Assert.AreEqual(expected, RestartJudgement.Of(Sampled(metric, values), 1.0, 0.99).Verdict, metric.Name);
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
        int clear = Enumerable.Range(0, Gates).Count(_ => RestartJudgement.Of(Sampled(P50, [.. Enumerable.Range(0, 3).Select(_ => Restart("fast fifth", random).Value)]), 0.5, 0.99).Verdict == Verdict.Breach);
        Assert.IsGreaterThanOrEqualTo(0.99, (double)clear / Gates);
    }

    [TestMethod]
    [DataRow(new[] { 0.02, 0.02, 0.5 }, 5)]
    [DataRow(new[] { 0.4, 0.4, 0.4, 0.02, 0.02 }, 8)]
    public void Once_others_took_more_than_an_eighth_of_the_restarts_they_are_no_clear_case(double[] shares, int nextLook)
    {
        foreach (double value in (double[])[9, 0.1])
        {
            var verdict = RestartJudgement.Of(Sampled(P50, [.. Enumerable.Repeat(value, shares.Length)]) with { TakenByOthers = shares }, 1.0, 0.99);
            Assert.AreEqual(Verdict.Inconclusive, verdict.Verdict);
            Assert.AreEqual(nextLook, verdict.NextLook);
        }
    }

    [TestMethod]
    public void One_restart_that_others_took_a_quarter_of_is_calm_enough_beside_two_that_had_all_their_time()
    {
        var clear = Sampled(P50, [9, 9, 9]);
        Assert.AreEqual(Verdict.Breach, RestartJudgement.Of(clear with { TakenByOthers = [0.02, 0.25, 0.05] }, 1.0, 0.99).Verdict);
        Assert.AreEqual(Verdict.Inconclusive, RestartJudgement.Of(clear with { TakenByOthers = [0.25, 0.25, 0.05] }, 1.0, 0.99).Verdict);
    }

    [TestMethod]
    public void What_came_before_the_disturbance_stands()
    {
        var verdict = RestartJudgement.Of(Sampled(P95, [9, 9, 9, 9, 9]) with { TakenByOthers = [0, 0, 0, 0.9, 0.9] }, 1.0, 0.99);
        Assert.AreEqual(Verdict.Breach, verdict.Verdict);
        Assert.AreEqual(3, verdict.Restarts);
    }

    [TestMethod]
    public void A_tail_passes_with_five_restarts_in_spite_of_others_and_never_breaches_because_of_them()
    {
        double[] shares = [0.5, 0.5, 0.5, 0.5, 0.5];
        double[] below = [0.5, 0.5, 0.5, 0.9, 0.5], above = [9, 9, 9, 9, 9];
        Assert.AreEqual(Verdict.Inconclusive, RestartJudgement.Of(Sampled(P95, below[..3]) with { TakenByOthers = shares }, 1.0, 0.99).Verdict, "three are too few");
        Assert.AreEqual(Verdict.Pass, RestartJudgement.Of(Sampled(P95, below) with { TakenByOthers = shares }, 1.0, 0.99).Verdict);
        Assert.AreEqual(Verdict.Inconclusive, RestartJudgement.Of(Sampled(P95, above) with { TakenByOthers = shares }, 1.0, 0.99).Verdict);
        Assert.AreEqual(Verdict.Inconclusive, RestartJudgement.Of(Sampled(P50, below) with { TakenByOthers = shares }, 1.0, 0.99).Verdict, "medians of a busy machine lie a factor of two apart");
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
    [DataRow("very noisy", DisplayName = "very noisy: restarts differ by 25 %")]
    [DataRow("outliers", DisplayName = "one restart in ten is hit by something else")]
    [DataRow("two modes", DisplayName = "memory layout puts a restart into one of two modes")]
    [DataRow("fast fifth", DisplayName = "one restart in five finds the processor to itself")]
    [DataRow("busy median", DisplayName = "others take half of the time, and two medians in five do not show it")]
    [DataRow("busy tail", DisplayName = "others take half of the time, nine tails in ten show it, and those differ by 14 %")]
    public void At_the_limit_itself_at_most_one_gate_in_a_hundred_is_wrong_per_side(string kind)
    {
        var random = new Random(20261122);
        double truth = TrueMedian(kind);
        int breaches = 0, passes = 0;
        for (int gate = 0; gate < GatesAtTheLimit; gate++)
        {
            var verdict = RunGate(() => Restart(kind, random), truth, kind == "busy tail" ? P95 : P50);
            if (verdict == Verdict.Breach) breaches++;
            if (verdict == Verdict.Pass) passes++;
        }

        Assert.IsLessThanOrEqualTo(0.01, (double)breaches / GatesAtTheLimit, "wrong breaches");
        Assert.IsLessThanOrEqualTo(0.01, (double)passes / GatesAtTheLimit, "wrong passes");
    }

    [TestMethod]
    public void A_machine_that_drifts_by_five_percent_yields_no_wrong_breach_ten_percent_above_the_truth()
    {
        var random = new Random(20261122);
        int breaches = 0;
        for (int gate = 0; gate < Gates; gate++)
        {
            int taken = 0;
            if (RunGate(() => (Restart("quiet", random).Value * (1 + (0.05 * taken++ / 40)), 0), 1.1, P50) == Verdict.Breach) breaches++;
        }

        Assert.AreEqual(0, breaches);
    }

    [TestMethod]
    [DataRow(0.9, Verdict.Breach)]
    [DataRow(1.1, Verdict.Pass)]
    public void Ten_percent_from_the_limit_a_quiet_machine_decides(double limit, Verdict expected)
    {
        var random = new Random(20261122);
        int right = Enumerable.Range(0, Gates).Count(_ => RunGate(() => Restart("quiet", random), limit, P50) == expected);
        Assert.IsGreaterThanOrEqualTo(0.99, (double)right / Gates);
    }

    private static Verdict RunGate(Func<(double Value, double TakenByOthers)> restart, double limit, Metric metric)
    {
        List<double> restarts = [], taken = [];
        while (true)
        {
            var (value, share) = restart();
            restarts.Add(value);
            taken.Add(share);
            if (restarts.Count is not (3 or 5) && LookTable.Of(0.99).LastAt(restarts.Count)?.Restarts != restarts.Count) continue;
            var verdict = RestartJudgement.Of(Sampled(metric, restarts) with { TakenByOthers = taken }, limit, 0.99);
            if (verdict.IsFinal) return verdict.Verdict;
        }
    }

    private static (double Value, double TakenByOthers) Restart(string kind, Random random) => kind switch
    {
        "quiet" => (Math.Exp(0.01 * Simulation.Normal(random)), 0),
        "noisy" => (Math.Exp(0.15 * Simulation.Normal(random)), 0),
        "very noisy" => (Math.Exp(0.25 * Simulation.Normal(random)), 0),
        "outliers" => (Math.Exp(0.02 * Simulation.Normal(random)) * (random.NextDouble() < 0.1 ? 3 : 1), 0),
        "fast fifth" => (Math.Exp(0.01 * Simulation.Normal(random)) * (random.NextDouble() < 0.2 ? 0.75 : 1), 0),
        "two modes" => (Math.Exp(0.01 * Simulation.Normal(random)) * (random.NextDouble() < 0.4 ? 1.25 : 1), 0),
        // A tenth is alone by chance, and fast.
        "busy median" => random.NextDouble() switch { < 0.1 => (0.42, 0.05), < 0.4 => (0.42, 0.5), _ => (Math.Exp(0.05 * Simulation.Normal(random)), 0.5) },
        "busy tail" => random.NextDouble() < 0.1 ? (0.4, 0.05) : (Math.Exp(0.14 * Simulation.Normal(random)), 0.5),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static double TrueMedian(string kind)
    {
        var random = new Random(1);
        double[] restarts = [.. Enumerable.Range(0, 400_000).Select(_ => Restart(kind, random).Value)];
        Array.Sort(restarts);
        return restarts[restarts.Length / 2];
    }

    private static Measurement.Sampled Sampled(Metric metric, IReadOnlyList<double> restarts, int runs = 100) => new(metric, restarts, runs, false);
}
