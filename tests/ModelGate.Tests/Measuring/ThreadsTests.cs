using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring;

/// <summary>Pieces of work on several threads.</summary>
[TestClass]
public class ThreadsTests
{
    [TestMethod]
    public void Of_several_pieces_that_fail_at_once_one_is_thrown_as_it_is()
    {
        using var both = new CountdownEvent(2);

        Assert.ThrowsExactly<InvalidDataException>(() => Threads.Each(2, _ =>
        {
            both.Signal();
            both.Wait(TimeSpan.FromSeconds(10));
            throw new InvalidDataException("the file was written to while it was read");
        }, CancellationToken.None));
    }
}
