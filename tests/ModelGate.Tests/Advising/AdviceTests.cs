using ModelGate.Advising;
using ModelGate.Reporting;

namespace ModelGate.Tests.Advising;

/// <summary>Which candidate is dominated, which one does not pay, which one is chosen, and how it reads.</summary>
[TestClass]
public class AdviceTests
{
    private static readonly AdviceReport Report = new("1.2.3", SampleAdvice.Whole, null);

    [TestMethod]
    public void A_name_in_a_wrapped_line_is_no_command_wherever_the_line_breaks()
    {
        for (int length = 1; length <= 79; length++)
        {
            var report = Report with { Advice = SampleAdvice.Whole with { Model = new string('m', length) + " ::stop-commands::x" } };

            Assert.IsFalse(report.Text(TextStyle.Plain).Split('\n').Any(static line => line.TrimStart().StartsWith("::", StringComparison.Ordinal)), $"{length}");
        }
    }

    [TestMethod]
    public void The_smallest_change_that_meets_every_budget_is_chosen() => Assert.AreEqual("fp16", SampleAdvice.Whole.Choice!.Name);

    [TestMethod]
    public void Without_budgets_nothing_is_chosen_and_a_model_that_meets_them_needs_no_change()
    {
        Assert.IsNull((SampleAdvice.Whole with { HasBudgets = false }).Choice);
        Assert.AreEqual(Candidate.AsShipped, (SampleAdvice.Whole with { Candidates = [.. SampleAdvice.Whole.Candidates.Select(candidate => candidate with { Budgets = [] })] }).Choice!.Name);
    }

    [TestMethod]
    public void What_is_no_better_in_size_fidelity_or_time_is_dominated()
    {
        var advice = SampleAdvice.Whole;

        Assert.AreEqual("fp16", advice.DominatorOf(advice.Candidates[2])!.Name, "bf16: the same size and time, less fidelity");
        Assert.IsNull(advice.DominatorOf(advice.Candidates[3]), "int8 is more faithful than int8-dynamic");
        Assert.IsNull(advice.DominatorOf(advice.Candidates[4]), "int8-dynamic is faster than int8");
        CollectionAssert.AreEqual(new[] { "as shipped", "fp16", "int8", "int8-dynamic" }, advice.Frontier.Select(candidate => candidate.Name).ToArray(), "a candidate that does not run is none");
    }

    [TestMethod]
    public void Of_two_that_cannot_be_told_apart_the_first_one_stays()
    {
        var advice = SampleAdvice.Whole with { Candidates = [SampleAdvice.Whole.AsShipped, SampleAdvice.Of("int8", 24_600_000, 44, 39, 1, 1.32), SampleAdvice.Of("int8-dynamic", 24_600_000, 44, 39, 1, 1.3)] };

        Assert.IsNull(advice.DominatorOf(advice.Candidates[1]));
        Assert.AreEqual("int8", advice.DominatorOf(advice.Candidates[2])!.Name);
    }

    [TestMethod]
    public void What_is_larger_or_slower_does_not_pay()
    {
        var advice = SampleAdvice.Whole;

        Assert.AreEqual("slower: does not pay on this CPU", advice.WhyNot(advice.Candidates[3]));
        Assert.IsNull(advice.WhyNot(advice.Candidates[4]));
        Assert.AreEqual("does not pay: it is not smaller", advice.WhyNot(SampleAdvice.Of("int8", 97_800_000, 40, 40, 1, 1)));
    }

    [TestMethod]
    public void A_step_that_is_more_faithful_as_well_as_smaller_gains()
    {
        var advice = SampleAdvice.Whole with { Candidates = [SampleAdvice.Whole.AsShipped, SampleAdvice.Of("int8-dynamic", 24_600_000, 44, 30, 1, 0.6), SampleAdvice.Of("int4", 15_700_000, 30, 40, 1, 1.2)] };

        Assert.Contains("int4 saves 8.9 MB more and gains 10.0 dB.", AdviceTable.Conclusions(advice).Single(static sentence => sentence.StartsWith("Each step", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void It_reads_as_approved()
    {
        Golden.AssertMatches("Advising", "advice.txt", Report.Text(new(Color: false, Unicode: true)));
        Golden.AssertMatches("Advising", "advice.ascii.txt", Report.Text(TextStyle.Plain));
        Golden.AssertMatches("Advising", "advice.md", Report.Markdown());
        Golden.AssertMatches("Advising", "advice.json", Report.Json());
    }

    [TestMethod]
    public void Text_keeps_to_79_columns_and_to_ASCII_where_it_must()
    {
        string text = Report.Text(TextStyle.Plain);

        foreach (string line in text.Split('\n'))
            Assert.IsLessThan(80, line.Length, line);
        Assert.IsTrue(text.All(char.IsAscii), text);
        Assert.AreNotEqual(text, Report.Text(new(Color: true, Unicode: false)), "dominated rows are greyed");
    }

    [TestMethod]
    public void Points_of_the_plot_stand_where_their_figures_are()
    {
        var lines = FrontierPlot.Render([new('X', 1, double.PositiveInfinity), new('Y', 0.5, 80), new('Z', 0.25, 0)], [], unicode: false);

        Assert.AreEqual(9 + 59, lines[0].IndexOf('X', StringComparison.Ordinal));
        Assert.AreEqual(9 + 30, lines[1].IndexOf('Y', StringComparison.Ordinal));
        Assert.AreEqual(9 + 15, lines[11].IndexOf('Z', StringComparison.Ordinal));
        Assert.StartsWith("  80 dB |", lines[1]);
        Assert.EndsWith("100 %", lines[^1]);
    }
}
