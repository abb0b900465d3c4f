namespace ModelGate.PackageTests.Action;

/// <summary>One workflow command that the runner would obey.</summary>
/// <param name="Name">Such as <c>error</c>.</param>
/// <param name="Properties">Such as <c>file</c> and <c>line</c>, unescaped.</param>
/// <param name="Message">What it says, unescaped.</param>
internal sealed record WorkflowCommand(string Name, IReadOnlyDictionary<string, string> Properties, string Message);

/// <summary>Finds in a step's log what the runner would take for a command.</summary>
internal static class WorkflowLog
{
    /// <summary>The commands, in order. Old-style <c>##[…]</c> ones are refused: nothing of ours writes them, so they can only come from a name.</summary>
    public static List<WorkflowCommand> Commands(string log)
    {
        List<WorkflowCommand> commands = [];
        string? resume = null;
        foreach (string line in log.Split('\n').Select(line => line.Trim()))
        {
            if (resume is not null)
            {
                if (line == $"::{resume}::")
                    resume = null;
                continue;
            }
            if (line.Contains("##[", StringComparison.Ordinal))
                throw new InvalidDataException("an old-style command in the log: " + line);
            if (Parse(line) is not { } command)
                continue;
            if (command.Name == "stop-commands")
                resume = command.Message;
            else
                commands.Add(command);
        }
        return commands;
    }

    private static WorkflowCommand? Parse(string line)
    {
        int end = line.StartsWith("::", StringComparison.Ordinal) ? line.IndexOf("::", 2, StringComparison.Ordinal) : -1;
        if (end < 0)
            return null;
        string[] head = line[2..end].Split(' ', 2);
        var properties = new Dictionary<string, string>();
        foreach (string pair in head.Length > 1 ? head[1].Split(',', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            string[] parts = pair.Split('=', 2);
            properties[parts[0]] = Unescape(parts[1]).Replace("%3A", ":", StringComparison.Ordinal).Replace("%2C", ",", StringComparison.Ordinal);
        }
        return new(head[0], properties, Unescape(line[(end + 2)..]));
    }

    private static string Unescape(string text) => text.Replace("%0D", "\r", StringComparison.Ordinal).Replace("%0A", "\n", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);
}
