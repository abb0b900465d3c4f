using System.CommandLine;
using System.Text;
using ModelGate.Measuring;
using ModelGate.Policies;
using ModelGate.Reporting;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate init</c>: finds models, measures them, and writes the policy that a team begins with.</summary>
internal static class InitCommand
{
    private const string SchemaName = "modelgate.schema.json";
    private static readonly string[] Measured = ["parameters", "size.on_disk"];

    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("FOLDER") { Description = "Folder, or project file, whose models the policy is for.", DefaultValueFactory = _ => "." };
        var force = new Option<bool>("--force") { Description = "Replace a policy that is already there." };
        var command = new Command("init", """
            Find models, measure them, and write a commented policy with 10 % headroom.

            Examples:
              modelgate init
              modelgate init src/Contoso.Vision/Contoso.Vision.csproj
            """)
        { folder, force };
        command.SetAction(parsed => (int)Run(terminal, parsed.GetValue(folder)!, parsed.GetValue(force)));
        return command;
    }

    private static ExitCode Run(Terminal terminal, string given, bool force)
    {
        string folder = Path.GetFullPath(File.Exists(given) ? Path.GetDirectoryName(Path.GetFullPath(given))! : given);
        if (!Directory.Exists(folder))
            return terminal.Refuse($"There is no folder `{given}`.");
        string policy = Path.Combine(folder, PolicyLocator.FileNames[0]);
        if (!force && PolicyLocator.FileNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } existing)
            return terminal.Refuse($"{existing} is already there: edit it, or replace it with `modelgate init --force`.");

        var search = ModelSelection.AllIn(folder);
        List<Diagnostic> failures = [.. search.Diagnostics];
        var models = Measure(folder, File.Exists(given) ? [.. search.Files, .. ProjectItems.ModelsOutside(Path.GetFullPath(given))] : search.Files, failures);
        foreach (var diagnostic in failures)
            terminal.Error.WriteLine(MSBuildReport.Line(diagnostic));
        if (!Write(terminal, Path.Combine(folder, SchemaName), PolicySchema.Write()) || !Write(terminal, policy, StarterPolicy.Write(models, SchemaName)))
            return ExitCode.Internal;
        Tell(terminal, Path.GetRelativePath(Environment.CurrentDirectory, policy), models);
        return failures.Count > 0 ? ExitCode.NotJudged : ExitCode.Pass;
    }

    private static List<StarterModel> Measure(string folder, IReadOnlyList<string> files, List<Diagnostic> failures)
    {
        var weighing = new StaticMeasuring();
        Metric[] metrics = [.. Measured.Select(name => MetricCatalogue.Find(name)!)];
        List<StarterModel> models = [];
        foreach (string file in files)
        {
            var measurements = weighing.Measure(file, metrics);
            Measurement.Exact[] exact = [.. measurements.OfType<Measurement.Exact>()];
            string path = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');
            if (exact.Length > 0)
                models.Add(new(path, exact));
            else
                failures.AddRange(measurements.OfType<Measurement.Failed>().Take(1).Select(failed => new Diagnostic(failed.Kind, new SourceLocation(path), $"left out of the policy: {failed.Reason}")));
        }

        return models;
    }

    private static bool Write(Terminal terminal, string path, string text)
    {
        try
        {
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.Error.WriteLine(MSBuildReport.Line(new(Diagnostics.ReportNotWritten, new SourceLocation(path), $"The file could not be written: {FileErrors.Reason(e)}. Check the folder, the free space and the permissions.")));
            return false;
        }
    }

    private static void Tell(Terminal terminal, string policy, List<StarterModel> models)
    {
        policy = Untrusted.Inert(policy);
        terminal.Out.WriteLine(models.Count switch
        {
            0 => $"Wrote {policy}. No model was found here: say in it where yours will be.",
            1 => $"Wrote {policy} for 1 model:",
            _ => $"Wrote {policy} for {models.Count} models:",
        });
        int width = models.Count == 0 ? 0 : models.Max(model => model.Path.Length);
        foreach (var model in models)
            terminal.Out.WriteLine($"  {Untrusted.Inert(model.Path).PadRight(width)}  {string.Join(", ", model.Values.Select(value => $"{value.Metric} {Quantity.Format(value.Value, value.Metric.Unit)}"))}");
        string check = Path.GetDirectoryName(policy) is { Length: > 0 } ? $"modelgate check {ShellArgument.Of(policy)}" : "modelgate check";
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"Editors complete it by {SchemaName} beside it. Next:");
        terminal.Out.WriteLine($"  {check,-38}judge it now");
        terminal.Out.WriteLine("  modelgate inspect MODEL               see where the weight is");
        terminal.Out.WriteLine("  modelgate bench MODEL                 measure latency, then add budgets for it");
        terminal.Out.WriteLine("  dotnet add package ModelGate.MSBuild  gate every build");
    }
}
