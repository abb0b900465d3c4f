using ModelGate.PackageTests.Setup;

namespace ModelGate.PackageTests.Action;

/// <summary>What the stand-in for GitHub's runner does and refuses, since every test of the action rests on it.</summary>
[TestClass]
public sealed class CompositeActionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("modelgate-runner-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void Inputs_arrive_as_they_are_and_outputs_come_back()
    {
        var run = Run("""
            - id: one
              shell: bash
              env: { NAME: '${{ inputs.name }}' }
              run: |
                printf 'said<<x\n%s\nx\n' "$NAME" >> "$GITHUB_OUTPUT"
                echo "# summary" >> "$GITHUB_STEP_SUMMARY"
            """, "my pol;icy $(id)\n`id`.yml");

        Assert.AreEqual("my pol;icy $(id)\n`id`.yml", run.Outputs["said"]);
        Assert.AreEqual("success", run.Conclusion);
        Assert.AreEqual("# summary\n", run.Summary);
    }

    [TestMethod]
    public void A_failed_step_skips_the_next_but_not_one_that_always_runs()
    {
        var run = Run("""
            - { shell: bash, run: 'echo "A=from the file" >> "$GITHUB_ENV"; exit 3' }
            - { shell: bash, run: echo skipped }
            - { if: "always() && inputs.name == 'x'", shell: bash, run: 'echo "A is $A"' }
            """, "x");

        Assert.AreEqual("failure", run.Conclusion);
        Assert.AreEqual("A is from the file\n", run.Log);
    }

    [TestMethod]
    [DataRow("- { shell: bash, run: 'echo ${{ inputs.name }}' }", DisplayName = "an expression in a script")]
    [DataRow("- { run: echo }", DisplayName = "no shell")]
    [DataRow("- { uses: other/action@v1 }", DisplayName = "an action nobody stands in for")]
    [DataRow("- { shell: bash, run: echo, if: 'contains(inputs.name, 1)' }", DisplayName = "an unknown function")]
    [DataRow("- { shell: bash, run: echo, timeout-minutes: 1 }", DisplayName = "an unknown key")]
    public void What_it_does_not_know_it_refuses(string step) => Assert.ThrowsExactly<NotSupportedException>(() => Run(step, ""));

    [TestMethod]
    public void An_output_whose_delimiter_never_comes_again_is_refused() =>
        Assert.ThrowsExactly<InvalidDataException>(() => Run("""- { id: one, shell: bash, run: 'echo "said<<x" >> "$GITHUB_OUTPUT"' }""", ""));

    private ActionRun Run(string steps, string name)
    {
        string file = Path.Combine(folder, "action.yml");
        File.WriteAllText(file, $$$"""
            inputs: { name: { default: '' } }
            outputs: { said: { value: '${{ steps.one.outputs.said }}' } }
            runs:
              using: composite
              steps:
                {{{steps.ReplaceLineEndings("\n    ")}}}
            """);
        return new CompositeAction(file).Run(folder, folder, new Dictionary<string, string> { ["name"] = name });
    }
}
