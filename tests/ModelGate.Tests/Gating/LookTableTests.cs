using ModelGate.Gating;

namespace ModelGate.Tests.Gating;

[TestClass]
public sealed class LookTableTests
{
    [TestMethod]
    [DataRow(0.95, 0.0396, 0.05)]
    [DataRow(0.99, 0.0081, 0.01)]
    [DataRow(0.999, 0.00085, 0.001)]
    public void Exact_sequential_error_per_side_stays_within_the_confidence(double confidence, double stated, double allowed)
    {
        double error = ChanceOfWrongBreach(LookTable.Of(confidence));
        Assert.AreEqual(stated, error, 0.00005);
        Assert.IsLessThanOrEqualTo(allowed, error);
    }

    [TestMethod]
    public void Early_stop_leaves_room_for_one_restart_in_nine_beyond_the_clear_factor() =>
        Assert.IsLessThanOrEqualTo(0.01, ChanceOfWrongBreach(LookTable.Of(0.99), farAbove: 0.11));

    [TestMethod]
    public void Other_confidences_are_refused() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LookTable.Of(0.9));

    [TestMethod]
    [DataRow(0, null, 8)]
    [DataRow(8, 8, 13)]
    [DataRow(14, 13, 18)]
    [DataRow(40, 40, 60)]
    [DataRow(60, 60, null)]
    public void Looks_are_found_by_the_restarts_taken(int restarts, int? last, int? next)
    {
        var table = LookTable.Of(0.99);
        Assert.AreEqual(last, table.LastAt(restarts)?.Restarts);
        Assert.AreEqual(next, table.NextAfter(restarts));
    }

    // The limit is the true median: each restart lies above it with chance 1/2, far above it with a chance of its own. The state is the
    // number above; a look absorbs, and so do three of three or four of five far above.
    private static double ChanceOfWrongBreach(LookTable table, double farAbove = 0)
    {
        double[] chance = new double[table.Last + 1];
        double wrong = 0;
        int taken = 5;
        foreach (var (first, likely) in FirstRestarts(farAbove))
        {
            if (first.Take(3).All(IsFar) || first.Count(IsFar) >= 4)
                wrong += likely;
            else
                chance[first.Count(static where => where != Where.Within)] += likely;
        }

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

        static bool IsFar(Where where) => where == Where.FarAbove;
    }

    private static IEnumerable<(Where[] Restarts, double Chance)> FirstRestarts(double farAbove)
    {
        IEnumerable<(Where[] Restarts, double Chance)> all = [([], 1)];
        (Where Where, double Chance)[] each = [(Where.Within, 0.5), (Where.Above, 0.5 - farAbove), (Where.FarAbove, farAbove)];
        for (int restart = 0; restart < 5; restart++)
            all = [.. all.SelectMany(_ => each, static (before, one) => ((Where[])[.. before.Restarts, one.Where], before.Chance * one.Chance))];
        return all;
    }

    private enum Where
    {
        Within,
        Above,
        FarAbove,
    }
}
