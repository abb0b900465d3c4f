using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tests.Policies;

[TestClass]
public class PolicySchemaTests
{
    private static readonly JsonNode Schema = JsonNode.Parse(PolicySchema.Write())!;

    /// <summary>What only the reader can see: how the YAML was written, and versions.</summary>
    private static readonly DiagnosticKind[] BeyondASchema = [Diagnostics.VersionMismatch, Diagnostics.PolicyFeature, Diagnostics.DuplicateKey];

    private static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "Policies", "Corpus", name);

    public static IEnumerable<object[]> Corpus =>
        new[] { "good", "bad" }.SelectMany(folder => Directory.EnumerateFiles(Folder(folder), "*.yml")).Order(StringComparer.Ordinal).Select(path => new object[] { Path.GetRelativePath(Folder("."), path) });

    [TestMethod]
    [DynamicData(nameof(Corpus))]
    public void Schema_and_reader_agree_on_the_corpus(string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Folder("."), name));
        var reading = PolicyReader.Parse(bytes, name, "1.0.0");
        var (isYaml, value) = JsonSchemaCheck.FromYaml(Encoding.UTF8.GetString(bytes));
        if (!isYaml)
            Assert.IsNull(reading.Policy, "what is no YAML is no policy");
        else if (reading.Policy is not null || reading.Diagnostics.Any(error => !BeyondASchema.Contains(error.Kind) && !error.Message.Contains("control characters", StringComparison.Ordinal)))
            Assert.AreEqual(reading.Policy is not null, JsonSchemaCheck.Accepts(Schema, value));
    }

    [TestMethod]
    public void Schema_accepts_every_policy_that_the_reader_accepts_and_refuses_what_it_can_see()
    {
        string[] replacements =
        [
            "0", "1", "4", "640", "9999", "10000", "0.5", "-1", "true", "false", "~", "\"\"", "cpu", "warn", "ignore", "5 MB", "5MiB", "1.5 B", "12 ms", "25M", "90%", "100%", "100.0%", "101%", "0.5%",
            "95%", "99.9 %", "60 s", "float32", "seq", "\"[1.0, 2.0)\"", "\"*\"", "\"**\"", "\"a/**\"", "\"**a\"", "a/../b", "../b", "..", ".", "a/.b", "./a", "a//b", "/a", "a/", "'a\\b'", "\"a?\"", "c:a", "a b", "größe",
            "total", "[]", "{}", "[1]", "[0, 1]", "{ max: 5 MB }", "{ max: 1 }", "{ max: 5 MB, optional: true }", "{ min: 5 MB }", "{ max: 5 MB, max_increase: 5% }",
        ];
        var text = File.ReadAllText(Path.Combine(Folder("good"), "everything.yml"));
        // Every value that stands behind a colon or in a list, and every key.
        var places = Regex.Matches(text, """(?<=: )(\[[^\]]*\]|\{.*\}|"[^"]*"|[^\s,{}\[\]"#][^,{}\[\]\n]*)|(?<=[\[ ])[\w.-]+(?=[,\]:])""").Select(match => (match.Index, match.Length)).ToArray();
        var (accepted, seen) = (0, 0);
        foreach (var (index, length) in places)
        {
            foreach (var replacement in replacements)
            {
                var changed = text[..index] + replacement + text[(index + length)..];
                var (isYaml, value) = JsonSchemaCheck.FromYaml(changed);
                var reading = PolicyReader.Parse(Encoding.UTF8.GetBytes(changed), "modelgate.yml", "1.0.0");
                if (reading.Policy is not null)
                {
                    accepted++;
                    Assert.IsTrue(isYaml && JsonSchemaCheck.Accepts(Schema, value), $"`{text.AsSpan(index, length)}` → `{replacement}`: the reader accepts it, the schema does not");
                }
                else if (isYaml && reading.Diagnostics.Any(error => error.Kind == Diagnostics.UnknownKey || error.Kind == Diagnostics.LaterVersion || error.Kind == Diagnostics.WrongShape || error.Kind == Diagnostics.MissingKey))
                {
                    seen++;
                    Assert.IsFalse(JsonSchemaCheck.Accepts(Schema, value), $"`{text.AsSpan(index, length)}` → `{replacement}`: {reading.Diagnostics[0].Message}");
                }
            }
        }

        Assert.IsTrue(accepted > 100 && seen > 500, $"{accepted} accepted, {seen} refused in {places.Length} places");
    }

    [TestMethod]
    public void Every_metric_has_its_limit_in_the_schema_in_its_own_unit()
    {
        foreach (var metric in (IEnumerable<Metric>)[.. MetricCatalogue.All, .. MetricCatalogue.OfSchemes, .. OfPruning])
        {
            var good = Quantity.Example(metric.Unit).Split('`')[1];
            string[] right = metric.Direction == Direction.LowerIsBetter ? [good, $"{{ max: {good} }}"] : [$"{{ min: {good} }}"];
            string[] wrong = metric.Direction == Direction.LowerIsBetter ? ["never", "{ min: 1 }"] : ["never", good, $"{{ max: {good} }}"];
            foreach (var limit in right.Concat(wrong))
            {
                var budgets = $"{{ budgets: {{ {metric.Name}: {limit} }} }}";
                var text = metric.Scopes == Scopes.Package ? $"version: 1\npackage: {budgets}\n" : $"version: 1\nmodels:\n  - {{ path: a.onnx, teacher: t.onnx, base: b.onnx, {budgets[2..]}\n";
                var isGood = right.Contains(limit);
                Assert.AreEqual(isGood, PolicyReader.Parse(Encoding.UTF8.GetBytes(text), "modelgate.yml", "1.0.0").Policy is not null, text);
                Assert.AreEqual(isGood, JsonSchemaCheck.Accepts(Schema, JsonSchemaCheck.FromYaml(text).Value), text);
            }
        }
    }

    [TestMethod]
    [DataRow("quantized.pruned-0.size")]
    [DataRow("quantized.pruned-100.size")]
    [DataRow("quantized.pruned-50.sizeXon_wireXgzip")]
    public void A_scheme_that_there_is_none_of_is_not_in_the_schema(string metric)
    {
        string text = $"version: 1\nmodels:\n  - {{ path: a.onnx, budgets: {{ {metric}: 1 MB }} }}\n";
        Assert.IsNull(PolicyReader.Parse(Encoding.UTF8.GetBytes(text), "modelgate.yml", "1.0.0").Policy, text);
        Assert.IsFalse(JsonSchemaCheck.Accepts(Schema, JsonSchemaCheck.FromYaml(text).Value), text);
    }

    // Of pruning by magnitude there is one scheme for every percentage.
    private static IEnumerable<Metric> OfPruning => new[] { "1", "50", "99" }.SelectMany(static percent => RelatedMetrics.Pattern.Select(metric => MetricCatalogue.Find(metric.Name.Replace("<scheme>", "pruned-" + percent, StringComparison.Ordinal))!));

    [TestMethod]
    public void Schema_is_the_same_text_each_time_and_says_what_each_key_is_for()
    {
        Assert.AreEqual(PolicySchema.Write(), PolicySchema.Write());
        Assert.DoesNotContain("\r", PolicySchema.Write());
        Assert.AreEqual("Version of the policy language.", Schema["properties"]!["version"]!["description"]!.GetValue<string>());
    }
}
