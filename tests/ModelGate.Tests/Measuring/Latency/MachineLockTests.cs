using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Latency;

[TestClass]
public sealed class MachineLockTests
{
    [TestMethod]
    public void Only_one_holds_the_machine_at_a_time()
    {
        using var folder = new TemporaryFolder();
        using var first = new MachineLock(folder.File("lock"));
        using var second = new MachineLock(folder.File("lock"));
        Assert.IsTrue(Acquire(first));
        Assert.IsFalse(Acquire(second));
        first.Dispose();
        Assert.IsTrue(Acquire(second));
    }

    [TestMethod]
    public void Whoever_waits_is_told()
    {
        using var folder = new TemporaryFolder();
        using var first = new MachineLock(folder.File("lock"));
        using var second = new MachineLock(folder.File("lock"));
        Assert.IsTrue(Acquire(first));
        bool told = false;
        Assert.IsFalse(second.Acquire(TimeSpan.FromMilliseconds(1), _ => told = true, CancellationToken.None));
        Assert.IsTrue(told);
    }

    [TestMethod]
    public void A_file_that_a_dead_process_left_behind_is_no_obstacle()
    {
        using var folder = new TemporaryFolder();
        folder.Write("lock", []);
        using var machine = new MachineLock(folder.File("lock"));
        Assert.IsTrue(Acquire(machine));
    }

    [TestMethod]
    public void Waiting_can_be_cancelled()
    {
        using var folder = new TemporaryFolder();
        using var first = new MachineLock(folder.File("lock"));
        using var second = new MachineLock(folder.File("lock"));
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.IsTrue(Acquire(first));
        Assert.ThrowsExactly<OperationCanceledException>(() => second.Acquire(TimeSpan.FromMinutes(1), static _ => { }, cancellation.Token));
    }

    private static bool Acquire(MachineLock machine) => machine.Acquire(TimeSpan.Zero, static _ => { }, CancellationToken.None);
}
