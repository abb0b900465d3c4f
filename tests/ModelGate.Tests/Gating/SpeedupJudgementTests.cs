using ModelGate.Gating;

namespace ModelGate.Tests.Gating;

[TestClass]
public class SpeedupJudgementTests
{
    // Twice as fast, give or take a thousandth.
    private static readonly double[] Twice = [-0.6931, -0.6935, -0.6928, -0.6932, -0.6930];

    [TestMethod]
    [DataRow(1.9, Verdict.Pass)]
    [DataRow(2.1, Verdict.Breach)]
    [DataRow(2.0, Verdict.Inconclusive)]
    public void A_speedup_is_within_beyond_or_not_to_be_told(double limit, Verdict verdict)
    {
        var judgement = SpeedupJudgement.Of(Twice, limit, 0.99);

        Assert.AreEqual(verdict, judgement.Verdict);
        Assert.AreEqual(2, judgement.Estimate, 0.01);
        Assert.IsTrue(judgement.Interval!.Low < judgement.Estimate && judgement.Estimate < judgement.Interval.High);
    }

    [TestMethod]
    public void Of_nothing_asked_everything_passes() => Assert.AreEqual(Verdict.Pass, SpeedupJudgement.Of(Twice, 0, 0.99).Verdict);
}
