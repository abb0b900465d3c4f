using System.Diagnostics;
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

    [TestMethod]
    public void A_pipe_in_the_place_of_the_file_is_refused_and_not_waited_for()
    {
        using var folder = new TemporaryFolder();
        using var machine = new MachineLock(Pipe(folder));
        Assert.Contains("is not a regular file", Assert.ThrowsExactly<IOException>(() => Acquire(machine)).Message);
    }

    [TestMethod]
    public void Where_the_file_is_a_pipe_models_are_timed_with_a_note()
    {
        using var folder = new TemporaryFolder();
        string pipe = Pipe(folder);
        var result = Workers.Measure(Workers.Request("steady", Workers.Metrics("startup.session_creation")) with { LockFile = pipe }, Workers.Faulty);
        Assert.IsInstanceOfType<Measurement.Sampled>(result.Measurements[0]);
        Assert.Contains($"'{pipe}' cannot be locked, so another benchmark may have run at the same time", result.Notes.ToArray());
    }

    [TestMethod]
    public void A_second_measuring_waits_its_turn_and_says_how_long()
    {
        using var folder = new TemporaryFolder();
        using var first = new MachineLock(folder.File("lock"));
        Assert.IsTrue(Acquire(first));
        var request = Workers.Request("steady", Workers.Metrics("startup.session_creation")) with { LockFile = folder.File("lock") };
        double seen = 0;
        // The first build is done as soon as the second one says that it waits.
        var result = LatencyMeasuring.Measure(request, Workers.Faulty, static _ => true, progress =>
        {
            if (progress.WaitsForMachine && (seen = progress.Elapsed) > 0.2)
                first.Dispose();
        }, CancellationToken.None);
        Assert.IsInstanceOfType<Measurement.Sampled>(result.Measurements[0]);
        Assert.IsGreaterThan(0.2, seen);
        Assert.IsGreaterThanOrEqualTo(seen, result.Waited);
    }

    private static string Pipe(TemporaryFolder folder)
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has no pipes among its files.");
        using var make = Process.Start("mkfifo", folder.File("lock"));
        make.WaitForExit();
        return folder.File("lock");
    }

    private static bool Acquire(MachineLock machine) => machine.Acquire(TimeSpan.Zero, static _ => { }, CancellationToken.None);
}
