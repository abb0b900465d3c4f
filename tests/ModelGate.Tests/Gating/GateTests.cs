using FsCheck;
using FsCheck.Fluent;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tests.Gating;

[TestClass]
public class GateTests
{
    private static readonly Metric OnDisk = MetricCatalogue.Find("size.on_disk")!;

    [TestMethod]
    public void A_value_at_its_limit_passes() => Assert.AreEqual(Verdict.Pass, Judge(Budgets.Of("size.on_disk", "50 MB"), 50e6).Verdict);

    [TestMethod]
    public void A_byte_more_is_a_breach_at_the_budgets_own_line()
    {
        var result = Judge(Budgets.Of("size.on_disk", "50 MB", line: 12), 50_000_001);

        Assert.AreEqual(Verdict.Breach, result.Verdict);
        Assert.AreEqual(Diagnostics.BudgetBreached, result.Diagnostic!.Kind);
        Assert.AreEqual(new SourceLocation("modelgate.yml", 12, 7), result.Diagnostic.At);
    }

    [TestMethod]
    public void A_breach_names_model_measured_limit_excess_and_next_step()
    {
        string message = Judge(Budgets.Of("size.on_disk", "52 MB"), 54_213_004).Diagnostic!.Message;

        Assert.AreEqual(
            "detector: size.on_disk is 54.2 MB (54,213,004 bytes), 2.21 MB (4.3 %) over its limit of 52 MB. Next: `modelgate inspect models/detector.onnx` shows where the weight is.",
            message);
    }

    [TestMethod]
    [DataRow("size.on_disk", "1 kB", 10_990, "9.99 kB (999 %) over its limit of 1 kB")]
    [DataRow("size.on_disk", "1 kB", 366_717_000, "367 MB (366,717 times the limit) over its limit of 1 kB")]
    [DataRow("quantized.int8.cosine", "0.9", 0.01, "0.89 (99 %) under its limit of 0.9")]
    public void A_breach_by_many_times_says_how_many(string metric, string limit, double measured, string excess)
    {
        var budget = Budgets.Of(metric, limit);

        var judged = Gate.Judge(new Subject("detector", "models/detector.onnx", [budget], [new Measurement.Exact(budget.Metric, measured)]), new Benchmark()).Single();

        Assert.Contains(excess, judged.Diagnostic!.Message);
    }

    [TestMethod]
    public void A_path_with_spaces_can_be_copied_from_the_next_step()
    {
        var budget = Budgets.Of("size.on_disk", "52 MB");

        var judged = Gate.Judge(new Subject("detector", "my models/detector.onnx", [budget], [new Measurement.Exact(budget.Metric, 54e6)]), new Benchmark()).Single();

        StringAssert.EndsWith(judged.Diagnostic!.Message, "Next: `modelgate inspect \"my models/detector.onnx\"` shows where the weight is.");
    }

    [TestMethod]
    public void A_breach_by_a_byte_does_not_print_two_equal_figures()
    {
        string message = Judge(Budgets.Of("size.on_disk", "50 MB"), 50_000_001).Diagnostic!.Message;

        StringAssert.Contains(message, "50.000001 MB");
        StringAssert.Contains(message, "1 B");
    }

    [TestMethod]
    public void Past_the_warning_level_is_a_pass_that_warns()
    {
        var result = Judge(Budgets.Of("size.on_disk", "50 MB", warn: "45 MB"), 46e6);

        Assert.AreEqual(Verdict.Pass, result.Verdict);
        Assert.AreEqual(Diagnostics.NearLimit, result.Diagnostic!.Kind);
        Assert.AreEqual(Severity.Warning, result.Diagnostic.Severity);
    }

    [TestMethod]
    public void At_the_warning_level_there_is_no_warning() => Assert.IsNull(Judge(Budgets.Of("size.on_disk", "50 MB", warn: "45 MB"), 45e6).Diagnostic);

    [TestMethod]
    public void Not_a_number_is_never_within_a_limit() => Assert.AreEqual(Verdict.Breach, Judge(Budgets.Of("size.on_disk", "50 MB"), double.NaN).Verdict);

    [TestMethod]
    public void What_could_not_be_measured_is_unmeasured_with_the_reason_and_its_code()
    {
        var result = Judge(Budgets.Of("size.on_disk", "50 MB"), new Measurement.Failed(OnDisk, Diagnostics.LfsPointer, "the file is a Git LFS pointer"));

        Assert.AreEqual(Verdict.Unmeasured, result.Verdict);
        Assert.AreEqual(Diagnostics.LfsPointer, result.Diagnostic!.Kind);
        StringAssert.Contains(result.Diagnostic.Message, "the file is a Git LFS pointer");
    }

    [TestMethod]
    public void What_could_not_be_measured_and_is_optional_is_deferred()
    {
        var result = Judge(Budgets.Of("size.on_disk", "50 MB", optional: true), new Measurement.Failed(OnDisk, Diagnostics.LfsPointer, "the file is a Git LFS pointer"));

        Assert.AreEqual(Verdict.Deferred, result.Verdict);
        StringAssert.Contains(result.Diagnostic!.Message, "optional");
    }

    [TestMethod]
    public void What_is_postponed_is_deferred_with_the_reason()
    {
        var result = Judge(Budgets.Of("size.on_disk", "50 MB"), new Measurement.Postponed(OnDisk, "judged at pack"));

        Assert.AreEqual(Verdict.Deferred, result.Verdict);
        Assert.AreEqual("detector: size.on_disk is deferred: judged at pack.", result.Diagnostic!.Message);
    }

    [TestMethod]
    public void A_higher_limit_never_turns_a_pass_into_a_breach() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(uint Measured, uint Limit, uint More)>(),
            each =>
            {
                var low = Judge(BytesBudget(each.Limit), each.Measured);
                var high = Judge(BytesBudget((ulong)each.Limit + each.More), each.Measured);
                return low.Verdict != Verdict.Pass || high.Verdict == Verdict.Pass;
            }).QuickCheckThrowOnFailure();

    [TestMethod]
    [DataRow(new[] { Verdict.Pass, Verdict.Deferred }, Verdict.Pass)]
    [DataRow(new[] { Verdict.Deferred }, Verdict.Deferred)]
    [DataRow(new[] { Verdict.Pass, Verdict.Inconclusive }, Verdict.Inconclusive)]
    [DataRow(new[] { Verdict.Inconclusive, Verdict.Unmeasured, Verdict.Pass }, Verdict.Unmeasured)]
    [DataRow(new[] { Verdict.Unmeasured, Verdict.Breach }, Verdict.Breach)]
    public void The_worst_budget_decides_the_run(Verdict[] verdicts, Verdict expected)
    {
        var results = verdicts.Select(verdict => new BudgetResult("m", "m.onnx", Budgets.Of("size.on_disk", "1 MB"), 1, null, [], verdict, "", null)).ToList();

        Assert.AreEqual(expected, Gate.Overall(results, []));
    }

    [TestMethod]
    public void An_error_beside_passing_budgets_is_not_a_pass()
    {
        var pass = Judge(Budgets.Of("size.on_disk", "50 MB"), 1);

        Assert.AreEqual(Verdict.Unmeasured, Gate.Overall([pass], [new(Diagnostics.NothingMatched, null, "no model")]));
    }

    private static Budget BytesBudget(ulong limit) => Budgets.Of("size.on_disk", $"{limit} B");

    private static BudgetResult Judge(Budget budget, double measured) => Judge(budget, new Measurement.Exact(budget.Metric, measured));

    private static BudgetResult Judge(Budget budget, Measurement measurement) =>
        Gate.Judge(new Subject("detector", "models/detector.onnx", [budget], [measurement]), new Benchmark()).Single();
}
