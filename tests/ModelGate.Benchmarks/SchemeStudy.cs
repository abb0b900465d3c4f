using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.Tests.Compressing;

namespace ModelGate.Benchmarks;

/// <summary>Every scheme on every public model it applies to: written, weighed, loaded, run, and its outputs held against the float model's.</summary>
internal static class SchemeStudy
{
    private static readonly Scheme[] Tried = [.. Schemes.All, Schemes.Find("pruned-50")!, Schemes.Find("pruned-2-4")!];

    /// <summary>Prints a row for each model: how many times smaller, the least cosine similarity of an output, SQNR of the weights. 0 where everything that was written runs and agrees.</summary>
    public static int Run(TextWriter output)
    {
        if (Environment.GetEnvironmentVariable("MODELGATE_TEST_MODELS") is not { Length: > 0 } models)
        {
            output.WriteLine("MODELGATE_TEST_MODELS names no folder of public models, so there is nothing to compress.");
            return 2;
        }

        string folder = Directory.CreateTempSubdirectory("modelgate-schemes-").FullName;
        bool ran = true;
        output.WriteLine($"| model | float | {string.Join(" | ", Tried.Select(scheme => scheme.Name))} |");
        output.WriteLine($"|---|--:|{string.Concat(Tried.Select(_ => "---|"))}");
        foreach (string file in PublicModelTrial.Files(models))
            ran &= Row(output, models, file, Path.Combine(folder, "out.onnx"));
        Directory.Delete(folder, recursive: true);
        return ran ? 0 : 1;
    }

    private static bool Row(TextWriter output, string models, string file, string written)
    {
        try
        {
            using var trial = new PublicModelTrial(Path.Combine(models, file));
            string[] cells = [.. Tried.Select(scheme => Cell(trial, scheme, written))];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {file} | {new FileInfo(Path.Combine(models, file)).Length / 1e6:0.000} MB | {string.Join(" | ", cells)} |"));
            return !cells.Any(cell => cell.StartsWith('!'));
        }
        catch (Exception e) when (e is NotSupportedException or OnnxRuntimeException or ModelException)
        {
            output.WriteLine($"| {file} | float model does not run here: {e.Message.ReplaceLineEndings(" ")} |");
            return true;
        }
    }

    private static string Cell(PublicModelTrial trial, Scheme scheme, string written)
    {
        try
        {
            var (compression, agreement) = trial.Compress(scheme, written);
            string ratio = compression.Pruning is { } pruning ? $"wire {(double)pruning.WireBefore / pruning.WireAfter:0.00}×" : $"{compression.Ratio:0.00}×";
            string warning = PublicModelTrial.Agrees(scheme, agreement) ? "" : "! ";
            return string.Create(CultureInfo.InvariantCulture, $"{warning}{ratio}, {agreement.Cosine:0.00000}{(agreement.Cosine < 0.99 ? $" (±{agreement.MaxError:0.0e+0})" : "")}, {compression.Total().Sqnr:0.0} dB");
        }
        catch (ModelException e)
        {
            return e.Kind == Diagnostics.AlreadyQuantized ? "quantized" : "–";
        }
        catch (Exception e) when (e is OnnxRuntimeException or InvalidDataException)
        {
            return "! " + e.Message.ReplaceLineEndings(" ");
        }
    }
}
