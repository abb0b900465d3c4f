using ModelGate.Gating;
using ModelGate.Reporting;
using ModelGate.Tests.Gating;

namespace ModelGate.Tests.Reporting;

[TestClass]
public sealed class RestartBoxTests
{
    private static readonly double[] Restarts = [0.010, 0.011, 0.012, 0.013, 0.014];

    [TestMethod]
    public void A_limit_above_all_restarts_is_marked_to_their_right() =>
        Assert.AreEqual("  -----======|=====------                    ^  ^ 18 ms, 5 restarts from 10 ms to 14 ms", Box("18 ms", Restarts));

    [TestMethod]
    public void A_limit_below_all_restarts_is_marked_to_their_left() =>
        Assert.AreEqual("  ^                     -----=====|======-----  ^ 6 ms, 5 restarts from 10 ms to 14 ms", Box("6 ms", Restarts));

    [TestMethod]
    public void Alike_restarts_at_the_limit_are_one_mark() =>
        Assert.AreEqual("  ^  ^ 1 ms, 3 restarts from 1 ms to 1 ms", Box("1 ms", [0.001, 0.001, 0.001]));

    [TestMethod]
    public void Increases_are_drawn_with_their_sign()
    {
        var result = Result(Budgets.OnIncrease("latency.p50", "5%"), [-0.01, 0, 0.01, 0.02]);

        Assert.Contains("^ +5%, 4 restarts from -1 % to +2 %", RestartBox.Of(result, unicode: false)!);
    }

    [TestMethod]
    public void Two_restarts_and_other_metrics_have_none()
    {
        Assert.IsNull(RestartBox.Of(Result(Budgets.Of("latency.p50", "1 ms"), [0.001, 0.002]), unicode: true));
        Assert.IsNull(RestartBox.Of(Result(Budgets.Of("startup.ready", "1 s"), [0.1, 0.2, 0.3]), unicode: true));
    }

    private static string Box(string limit, double[] restarts) => RestartBox.Of(Result(Budgets.Of("latency.p50", limit), restarts), unicode: false)!;

    private static BudgetResult Result(ModelGate.Policies.Budget budget, double[] restarts) => new("m", "m.onnx", budget, restarts[0], null, restarts, Verdict.Pass, "", null);
}
