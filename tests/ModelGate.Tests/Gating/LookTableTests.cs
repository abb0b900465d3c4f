using ModelGate.Gating;

namespace ModelGate.Tests.Gating;

[TestClass]
public sealed class LookTableTests
{
    [TestMethod]
    [DataRow(0.95, 0.0298, 0.05)]
    [DataRow(0.99, 0.0081, 0.01)]
    [DataRow(0.999, 0.0006, 0.001)]
    public void Exact_sequential_error_per_side_stays_within_the_confidence(double confidence, double stated, double allowed)
    {
        double error = ChanceOfWrongBreach(LookTable.Of(confidence));
        Assert.AreEqual(stated, error, 0.00005);
        Assert.IsLessThanOrEqualTo(allowed, error);
    }

    [TestMethod]
    public void Early_stop_leaves_room_for_one_restart_in_eight_beyond_the_clear_factor() =>
        Assert.IsLessThanOrEqualTo(0.01, ChanceOfWrongBreach(LookTable.Of(0.99)) + Math.Pow(0.12, 3));

    [TestMethod]
    public void Other_confidences_are_refused() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LookTable.Of(0.9));

    [TestMethod]
    [DataRow(0, null, 8)]
    [DataRow(8, 8, 12)]
    [DataRow(13, 12, 16)]
    [DataRow(40, 40, null)]
    public void Looks_are_found_by_the_restarts_taken(int restarts, int? last, int? next)
    {
        var table = LookTable.Of(0.99);
        Assert.AreEqual(last, table.LastAt(restarts)?.Restarts);
        Assert.AreEqual(next, table.NextAfter(restarts));
    }

    // The limit is the true median: each restart lies above it with chance 1/2. The state is the number above, and a look absorbs.
    private static double ChanceOfWrongBreach(LookTable table)
    {
        double[] chance = new double[table.Last + 1];
        chance[0] = 1;
        double wrong = 0;
        int taken = 0;
        foreach (var look in table.Looks)
        {
            for (; taken < look.Restarts; taken++)
            {
                for (int above = taken + 1; above >= 0; above--)
                    chance[above] = (chance[above] + (above > 0 ? chance[above - 1] : 0)) / 2;
            }

            for (int above = 0; above <= taken; above++)
            {
                bool breach = taken - above <= look.Slack, pass = above <= look.Slack;
                if (breach) wrong += chance[above];
                if (breach || pass) chance[above] = 0;
            }
        }

        return wrong;
    }
}
