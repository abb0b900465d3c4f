using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Tests.Gating;

[TestClass]
public sealed class IncreaseJudgementTests
{
    private const int Gates = 20_000;

    private static readonly Percentile P50 = Percentile.Of(MetricCatalogue.Find("latency.p50")!)!;

    private static readonly double[] FivePercentMore = [.. new[] { 0.0500, 0.0505, 0.0495, 0.0502, 0.0498 }.Select(each => Math.Log(1 + each))];

    [TestMethod]
    public void Five_restarts_that_agree_decide()
    {
        Assert.AreEqual(Verdict.Breach, IncreaseJudgement.Of(FivePercentMore, 0.04, 0.99).Verdict);
        Assert.AreEqual(Verdict.Pass, IncreaseJudgement.Of(FivePercentMore, 0.06, 0.99).Verdict);
    }

    [TestMethod]
    public void At_the_limit_itself_five_restarts_ask_for_three_more()
    {
        var open = IncreaseJudgement.Of(FivePercentMore, 0.05, 0.99);
        Assert.AreEqual(Verdict.Inconclusive, open.Verdict);
        Assert.AreEqual(8, open.NextLook);
        Assert.IsFalse(open.IsFinal);
    }

    [TestMethod]
    public void The_interval_is_the_mean_and_so_many_standard_errors()
    {
        var judgement = IncreaseJudgement.WithoutLimit([0.01, 0.02, 0.03, 0.04, 0.05], 0.99);
        double half = StudentT.Quantile(0.0011, 4) * Math.Sqrt(0.00025 / 5);
        Assert.AreEqual(Math.Exp(0.03) - 1, judgement.Estimate, 1e-12);
        Assert.AreEqual(Math.Exp(0.03 - half) - 1, judgement.Interval!.Low, 1e-12);
        Assert.AreEqual(Math.Exp(0.03 + half) - 1, judgement.Interval.High, 1e-12);
    }

    [TestMethod]
    public void Before_five_restarts_there_is_no_interval()
    {
        var judgement = IncreaseJudgement.Of([0.5, 0.5, 0.5, 0.5], 0.01, 0.99);
        Assert.AreEqual(Verdict.Inconclusive, judgement.Verdict);
        Assert.IsNull(judgement.Interval);
        Assert.AreEqual(5, judgement.NextLook);
        Assert.IsNull(IncreaseJudgement.NoiseFloor([0.5, 0.5, 0.5, 0.5], 0.99));
    }

    [TestMethod]
    public void Restarts_after_the_verdict_do_not_change_it()
    {
        var judgement = IncreaseJudgement.Of([.. FivePercentMore, .. Enumerable.Repeat(-1.0, 11)], 0.04, 0.99);
        Assert.AreEqual(Verdict.Breach, judgement.Verdict);
        Assert.AreEqual(5, judgement.Restarts);
    }

    [TestMethod]
    public void After_sixteen_restarts_it_is_finally_inconclusive()
    {
        var judgement = IncreaseJudgement.Of([.. Enumerable.Range(0, 16).Select(i => i % 2 == 0 ? -0.01 : 0.01)], 0, 0.99);
        Assert.AreEqual(Verdict.Inconclusive, judgement.Verdict);
        Assert.IsTrue(judgement.IsFinal);
        Assert.AreEqual(16, judgement.Restarts);
    }

    [TestMethod]
    public void Alike_to_the_last_digit_is_within_any_increase() =>
        Assert.AreEqual(Verdict.Pass, IncreaseJudgement.Of([0, 0, 0, 0, 0], 0, 0.99).Verdict);

    [TestMethod]
    [DataRow(0.95)]
    [DataRow(0.99)]
    [DataRow(0.999)]
    public void The_looks_spend_three_quarters_of_the_error_that_the_confidence_leaves(double confidence) =>
        Assert.AreEqual(0.75 * (1 - confidence), SequentialTTest.Of(confidence).Looks.Sum(look => look.Error), 1e-12);

    [TestMethod]
    [DataRow("normal", 0.99)]
    [DataRow("normal", 0.95)]
    [DataRow("heavy tails", 0.99)]
    [DataRow("outliers", 0.99)]
    [DataRow("order of creation", 0.99)]
    public void At_the_limit_itself_no_more_gates_are_wrong_per_side_than_the_confidence_says(string kind, double confidence)
    {
        var (breaches, passes) = Run(kind, truth: 0.05, limit: 0.05, confidence);
        Assert.IsLessThanOrEqualTo(1 - confidence, breaches, "wrong breaches");
        Assert.IsLessThanOrEqualTo(1 - confidence, passes, "wrong passes");
    }

    [TestMethod]
    [DataRow("normal")]
    [DataRow("heavy tails")]
    [DataRow("outliers")]
    [DataRow("order of creation")]
    public void An_unchanged_model_is_never_said_to_be_five_percent_slower(string kind) =>
        Assert.AreEqual(0, Run(kind, truth: 0, limit: 0.05, 0.99).Breaches);

    [TestMethod]
    [DataRow(0.02, 0.0)]
    [DataRow(0.07, 0.05)]
    public void Two_percent_beyond_the_limit_is_found(double truth, double limit)
    {
        Assert.IsGreaterThanOrEqualTo(0.99, Run("normal", truth, limit, 0.99).Breaches);
        Assert.IsGreaterThanOrEqualTo(0.95, Run("order of creation", truth, limit, 0.99).Breaches);
    }

    [TestMethod]
    public void An_increase_of_the_noise_floor_lets_an_unchanged_model_pass_nineteen_times_in_twenty()
    {
        var random = new Random(20261122);
        double floor = IncreaseJudgement.NoiseFloor([.. Enumerable.Range(0, 10_000).Select(_ => Restart("normal", random))], 0.99)!.Value;
        Assert.IsGreaterThanOrEqualTo(0.95, Run("normal", truth: 0, floor, 0.99).Passes);
        Assert.IsLessThan(0.95, Run("normal", truth: 0, floor * 0.75, 0.99).Passes);
    }

    [TestMethod]
    [DataRow(0.0, 0.05, 0.1, Verdict.Pass)]
    [DataRow(0.02, 0.0, 0.1, Verdict.Breach)]
    [DataRow(0.07, 0.05, 0.1, Verdict.Breach)]
    [DataRow(0.0, 0.05, 0.3, Verdict.Pass)]
    [DataRow(0.02, 0.0, 0.3, Verdict.Breach)]
    [DataRow(0.07, 0.05, 0.3, Verdict.Breach)]
    public void Runs_on_a_machine_that_drifts_and_is_hit_by_other_work_lead_to_the_right_verdict(double truth, double limit, double hit, Verdict expected)
    {
        const int gates = 400;
        var random = new Random(20261122);
        int right = 0;
        for (int gate = 0; gate < gates; gate++)
        {
            double[] restarts = [.. Enumerable.Range(0, 16).Select(_ => SimulatedRestart(1 + truth, hit, random))];
            right += IncreaseJudgement.Of(restarts, limit, 0.99).Verdict == expected ? 1 : 0;
        }

        Assert.IsGreaterThanOrEqualTo(0.98, (double)right / gates);
    }

    // A restart of 50 blocks: each session lies well or badly in memory, the machine slows down by up to a fifth, a share of the runs is hit.
    private static double SimulatedRestart(double truth, double hit, Random random)
    {
        double model = truth * Math.Exp(0.004 * Simulation.Normal(random)), baseline = Math.Exp(0.004 * Simulation.Normal(random)), drift = 0.2 * random.NextDouble() / 200;
        double[] runs = new double[100], baselineRuns = new double[100];
        for (int i = 0; i < runs.Length; i += 2)
        {
            runs[i] = Run(model, 2 * i);
            baselineRuns[i] = Run(baseline, (2 * i) + 1);
            baselineRuns[i + 1] = Run(baseline, (2 * i) + 2);
            runs[i + 1] = Run(model, (2 * i) + 3);
        }

        return PairedRuns.LogRatio(P50, runs, baselineRuns);

        double Run(double time, int at) => time * (1 + (drift * at)) * Math.Exp(0.02 * Math.Abs(Simulation.Normal(random))) * (random.NextDouble() < hit ? 1 + (2 * random.NextDouble()) : 1);
    }

    // Shares of gates that end in breach and in pass.
    private static (double Breaches, double Passes) Run(string kind, double truth, double limit, double confidence)
    {
        var random = new Random(20261122);
        int breaches = 0, passes = 0;
        double[] restarts = new double[16];
        for (int gate = 0; gate < Gates; gate++)
        {
            for (int i = 0; i < restarts.Length; i++)
                restarts[i] = Math.Log(1 + truth) + Restart(kind, random);
            var verdict = IncreaseJudgement.Of(restarts, limit, confidence).Verdict;
            if (verdict == Verdict.Breach) breaches++;
            if (verdict == Verdict.Pass) passes++;
        }

        return ((double)breaches / Gates, (double)passes / Gates);
    }

    // What a restart adds to the true log-ratio: half a percent is what was seen, quiet and busy.
    private static double Restart(string kind, Random random) => kind switch
    {
        "normal" => 0.005 * Simulation.Normal(random),
        "heavy tails" => 0.005 * Simulation.Normal(random) / Math.Sqrt(ChiSquared(4, random) / 4),
        "outliers" => 0.004 * Simulation.Normal(random) + (random.NextDouble() < 0.1 ? 0.03 * Simulation.Normal(random) : 0),
        "order of creation" => 0.005 * Simulation.Normal(random) + (random.Next(2) == 0 ? 0.003 : -0.003),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static double ChiSquared(int freedom, Random random) => Enumerable.Range(0, freedom).Sum(_ => Math.Pow(Simulation.Normal(random), 2));
}
