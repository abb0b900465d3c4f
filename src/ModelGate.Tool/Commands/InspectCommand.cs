using System.CommandLine;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Models.Containers;
using ModelGate.Reporting;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate inspect</c>: where a model's weight is, tensor by tensor. A model that cannot be read does not keep the others from being shown.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        var models = new Argument<string[]>("MODEL") { Description = "Model files, packages and assemblies that hold models, or folders such as one that was published.", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--format") { Description = "text, json or markdown.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "markdown");
        var onWire = new Option<bool>("--on-wire") { Description = "Also compress the files, to tell what they weigh on the wire. Reads every byte." };
        var content = new Option<bool>("--content") { Description = "Also read the weights: zeros, denormal numbers, weights stored more than once, and the bound that entropy sets." };
        var layers = new Option<bool>("--layers") { Description = "Also list every layer with its kind and its parameters." };
        var against = new Option<string?>("--against") { Description = "Another model: tells which tensors came, went, grew or changed their type, those that add most first.", HelpName = "MODEL" };
        var command = new Command("inspect", """
            Weigh models: tables by role, kind of layer, operator and element type, and the heaviest tensors.

            Examples:
              modelgate inspect models/detector.onnx
              modelgate inspect --layers models/detector.onnx
              modelgate inspect models/detector.onnx --against released/detector.onnx
              modelgate inspect --on-wire --content --format json a.onnx b.safetensors
              modelgate inspect bin/Release/Detector.1.0.0.nupkg
              modelgate inspect bin/Release/net10.0/publish
            """)
        { models, format, onWire, content, layers, against };
        command.SetAction(parsed => Run(
            parsed.GetValue(models)!, parsed.GetValue(format)!, new Asked(parsed.GetValue(onWire), parsed.GetValue(content), parsed.GetValue(layers), parsed.GetValue(against)), terminal));
        return command;
    }

    private static int Run(string[] paths, string format, Asked asked, Terminal terminal)
    {
        var progress = new WorkProgress(terminal, "compressing");
        var reading = new WorkProgress(terminal, "reading weights");
        var measuring = new StaticMeasuring { Progress = progress.Show };
        List<Inspection> inspections = [];
        List<Diagnostic> failures = [];
        var other = asked.Against is null ? null : Try(asked.Against, failures, () => measuring.Read(asked.Against));
        foreach (string path in paths.SelectMany(path => Expanded(path, failures)))
        {
            var contained = Try(path, failures, () => ContainerReader.Read(path));
            if (contained is { Count: 0 }) Add(Try(path, failures, () => Inspect(path, asked, other, measuring, reading, failures)));
            foreach (var each in contained ?? []) Add(Try(each.Place, failures, () => each.Model is { } model ? Inspect(Noted(model, asked), [.. WeightCensus.All(model)], asked, other) : throw each.Error!));
        }

        progress.Clear();
        reading.Clear();
        switch (format)
        {
            case "json": terminal.Out.Write(InspectionJson.Render(ToolFiles.Version, inspections, failures)); break;
            case "markdown": terminal.Out.Write(InspectionMarkdown.Render(inspections, failures)); break;
            default: terminal.Out.Write(InspectionText.Render(inspections, new(terminal.OutColor, terminal.Unicode) { Width = terminal.ReportWidth })); break;
        }

        foreach (var failure in failures) terminal.Error.WriteLine(MSBuildReport.Line(failure));
        return (int)(failures.Count == 0 ? ExitCode.Pass : ExitCode.NotJudged);

        void Add(Inspection? inspection)
        {
            if (inspection is not null) inspections.Add(inspection);
        }
    }

    private static Inspection Inspect(string path, Asked asked, ModelFile? other, StaticMeasuring measuring, WorkProgress reading, List<Diagnostic> failures)
    {
        var model = measuring.Read(path);
        List<Measurement.Exact> metrics = [.. WeightCensus.All(model)];
        if (asked.OnWire) AddOnWire(metrics, failures, measuring, path);
        bool reads = asked.Content && model.IsWeighable;
        return Inspect(model, metrics, asked, other) with
        {
            Content = reads ? WeightContent.Of(model, entropy: true, reading.Show) : null,
            Duplicates = reads ? DuplicateWeights.Of(model) : [],
        };
    }

    // Inside a container only the structure is read: what was asked for beyond that is said to be missing.
    private static ModelFile Noted(ModelFile model, Asked asked)
    {
        string options = string.Join(" and ", (string[])[.. asked.OnWire ? ["--on-wire"] : Array.Empty<string>(), .. asked.Content ? ["--content"] : Array.Empty<string>()]);
        return options.Length == 0 ? model
            : model with { Notes = [.. model.Notes, new(Diagnostics.ModelNote, new SourceLocation(model.Path), $"{options} is not done inside packages and assemblies: take the model out and inspect the file")] };
    }

    private static Inspection Inspect(ModelFile model, List<Measurement.Exact> metrics, Asked asked, ModelFile? other) => new(model, metrics)
    {
        ListsLayers = asked.Layers && model.Tensors.Count > 0,
        Against = other is null ? null : new InspectedDifferences(other.Path, ModelDifference.Of(other, model)),
    };

    // A folder stands for the models in it.
    private static IReadOnlyList<string> Expanded(string path, List<Diagnostic> failures)
    {
        if (!Directory.Exists(path)) return [path];
        var files = Try(path, failures, () => ModelFolder.Files(path));
        if (files is { Count: 0 }) failures.Add(new Diagnostic(Diagnostics.NothingMatched, new SourceLocation(path), $"There is no model in this folder. Next: {Diagnostics.NothingMatched.Fix}"));
        return files ?? [];
    }

    private static void AddOnWire(List<Measurement.Exact> metrics, List<Diagnostic> failures, StaticMeasuring measuring, string path)
    {
        foreach (var measurement in measuring.Measure(path, [.. MetricCatalogue.All.Where(metric => metric.Name.StartsWith("size.on_wire.", StringComparison.Ordinal))]))
        {
            if (measurement is Measurement.Exact exact) metrics.Add(exact);
            else if (measurement is Measurement.Failed failed) failures.Add(new Diagnostic(failed.Kind, new SourceLocation(path), $"{failed.Metric}: {failed.Reason}. Next: {failed.Kind.Fix}"));
        }
    }

    private static T? Try<T>(string path, List<Diagnostic> failures, Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (ModelException e)
        {
            failures.Add(e.At(path));
            return null;
        }
    }

    private sealed record Asked(bool OnWire, bool Content, bool Layers, string? Against);
}
