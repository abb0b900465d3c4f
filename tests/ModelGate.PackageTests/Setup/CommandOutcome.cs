namespace ModelGate.PackageTests.Setup;

/// <summary>What a command left.</summary>
/// <param name="Command">The command, for messages.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output and standard error, in the order they came.</param>
internal sealed record CommandOutcome(string Command, int ExitCode, string Output)
{
    /// <summary>The lines of the output.</summary>
    public string[] Lines => Output.Split('\n');

    /// <summary>What was said of budgets, each line once and in one order, as every door says it.</summary>
    public string[] BudgetLines => BudgetLinesOf(Output);

    /// <summary>The lines before the summary in which MSBuild repeats warnings and errors: what is there twice was told twice.</summary>
    public IEnumerable<string> LinesBeforeSummary => Lines.TakeWhile(line => line is not ("Build FAILED." or "Build succeeded."));

    /// <summary>The lines of an output that are about budgets: without the folder, which each door names in its own way, and without the project that MSBuild appends.</summary>
    public static string[] BudgetLinesOf(string output) =>
    [
        .. output.Split('\n').Where(line => line.Contains(" MG100", StringComparison.Ordinal) && line.Contains("modelgate.yml(", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf("modelgate.yml(", StringComparison.Ordinal)..].TrimEnd('\r'))
            .Select(line => line.LastIndexOf(" [", StringComparison.Ordinal) is var project and > 0 && line.EndsWith("proj]", StringComparison.Ordinal) ? line[..project] : line)
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Fails the test with the whole output where the command ended with another exit code.</summary>
    public CommandOutcome AssertExit(int exitCode)
    {
        Assert.AreEqual(exitCode, ExitCode, ToString());
        return this;
    }

    /// <summary>Fails the test with the whole output where the command failed.</summary>
    public CommandOutcome AssertPassed() => AssertExit(0);

    /// <summary>Fails the test with the whole output where the command passed.</summary>
    public CommandOutcome AssertFailed()
    {
        Assert.AreNotEqual(0, ExitCode, ToString());
        return this;
    }

    /// <summary>Fails the test where the output lacks a text.</summary>
    public CommandOutcome AssertSays(string text)
    {
        Assert.IsTrue(Output.Contains(text, StringComparison.Ordinal), $"not said: {text}\n{this}");
        return this;
    }

    /// <summary>Fails the test where the output holds a text.</summary>
    public CommandOutcome AssertSilentOn(string text)
    {
        Assert.IsFalse(Output.Contains(text, StringComparison.Ordinal), $"said all the same: {text}\n{this}");
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Command}\nexit {ExitCode}\n{Output}";
}
