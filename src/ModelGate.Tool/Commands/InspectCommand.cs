using System.CommandLine;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Reporting;
using ModelGate.Tool.Inspecting;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate inspect</c>: where a model's weight is, tensor by tensor. A model that cannot be read does not keep the others from being shown.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        var models = new Argument<string[]>("model") { Description = "Model files.", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--format") { Description = "text, json or markdown.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "markdown");
        var onWire = new Option<bool>("--on-wire") { Description = "Also compress the files, to tell what they weigh on the wire. Reads every byte." };
        var command = new Command("inspect", """
            Weigh models: tables by role, operator and element type, and the heaviest tensors.

            Examples:
              modelgate inspect models/detector.onnx
              modelgate inspect --on-wire --format json a.onnx b.onnx
            """)
        { models, format, onWire };
        command.SetAction(parsed => Run(parsed.GetValue(models)!, parsed.GetValue(format)!, parsed.GetValue(onWire), terminal));
        return command;
    }

    private static int Run(string[] paths, string format, bool onWire, Terminal terminal)
    {
        var measuring = new StaticMeasuring();
        List<Inspection> inspections = [];
        List<Diagnostic> failures = [];
        foreach (string path in paths)
        {
            try
            {
                var model = measuring.Read(path);
                List<Measurement.Exact> metrics = [.. WeightCensus.All(model)];
                if (onWire) AddOnWire(metrics, failures, measuring, path);
                inspections.Add(new Inspection(model, metrics));
            }
            catch (ModelException e)
            {
                failures.Add(e.At(path));
            }
        }

        switch (format)
        {
            case "json": terminal.Out.Write(InspectionJson.Render(ToolFiles.Version, inspections, failures)); break;
            case "markdown": terminal.Out.Write(InspectionMarkdown.Render(inspections, failures)); break;
            default: InspectionView.Write(inspections, terminal); break;
        }

        foreach (var failure in failures) terminal.Error.WriteLine(MSBuildReport.Line(failure));
        return (int)(failures.Count == 0 ? ExitCode.Pass : ExitCode.NotJudged);
    }

    private static void AddOnWire(List<Measurement.Exact> metrics, List<Diagnostic> failures, StaticMeasuring measuring, string path)
    {
        foreach (var measurement in measuring.Measure(path, [.. MetricCatalogue.All.Where(metric => metric.Source == Source.Content)]))
        {
            if (measurement is Measurement.Exact exact) metrics.Add(exact);
            else if (measurement is Measurement.Failed failed) failures.Add(new Diagnostic(failed.Kind, new SourceLocation(path), $"{failed.Metric}: {failed.Reason}. Next: {failed.Kind.Fix}"));
        }
    }
}
