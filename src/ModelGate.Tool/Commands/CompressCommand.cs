using System.CommandLine;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.Reporting;

namespace ModelGate.Tool.Commands;

/// <summary><c>modelgate compress MODEL --to SCHEME -o OUT</c>: writes a smaller copy and says what it cost.</summary>
internal static class CompressCommand
{
    private static IReadOnlyList<Scheme> Listed { get; } = [.. Schemes.All, .. Schemes.Pruning];

    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("MODEL") { Description = "The ONNX model to compress; it stays as it is." };
        var to = new Option<string>("--to") { Description = "What its weights become.", HelpName = "SCHEME", Required = true };
        to.CompletionSources.Add(_ => Listed.Select(scheme => new System.CommandLine.Completions.CompletionItem(scheme.Name)));
        to.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && Schemes.Find(name) is null)
                result.AddError($"'{name}' is no scheme; there are {string.Join(", ", Listed.Select(scheme => scheme.Name))}, and pruned-P for every P from 1 to 99.");
        });
        var output = new Option<string>("--output", "-o") { Description = "File to write. External data, where the model has any, goes into FILE.data.", HelpName = "FILE", Required = true };
        var format = new Option<string>("--format") { Description = "What is printed: text or json.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("compress", $"""
            Write a smaller copy of an ONNX model, with what it costs in fidelity.

            Schemes:
            {string.Join(Environment.NewLine, Listed.Select(scheme => $"  {scheme.Name,-14}{scheme.Description}"))}
              pruned-P      likewise for every percentage P from 1 to 99

            Example: modelgate compress models/detector.onnx --to int8 -o models/detector.int8.onnx
            """)
        { model, to, output, format };
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            try
            {
                return (int)Run(terminal, parsed.GetValue(model)!, Schemes.Find(parsed.GetValue(to)!)!, parsed.GetValue(output)!, parsed.GetValue(format)!, interruption.Token);
            }
            catch (OperationCanceledException)
            {
                return (int)interruption.ExitCode;
            }
        });
        return command;
    }

    private static ExitCode Run(Terminal terminal, string model, Scheme scheme, string output, string format, CancellationToken cancellation)
    {
        try
        {
            var compression = ModelCompressor.Compress(model, scheme, output, cancellation);
            terminal.Out.Write(format == "json" ? CompressionJson.Render(ToolFiles.Version, compression) : CompressionText.Render(compression, new(terminal.OutColor, terminal.Unicode) { Width = terminal.ReportWidth }));
            return ExitCode.Pass;
        }
        catch (ModelException e)
        {
            terminal.Error.WriteLine(MSBuildReport.Line(e.At(model)));
            return e.Kind == Diagnostics.Usage ? ExitCode.PolicyOrUsage : ExitCode.NotJudged;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.Error.WriteLine(MSBuildReport.Line(new(Diagnostics.ModelNotWritten, new SourceLocation(output), $"The compressed model could not be written: {FileErrors.Reason(e)}. Next: {Diagnostics.ModelNotWritten.Fix}")));
            return ExitCode.Internal;
        }
    }
}
