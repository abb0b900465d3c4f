using YamlDotNet.RepresentationModel;

namespace ModelGate.Tests.Examples;

/// <summary>The workflow that a user copies asks of the actions what they offer, pinned to what this repository itself runs.</summary>
[TestClass]
public class WorkflowTests
{
    [TestMethod]
    public void It_gives_the_action_no_input_that_the_action_does_not_have()
    {
        var inputs = (YamlMappingNode)Read("action.yml")["inputs"];
        var step = Steps("examples/workflow.yml").Single(step => Uses(step).StartsWith("modelgate/", StringComparison.Ordinal));

        foreach (var given in ((YamlMappingNode)step["with"]).Children.Keys)
            Assert.IsTrue(inputs.Children.ContainsKey(given), given.ToString());
    }

    [TestMethod]
    public void It_pins_the_actions_of_others_as_our_own_workflows_do()
    {
        string[] ours = [.. Steps(".github/workflows/ci.yml").Select(Uses)];
        string[] others = [.. Steps("examples/workflow.yml").Select(Uses).Where(uses => uses.StartsWith("actions/", StringComparison.Ordinal))];

        Assert.IsNotEmpty(others);
        CollectionAssert.IsSubsetOf(others, ours);
    }

    private static IEnumerable<YamlMappingNode> Steps(string workflow) =>
        ((YamlMappingNode)Read(workflow)["jobs"]).Children.Values.SelectMany(job => ((YamlSequenceNode)job["steps"]).Children).Cast<YamlMappingNode>();

    private static string Uses(YamlMappingNode step) => step.Children.TryGetValue("uses", out var uses) ? uses.ToString() : "";

    private static YamlMappingNode Read(string file)
    {
        var yaml = new YamlStream();
        using var text = File.OpenText(Path.Combine(Repository.Root, file));
        yaml.Load(text);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }
}
