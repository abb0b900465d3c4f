using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Latency;

[TestClass]
public sealed class QuietTests
{
    [TestMethod]
    public void A_calm_machine_is_looked_at_once_and_not_mentioned()
    {
        int looks = 0;
        Assert.IsNull(Wait(() => (looks++, 0.1).Item2));
        Assert.AreEqual(1, looks);
    }

    [TestMethod]
    public void A_machine_that_does_not_tell_is_not_waited_for() => Assert.IsNull(Wait(static () => null));

    [TestMethod]
    public void Work_of_others_is_waited_for_and_told()
    {
        var busy = new Queue<double?>([0.9, 0.8, 0.2]);
        Assert.StartsWith("other programs were busy, and were waited for ", Wait(busy.Dequeue));
        Assert.IsEmpty(busy);
    }

    [TestMethod]
    public void Waiting_is_bounded_and_says_how_busy_it_stayed() =>
        Assert.StartsWith("other programs took 90 % of the processors, even after ", Wait(static () => 0.9, most: 0.01));

    [TestMethod]
    public void Without_patience_nobody_looks() => Assert.IsNull(Wait(static () => throw new InvalidOperationException(), most: 0));

    private static string? Wait(Func<double?> busy, double most = 60) => Quiet.Wait(_ => busy(), most, static _ => { }, CancellationToken.None);
}
