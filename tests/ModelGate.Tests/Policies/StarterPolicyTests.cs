using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tests.Policies;

[TestClass]
public class StarterPolicyTests
{
    private static readonly string[] Paths = ["models/detector.onnx", "a b/größe.onnx", "null.onnx", "1.onnx", "total.onnx", "x/detector.onnx", "we\"ird?.onnx", "back\\slash.onnx", "tab\t\u202E\u0007.onnx", "../up.v1.onnx", "🙂.onnx", "{x}: [y] # z.onnx"];

    private static readonly Metric[] Metrics = [.. MetricCatalogue.All.Where(metric => metric.Scopes.HasFlag(Scopes.Model) && metric.Direction == Direction.LowerIsBetter && metric.Relation == Relation.None)];

    [TestMethod]
    public void The_starter_policy_is_read_and_passes_on_the_very_models_that_were_measured()
    {
        var values = from metric in Gen.Elements(Metrics)
                     from mantissa in Gen.Choose(0, 100_000)
                     from scale in Gen.Choose(-2, 8)
                     select new Measurement.Exact(metric, metric.Unit is Unit.Count or Unit.Bytes ? Math.Floor(mantissa * Math.Pow(10, scale)) : mantissa * Math.Pow(10, scale - 6));
        var models = from path in Gen.Elements(Paths)
                     from measured in Gen.NonEmptyListOf(values)
                     select new StarterModel(path, [.. measured.DistinctBy(value => value.Metric)]);

        var schema = System.Text.Json.Nodes.JsonNode.Parse(PolicySchema.Write())!;
        Prop.ForAll(Arb.From(Gen.ListOf(models)), list =>
        {
            StarterModel[] all = [.. list.DistinctBy(model => model.Path)];
            var text = StarterPolicy.Write(all, "modelgate.schema.json");
            var reading = PolicyReader.Parse(Encoding.UTF8.GetBytes(text), "modelgate.yml", "1.0.0");
            Assert.IsNotNull(reading.Policy, $"{string.Join(" ", reading.Diagnostics)}\n{text}");
            Assert.IsTrue(JsonSchemaCheck.Accepts(schema, JsonSchemaCheck.FromYaml(text).Value), text);

            foreach (var (model, entry) in all.Zip(reading.Policy.Models))
            {
                CollectionAssert.AreEqual(model.Values.Select(value => value.Metric).ToArray(), entry.Budgets.Select(budget => budget.Metric).ToArray());
                foreach (var (value, budget) in model.Values.Zip(entry.Budgets))
                {
                    Assert.IsTrue(value.Value <= budget.Warn!.Value && budget.Warn.Value <= budget.Limit.Value, $"{value} {budget.Limit}");
                    Assert.IsTrue(budget.Limit.Value <= Math.Ceiling(value.Value * 1.16) || value.Metric.Unit is not (Unit.Bytes or Unit.Count), $"{value} {budget.Limit}");
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [TestMethod]
    public void Each_path_that_is_written_finds_its_own_model()
    {
        foreach (var path in Paths)
        {
            var folder = Path.Combine(Path.GetTempPath(), "policy");
            var text = StarterPolicy.Write([new(path, [new(MetricCatalogue.Find("parameters")!, 5)])], "s");
            var policy = PolicyReader.Parse(Encoding.UTF8.GetBytes(text), Path.Combine(folder, "modelgate.yml"), "1.0.0").Policy!;
            // On Windows none of the odd characters can be part of a name.
            if (OperatingSystem.IsWindows() && path.IndexOfAny(['?', '"', '\\', '\t', ':']) >= 0)
                continue;
            Assert.HasCount(1, ModelSelection.FromDeployment(policy, [new(Path.GetFullPath(Path.Combine(folder, path)))]).Models, text);
        }
    }

    [TestMethod]
    [DataRow(25_557_032d, Unit.Count, "28.5 M")]
    [DataRow(48_000_000d, Unit.Bytes, "53 MB")]
    [DataRow(1_000d, Unit.Bytes, "1.1 kB")]
    [DataRow(3d, Unit.Count, "4")]
    [DataRow(0d, Unit.Bytes, "0 B")]
    [DataRow(16d, Unit.Bits, "18 bits")]
    public void Limits_leave_a_tenth_and_are_figures_that_people_remember(double measured, Unit unit, string limit) =>
        Assert.AreEqual(limit, Quantity.Format(StarterPolicy.LimitFor(measured, unit), unit));

    [TestMethod]
    public void The_starter_policy_explains_itself()
    {
        var size = MetricCatalogue.Find("size.on_disk")!;
        var text = StarterPolicy.Write([new("models/detector.onnx", [new(MetricCatalogue.Find("parameters")!, 25_557_032), new(size, 102_230_000)]), new("models/intent.onnx", [new(size, 5_000)])], "modelgate.schema.json");

        Assert.AreEqual("""
            # yaml-language-server: $schema=modelgate.schema.json
            #
            # What the models of this repository may weigh. `modelgate check` judges it, and so do the build and the pull request.
            # Each limit is about 10 % above what was measured when `modelgate init` wrote this file: lower it where you can,
            # and say why in the commit where you raise it. `modelgate metrics` lists everything that can have a limit.
            version: 1

            defaults:
              warn_at: 95%               # a warning once 95 % of a ceiling is used

            models:
              - path: "models/detector.onnx"
                name: detector
                budgets:
                  parameters: 28.5 M                   # measured 25,557,032
                  size.on_disk: 115 MB                 # measured 102,230,000 bytes
              - path: "models/intent.onnx"
                name: intent
                budgets:
                  size.on_disk: 5.5 kB                 # measured 5,000 bytes

            total:                       # all models together
              budgets:
                size.on_disk: 115 MB                 # measured 102,235,000 bytes

            # A deployed model that no entry above matches: ignore, warn or error.
            unmatched: warn

            # Time and memory are measured by running the model, in CI or with `modelgate check`. To gate them, see what
            # `modelgate bench MODEL` prints and add budgets such as these to an entry above:
            #   latency.p95: 20 ms
            #   startup.ready: 1.5 s
            #   memory.peak_rss: 300 MB

            """.ReplaceLineEndings("\n"), text);
    }

    [TestMethod]
    public void Without_a_model_the_starter_policy_shows_the_form() =>
        Assert.AreEqual("models/**/*.onnx", PolicyReader.Parse(Encoding.UTF8.GetBytes(StarterPolicy.Write([], "s")), "modelgate.yml", "1.0.0").Policy!.Models.Single().Path.Value);
}
