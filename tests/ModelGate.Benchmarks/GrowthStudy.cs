using System.Globalization;
using ModelGate.Benchmarks.Study;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.PackageTests.Setup;
using ModelGate.Policies;
using ModelGate.TestModels;

namespace ModelGate.Benchmarks;

/// <summary>
/// Whether the growth that is measured is the growth that is there: attention of one head takes a time that grows with the square of its
/// length, a perceptron one that grows with the length.
/// </summary>
internal static class GrowthStudy
{
    private const double Allowed = 0.1;
    private static readonly Sweep OverN = new("n", [1024, 2048, 4096, 8192]);

    /// <summary>Measures both and prints a table.</summary>
    /// <returns>0 where each exponent lies within 0.1 of what it should be.</returns>
    public static int Run(TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("modelgate-growth-").FullName;
        try
        {
            output.WriteLine("| model | should be | latency | activations | macs |");
            output.WriteLine("|---|--:|---|--:|--:|");
            bool attention = Row(output, "attention, one head of 32", SmallModels.Attention(32).Save(Path.Combine(folder, "attention.onnx")), 2);
            bool perceptron = Row(output, "perceptron, 32 → 128 → 32", SmallModels.Perceptron(32, 128).Save(Path.Combine(folder, "perceptron.onnx")), 1);
            return attention && perceptron ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Row(TextWriter output, string name, string model, double expected)
    {
        var request = new LatencyRequest
        {
            Model = model,
            Metrics = [MetricCatalogue.Growth(OverN.Dimension)],
            Sweeps = [OverN],
            Runtime = Recorder.Runtime,
            Benchmark = new Benchmark { MaxTime = 120 },
        };
        var result = LatencyMeasuring.Measure(request, Recorder.Host, static sampled => RestartJudgement.WithoutLimit(sampled.Restarts, 0.99).Interval is not null, null, CancellationToken.None);
        if (result.Measurements[0] is not Measurement.Sampled sampled)
        {
            output.WriteLine($"| {name} | {((Measurement.Failed)result.Measurements[0]).Reason} |");
            return false;
        }

        var judgement = RestartJudgement.WithoutLimit(sampled.Restarts, 0.99);
        var sweep = result.Sweeps[0];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {expected} | {judgement.Estimate:0.000} ({judgement.Interval?.Low:0.000} to {judgement.Interval?.High:0.000}, {judgement.Restarts} restarts) | {sweep.GrowthOfActivations:0.000} | {sweep.GrowthOfMacs:0.000} |"));
        return Math.Abs(judgement.Estimate - expected) <= Allowed;
    }
}
