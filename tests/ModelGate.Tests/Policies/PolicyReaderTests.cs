using System.Text;
using ModelGate.Policies;

namespace ModelGate.Tests.Policies;

[TestClass]
public class PolicyReaderTests
{
    private const string Smallest = "version: 1\nmodels:\n  - path: a.onnx\n    budgets:\n      size.on_disk: 50 MB\n";

    private static PolicyReading Parse(string text) => PolicyReader.Parse(Encoding.UTF8.GetBytes(text), "modelgate.yml", "1.0.0");

    private static Diagnostic Only(PolicyReading reading)
    {
        Assert.IsNull(reading.Policy);
        return reading.Diagnostics.Single();
    }

    [TestMethod]
    public void Reader_keeps_every_value_in_base_units_with_its_text_and_place()
    {
        var policy = PolicyReader.Read(Path.Combine(AppContext.BaseDirectory, "Policies", "Corpus", "good", "everything.yml"), "1.0.0").Policy!;

        Assert.AreEqual((2, 1, 60.0, 0.99, Reaction.Warn), (policy.Benchmark.IntraOpThreads, policy.Benchmark.InterOpThreads, policy.Benchmark.MaxTime, policy.Benchmark.Confidence, policy.Benchmark.OnInconclusive));
        Assert.AreEqual(("perf-runner", "*EPYC 7763*", 4, "avx2"), (policy.Machines[0].Name, policy.Machines[0].Cpu, policy.Machines[0].Cores, policy.Machines[0].InstructionSets.Single()));
        Assert.AreEqual(Reaction.Error, policy.Unmatched);
        Assert.AreEqual(120e6, policy.Total!.Budgets.Single().Limit.Value);
        Assert.AreEqual("artifacts/*.nupkg", policy.Package!.Path!.Value);

        var detector = policy.Models[0];
        Assert.AreEqual(("detector", "models/detector.onnx"), (detector.Name, detector.Path.Value));
        var pixels = detector.Inputs.Single();
        Assert.AreEqual("pixels [1,3,640,640] float32 (-1, 0.5)", $"{pixels.Name} [{string.Join(',', pixels.Shape!)}] {pixels.Type} {pixels.Range}");

        var latency = detector.Budgets.Single(budget => budget.Metric.Name == "latency.p95");
        Assert.AreEqual((0.018, "18 ms", "perf-runner", false), (latency.Limit.Value, latency.Limit.Text, latency.Machine!.Value, latency.Optional));
        Assert.AreEqual((30, 7), (latency.At.Line, latency.At.Column));
        Assert.AreEqual((30, 27), (latency.Limit.At.Line, latency.Limit.At.Column));
        Assert.IsTrue(detector.Budgets.Single(budget => budget.Metric.Name == "memory.peak_rss").Optional);
    }

    [TestMethod]
    public void Providers_are_kept_preferred_first_and_are_the_CPU_where_none_is_named()
    {
        var benchmark = PolicyReader.Read(Path.Combine(AppContext.BaseDirectory, "Policies", "Corpus", "good", "providers.yml"), "1.0.0").Policy!.Benchmark;
        Assert.AreEqual("tensorrt, cuda, cpu", Benchmark.Text(benchmark.Providers));
        Assert.AreEqual((false, false), (benchmark.AllowsFallback, benchmark.IsOfProcessor));

        var silent = Parse(Smallest).Policy!.Benchmark;
        Assert.AreEqual("cpu", Benchmark.Text(silent.Providers));
        Assert.AreEqual((true, true), (silent.AllowsFallback, silent.IsOfProcessor));
    }

    [TestMethod]
    [DataRow("sparsity: 3 MB", "higher is better for sparsity, so its limit is a floor: write `{ min: 90% }`.")]
    [DataRow("sparsity: 30%", "higher is better for sparsity, so its limit is a floor: write `{ min: 30% }`.")]
    [DataRow("sparsity: { min: 200% }", "no model can reach 200%: sparsity is at most 100 %. Write a `min` that one can.")]
    [DataRow("quantized.int8.cosine: { min: 99.5 }", "no model can reach 99.5: quantized.int8.cosine is at most 1. Write a `min` that one can.")]
    public void A_floor_is_told_how_it_is_written_and_that_it_can_be_reached(string budget, string expected)
    {
        var error = Only(Parse(Smallest.Replace("size.on_disk: 50 MB", budget, StringComparison.Ordinal)));

        Assert.AreEqual(("MG2010", true), (error.Kind.Code, error.Message.EndsWith(": " + expected, StringComparison.Ordinal)), error.Message);
    }

    [TestMethod]
    public void A_ceiling_and_an_increase_are_two_budgets_of_one_line()
    {
        var models = PolicyReader.Read(Path.Combine(AppContext.BaseDirectory, "Policies", "Corpus", "good", "everything.yml"), "1.0.0").Policy!.Models;

        Budget[] p50 = [.. models[0].Budgets.Where(budget => budget.Metric.Name == "latency.p50")];
        Assert.AreEqual((false, 0.012, true, 0.05, "5%"), (p50[0].OnIncrease, p50[0].Limit.Value, p50[1].OnIncrease, p50[1].Limit.Value, p50[1].Limit.Text));
        Assert.AreEqual(p50[0].At, p50[1].At);
        Assert.IsNotNull(p50[0].Warn, "`warn_at` is a share of the ceiling");
        Assert.IsNull(p50[1].Warn, "and not of an increase");
        Assert.AreEqual(("../released", "released/intent.onnx"), (models[0].Baseline!.Value, models[1].Baseline!.Value));
    }

    [TestMethod]
    public void Default_warning_level_holds_where_a_budget_has_none_of_its_own()
    {
        var budgets = Parse("version: 1\ndefaults: { warn_at: 90% }\nmodels:\n  - path: a.onnx\n    budgets: { size.on_disk: 50 MB, parameters: { warn: 2M, max: 4M } }\n").Policy!.Models[0].Budgets;

        Assert.AreEqual((45e6, "90 % of 50 MB"), (budgets[0].Warn!.Value, budgets[0].Warn!.Text));
        Assert.AreEqual(2e6, budgets[1].Warn!.Value);
        Assert.IsNull(Parse(Smallest).Policy!.Models[0].Budgets[0].Warn, "without `warn_at` no warning is given");
    }

    [TestMethod]
    public void Changes_of_sizes_that_are_to_be_ignored_stand_with_their_increase_and_with_nothing_else()
    {
        var budgets = Parse("version: 1\ndefaults: { ignore_change_below: 16 KiB }\nbaseline: { from: file:released }\nmodels:\n  - path: a.onnx\n    budgets: { size.on_disk: { max: 50 MB, max_increase: 2% }, parameters: { max_increase: 1% }, memory.peak_rss: { max_increase: 1% } }\n").Policy!.Models[0].Budgets;

        CollectionAssert.AreEqual(new[] { 0, 16384.0, 0, 0 }, budgets.Select(static budget => budget.IgnoreBelow).ToArray());
        CollectionAssert.AreEqual(new[] { "50 MB", "2% or 16 KiB", "1%", "1%" }, budgets.Select(static budget => budget.Limit.Text).ToArray());
    }

    [TestMethod]
    [DataRow("[2.0, )", "1.9.9", false)]
    [DataRow("[1.0, 2.0)", "1.0.0", true)]
    [DataRow("[1.0, 2.0)", "1.0.0-rc.1+abcdef", true)]
    [DataRow("[1.0, 2.0)", "2.0.0-beta", false)]
    public void Policy_is_refused_by_a_tool_it_was_not_written_for(string requires, string tool, bool accepted)
    {
        var reading = PolicyReader.Parse(Encoding.UTF8.GetBytes(Smallest + $"requires: \"{requires}\"\n"), "modelgate.yml", tool);

        Assert.AreEqual(accepted, reading.Policy is not null);
        if (!accepted)
            Assert.AreSame(Diagnostics.VersionMismatch, Only(reading).Kind);
    }

    [TestMethod]
    public void A_byte_order_mark_and_windows_line_ends_are_welcome()
    {
        var reading = PolicyReader.Parse([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Smallest.ReplaceLineEndings("\r\n"))], "modelgate.yml", "1.0.0");

        Assert.AreEqual(5, reading.Policy!.Models[0].Budgets[0].At.Line);
    }

    [TestMethod]
    public void Other_encodings_are_named()
    {
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32, new UnicodeEncoding(bigEndian: false, byteOrderMark: false) })
        {
            var error = Only(PolicyReader.Parse([.. encoding.GetPreamble(), .. encoding.GetBytes(Smallest)], "modelgate.yml", "1.0.0"));
            Assert.AreSame(Diagnostics.PolicyUnreadable, error.Kind);
            Assert.Contains("save it as UTF-8", error.Message);
        }

        var latin1 = Only(PolicyReader.Parse(Encoding.Latin1.GetBytes("version: 1\nmodels:\n  - path: größe.onnx\n"), "modelgate.yml", "1.0.0"));
        Assert.AreEqual((3, 13), (latin1.At!.Line, latin1.At.Column));
        Assert.Contains("byte 0xF6 at offset 31", latin1.Message);
    }

    [TestMethod]
    [DataRow("[")]
    [DataRow("{")]
    [DataRow("{a: ")]
    [DataRow("[\n")]
    [DataRow("- ")]
    [DataRow("? ")]
    [DataRow("a,")]
    [DataRow("[],")]
    [DataRow("&a ")]
    [DataRow("!a ")]
    [DataRow("*a ")]
    [DataRow("\"")]
    [DataRow("%a\n")]
    [DataRow("---\n")]
    [DataRow("a: 1\n")]
    [DataRow("\t\n")]
    [DataRow("\u0007\n")]
    [DataRow("\\")]
    [DataRow("\u202E")]
    public void A_hostile_policy_is_refused_on_a_small_stack_with_few_errors(string repeated)
    {
        foreach (var prefix in new[] { "", "[", "version: 1\nmodels: ", "\"" })
        {
            var bytes = Encoding.UTF8.GetBytes(prefix + string.Concat(Enumerable.Repeat(repeated, 250_000 / Encoding.UTF8.GetByteCount(repeated))));
            PolicyReading? reading = null;
            // A stack overflow would end the process: the small stack makes sure that none is near.
            var thread = new Thread(() => reading = PolicyReader.Parse(bytes, "modelgate.yml", "1.0.0"), maxStackSize: 256 * 1024);
            thread.Start();
            thread.Join();

            Assert.IsNull(reading!.Policy);
            Assert.IsTrue(reading.Diagnostics.Count is > 0 and <= 100);
            Assert.IsTrue(reading.Diagnostics.All(error => error.At is { Line: > 0, Column: > 0 }));
        }
    }

    [TestMethod]
    public void A_billion_laughs_are_refused_at_the_first_anchor()
    {
        var error = Parse("a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n").Diagnostics[0];

        Assert.AreEqual((Diagnostics.PolicyFeature, 1, 4), (error.Kind, error.At!.Line, error.At.Column));
        Assert.AreSame(Diagnostics.PolicyFeature, Parse("a: &a [*a]\n").Diagnostics[0].Kind);
    }

    [TestMethod]
    public void A_policy_truncated_anywhere_is_read_or_refused_with_a_reason()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Policies", "Corpus", "good", "everything.yml"));
        for (var length = 0; length < text.Length; length++)
        {
            var reading = Parse(text[..length]);
            Assert.AreEqual(reading.Policy is null, reading.Diagnostics.Count > 0, text[..length]);
        }
    }

    [TestMethod]
    public void A_policy_that_is_no_small_regular_file_is_refused_without_opening_it()
    {
        var folder = Directory.CreateTempSubdirectory("modelgate");
        try
        {
            var large = Path.Combine(folder.FullName, "large.yml");
            File.WriteAllText(large, Smallest + new string('#', 256 * 1024));
            var empty = Path.Combine(folder.FullName, "empty.yml");
            File.WriteAllText(empty, "");

            Assert.AreSame(Diagnostics.PolicyNotFound, Only(PolicyReader.Read(Path.Combine(folder.FullName, "none.yml"), "1.0.0")).Kind);
            Assert.Contains("folder", Only(PolicyReader.Read(folder.FullName, "1.0.0")).Message);
            Assert.Contains("at most 262144", Only(PolicyReader.Read(large, "1.0.0")).Message);
            Assert.Contains("empty or not a regular file", Only(PolicyReader.Read(empty, "1.0.0")).Message);
            Assert.AreSame(Diagnostics.PolicyUnreadable, Only(PolicyReader.Read("a\0b.yml", "1.0.0")).Kind);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Devices_pipes_and_link_loops_do_not_hang()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Windows has no device files in folders.");
        var folder = Directory.CreateTempSubdirectory("modelgate");
        try
        {
            var loop = Path.Combine(folder.FullName, "loop.yml");
            File.CreateSymbolicLink(loop, loop);
            var pipe = Path.Combine(folder.FullName, "pipe.yml");
            using (var made = System.Diagnostics.Process.Start("mkfifo", [pipe]))
                made.WaitForExit();
            var linked = Path.Combine(folder.FullName, "linked.yml");
            File.CreateSymbolicLink(linked, pipe);

            foreach (var path in new[] { "/dev/zero", loop, pipe, linked })
                Assert.AreSame(Diagnostics.PolicyUnreadable, Only(PolicyReader.Read(path, "1.0.0")).Kind, path);

            var target = Path.Combine(folder.FullName, "target.yml");
            File.WriteAllText(target, Smallest);
            var link = Path.Combine(folder.FullName, "link.yml");
            File.CreateSymbolicLink(link, target);
            Assert.IsNotNull(PolicyReader.Read(link, "1.0.0").Policy);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
