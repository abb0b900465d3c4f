using ModelGate.PackageTests.Setup;
using YamlDotNet.RepresentationModel;

namespace ModelGate.PackageTests.Action;

/// <summary>What a run of the action left.</summary>
/// <param name="Conclusion"><c>success</c> or <c>failure</c>.</param>
/// <param name="ExitCode">Exit code of the last step that ran.</param>
/// <param name="Outputs">The action's outputs.</param>
/// <param name="Summary">The job summary, of all steps.</param>
/// <param name="Log">Everything the steps printed.</param>
internal sealed record ActionRun(string Conclusion, int ExitCode, IReadOnlyDictionary<string, string> Outputs, string Summary, string Log)
{
    /// <summary>The annotations of a severity, in order.</summary>
    public List<WorkflowCommand> Annotations(string severity) => [.. WorkflowLog.Commands(Log).Where(command => command.Name == severity)];
}

/// <summary>
/// Runs the steps of a composite action in bash as GitHub's runner does: expressions, env, environment files, outcomes, outputs.
/// What it does not know it refuses.
/// </summary>
internal sealed class CompositeAction
{
    private static readonly string[] KnownKeys = ["name", "id", "if", "shell", "run", "env", "working-directory", "uses", "with"];
    private readonly YamlMappingNode action;
    private readonly string path;

    /// <summary>Reads an action's file.</summary>
    public CompositeAction(string path)
    {
        this.path = path;
        var yaml = new YamlStream();
        using var text = File.OpenText(path);
        yaml.Load(text);
        action = (YamlMappingNode)yaml.Documents[0].RootNode;
        if (Text(Mapping(action, "runs"), "using") != "composite")
            throw new NotSupportedException("not a composite action");
    }

    /// <summary>Stand-ins for the actions that a step may use, by name without the version; each returns what it puts first on PATH.</summary>
    public Dictionary<string, Func<string>> Uses { get; } = [];

    /// <summary>Variables of the runner that are missing on this one.</summary>
    public HashSet<string> Missing { get; } = [];

    /// <summary>What stands before the machine's own PATH when the job begins.</summary>
    public List<string> Path { get; } = [];

    /// <summary>The declared default of an input.</summary>
    public string DefaultOf(string input) => Text(Mapping(Mapping(action, "inputs"), input), "default") ?? "";

    /// <summary>Runs the action.</summary>
    /// <param name="workspace">The checked-out repository.</param>
    /// <param name="temporary">The runner's temporary folder.</param>
    /// <param name="with">Inputs given; the others take their defaults.</param>
    public ActionRun Run(string workspace, string temporary, IReadOnlyDictionary<string, string> with)
    {
        var values = new Dictionary<string, string>
        {
            ["github.workspace"] = workspace,
            ["github.action_path"] = System.IO.Path.GetDirectoryName(path)!,
            ["runner.temp"] = temporary,
            ["runner.os"] = "Linux",
        };
        foreach (var (name, input) in Mapping(action, "inputs"))
            values["inputs." + ((YamlScalarNode)name).Value] = with.GetValueOrDefault(((YamlScalarNode)name).Value!, Text((YamlMappingNode)input, "default") ?? "");
        if (with.Keys.FirstOrDefault(name => !values.ContainsKey("inputs." + name)) is { } unknown)
            throw new NotSupportedException("no such input: " + unknown);

        var job = new Job(workspace, temporary, values, [.. Path]);
        foreach (var step in ((YamlSequenceNode)Mapping(action, "runs")["steps"]).Cast<YamlMappingNode>())
            RunStep(step, job);
        var outputs = Mapping(action, "outputs").ToDictionary(output => ((YamlScalarNode)output.Key).Value!, output => Expression.Substitute(Text((YamlMappingNode)output.Value, "value")!, job.ValueOf));
        return new(job.Failed ? "failure" : "success", job.ExitCode, outputs, job.Summary, job.Log);
    }

    private void RunStep(YamlMappingNode step, Job job)
    {
        if (step.Children.Keys.Select(key => ((YamlScalarNode)key).Value!).FirstOrDefault(key => !KnownKeys.Contains(key)) is { } unknown)
            throw new NotSupportedException("no such key of a step: " + unknown);
        if (!Expression.Holds(Text(step, "if") ?? "success()", job.Failed, job.ValueOf))
            return;
        if (Text(step, "uses") is { } uses)
        {
            job.Path.Add(Uses.GetValueOrDefault(uses.Split('@')[0])?.Invoke() ?? throw new NotSupportedException("uses: " + uses));
            return;
        }

        string script = Text(step, "run") ?? throw new NotSupportedException("a step that neither runs nor uses anything");
        if (script.Contains("${{", StringComparison.Ordinal))
            throw new NotSupportedException("an expression inside run: is an injection");
        if (Text(step, "shell") != "bash")
            throw new NotSupportedException("shell: " + (Text(step, "shell") ?? "missing"));
        var environment = Mapping(step, "env").ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => (string?)Expression.Substitute(((YamlScalarNode)pair.Value).Value!, job.ValueOf));
        string folder = System.IO.Path.Combine(job.Workspace, Expression.Substitute(Text(step, "working-directory") ?? "", job.ValueOf));
        job.Bash(script, folder, Text(step, "id"), environment, Missing);
    }

    private static string? Text(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;

    private static YamlMappingNode Mapping(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? (YamlMappingNode)value : [];

    // What lasts from step to step.
    private sealed class Job(string workspace, string temporary, Dictionary<string, string> values, List<string> path)
    {
        private readonly Dictionary<string, string?> variables = [];
        private int step;

        public string Workspace => workspace;

        public List<string> Path => path;

        public bool Failed { get; private set; }

        public int ExitCode { get; private set; }

        public string Summary { get; private set; } = "";

        public string Log { get; private set; } = "";

        public string ValueOf(string name) => values.GetValueOrDefault(name, "");

        public void Bash(string script, string folder, string? id, Dictionary<string, string?> environment, HashSet<string> missing)
        {
            string file = FileOf("script.sh", script), output = FileOf("output"), env = FileOf("env"), paths = FileOf("path"), summary = FileOf("summary");
            step++;
            var all = new Dictionary<string, string?>(variables);
            foreach (var (name, value) in environment)
                all[name] = value;
            foreach (var (name, value) in ((string, string)[])[("GITHUB_OUTPUT", output), ("GITHUB_ENV", env), ("GITHUB_PATH", paths), ("GITHUB_STEP_SUMMARY", summary),
                ("GITHUB_WORKSPACE", workspace), ("GITHUB_ACTIONS", "true"), ("CI", "true"), ("RUNNER_TEMP", temporary), ("RUNNER_OS", "Linux")])
                all[name] = missing.Contains(name) ? null : value;
            all["PATH"] = string.Join(System.IO.Path.PathSeparator, path.AsEnumerable().Reverse().Append(Environment.GetEnvironmentVariable("PATH")));

            var outcome = Command.Run("bash", folder, ["--noprofile", "--norc", "-e", "-o", "pipefail", file], all);
            ExitCode = outcome.ExitCode;
            Failed |= ExitCode != 0;
            Log += outcome.Output;
            Summary += File.ReadAllText(summary);
            path.AddRange(File.ReadAllLines(paths));
            foreach (var (name, value) in EnvironmentFile.Read(env))
                variables[name] = value;
            foreach (var (name, value) in EnvironmentFile.Read(output))
                values[$"steps.{id}.outputs.{name}"] = value;
            values[$"steps.{id}.outcome"] = ExitCode == 0 ? "success" : "failure";
        }

        private string FileOf(string name, string text = "")
        {
            string folder = Directory.CreateDirectory(System.IO.Path.Combine(temporary, "_runner", step.ToString(System.Globalization.CultureInfo.InvariantCulture))).FullName;
            string file = System.IO.Path.Combine(folder, name);
            File.WriteAllText(file, text);
            return file;
        }
    }
}
