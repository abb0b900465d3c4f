using System.Globalization;
using System.Text.RegularExpressions;
using ModelGate.Models;
using ModelGate.Models.Containers;
using ModelGate.Tests.Models.Mutants;

namespace ModelGate.Tests.Faults;

/// <summary>
/// Rows 1 to 12, 14 and 29 to 33 of the fault table: files that do harm by themselves, all in one process that may take 100 MB and 20 seconds, and
/// each by itself within a second and its memory. What needs a folder, or a file system, is in <see cref="ModelFaultTests"/> and <see cref="FileFaultTests"/>.
/// </summary>
[TestClass]
public sealed partial class HostileFileTests : IDisposable
{
    private const int FirstRow = 1, LastRow = 33; // of those on models and containers

    private readonly Workplace at = new();

    public static IEnumerable<object[]> Names => HostileFiles.All.Select(static file => new object[] { file.Name });

    public void Dispose() => at.Dispose();

    [TestMethod]
    public void Fault_1_to_32_harmful_models_are_refused_by_their_names_within_their_memory()
    {
        HostileFile[] models = [.. HostileFiles.All.Where(static file => !file.IsContainer)];
        foreach (var model in models) at.Write(model.Name, model.Content);
        at.Judge("parameters: 1", [.. models.Select(static model => model.Name)]);

        var run = at.Caged("check").Is(3).Says($"{models.Length} unmeasured");

        foreach (var model in models) run.Says($"error {model.Kind.Code}: {model.Name}: parameters was not measured: ");
        Assert.IsFalse(File.Exists(at.File("run")), "the pickle was run");
    }

    [TestMethod]
    public void Fault_33_containers_that_lie_are_told_and_bombs_are_not_inflated()
    {
        HostileFile[] containers = [.. HostileFiles.All.Where(static file => file.IsContainer)];
        foreach (var container in containers) at.Write(container.Name, container.Content);

        var run = at.Caged(["inspect", .. containers.Select(static container => container.Name)]).Is(3);

        foreach (var container in containers)
            Assert.IsTrue(run.Error.Split('\n').Any(line => line.StartsWith(container.Name, StringComparison.Ordinal) && line.Contains($"error {container.Kind.Code}", StringComparison.Ordinal)), $"{container.Name}: {run}");
        Assert.HasCount(containers.Length, Directory.GetFiles(at.Path), "something was extracted");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Each_is_refused_within_a_second_and_its_memory(string name)
    {
        var file = HostileFiles.All.Single(file => file.Name == name);
        string path = at.Write(file.Name, file.Content);
        Bounds.OfHostile(file.Content.Length).Hold(name, () =>
        {
            if (file.IsContainer) Assert.IsTrue(Assert.ThrowsExactly<ModelException>(() => throw ContainerReader.Read(path).Single().Error!) is not null);
            else if (file.Kind == Diagnostics.FormatNotMeasurable) Assert.IsFalse(ModelReader.Read(path).IsWeighable);
            else Assert.AreEqual(file.Kind, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path)).Kind);
        });
    }

    [TestMethod]
    public void Every_row_on_models_and_containers_has_a_test_in_a_process_of_its_own()
    {
        var rows = new HashSet<int>(HostileFiles.All.Select(static file => file.Row));
        foreach (var method in new[] { typeof(ModelFaultTests), typeof(FileFaultTests) }.SelectMany(static type => type.GetMethods()))
        {
            var named = Rows().Match(method.Name);
            if (!named.Success) continue;
            int first = int.Parse(named.Groups[1].ValueSpan, CultureInfo.InvariantCulture), last = named.Groups[2].Success ? int.Parse(named.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : first;
            for (int row = first; row <= last; row++) rows.Add(row);
        }

        Assert.AreEqual("", string.Join(", ", Enumerable.Range(FirstRow, LastRow - FirstRow + 1).Where(row => !rows.Contains(row))));
    }

    [GeneratedRegex("^Fault_([0-9]+)_(?:(?:to|and)_([0-9]+)_)?")]
    private static partial Regex Rows();
}
