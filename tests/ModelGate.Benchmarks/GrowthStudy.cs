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
/// length, a perceptron one that grows with the length. Attention comes in two forms: fused, as optimized models have it, and as three
/// nodes between which all scores are written to memory and read again; a second table shows what that does to the time of one score.
/// </summary>
internal static class GrowthStudy
{
    private const double Allowed = 0.1;
    private const int MostOperators = 3;
    private static readonly Sweep OverN = new("n", [1024, 2048, 4096, 8192]);

    /// <summary>Measures all of them and prints the tables.</summary>
    /// <returns>0 where each exponent lies within 0.1 of what it should be; that of three nodes is shown beside them.</returns>
    public static int Run(TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("modelgate-growth-").FullName;
        try
        {
            Subject fused = new("attention, one head of 32, fused", SmallModels.FusedAttention(32).Save(Path.Combine(folder, "fused.onnx")), 2);
            Subject written = new("attention, one head of 32, three nodes", SmallModels.Attention(32).Save(Path.Combine(folder, "attention.onnx")), 2);
            Subject perceptron = new("perceptron, 32 → 128 → 32", SmallModels.Perceptron(32, 128).Save(Path.Combine(folder, "perceptron.onnx")), 1);
            output.WriteLine("| model | should be | latency | activations | macs |");
            output.WriteLine("|---|--:|---|--:|--:|");
            bool held = true;
            List<(Subject Subject, SweepPoint Point)> scored = [];
            foreach (var subject in (Subject[])[fused, written, perceptron])
            {
                var (within, points) = Row(output, subject);
                held &= within || subject == written;
                if (subject != perceptron)
                    scored.AddRange(points.Select(point => (subject, point)));
            }

            output.WriteLine();
            output.WriteLine("| model | n | latency | activations | of one score | of it, by operator under the profiler |");
            output.WriteLine("|---|--:|--:|--:|--:|---|");
            foreach (var (subject, point) in scored)
                WritePoint(output, subject, point);
            return held ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (bool Within, IReadOnlyList<SweepPoint> Points) Row(TextWriter output, Subject subject)
    {
        var result = Measure(subject.Request with { Metrics = [MetricCatalogue.Growth(OverN.Dimension)], Sweeps = [OverN] });
        if (result.Measurements[0] is not Measurement.Sampled sampled)
        {
            output.WriteLine($"| {subject.Name} | {((Measurement.Failed)result.Measurements[0]).Reason} |");
            return (false, []);
        }

        var judgement = RestartJudgement.WithoutLimit(sampled.Restarts, 0.99);
        var sweep = result.Sweeps[0];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {subject.Name} | {subject.Expected} | {judgement.Estimate:0.000} ({judgement.Interval?.Low:0.000} to {judgement.Interval?.High:0.000}, {judgement.Restarts} restarts) | {sweep.GrowthOfActivations:0.000} | {sweep.GrowthOfMacs:0.000} |"));
        return (Math.Abs(judgement.Estimate - subject.Expected) <= Allowed, sweep.Points);
    }

    private static void WritePoint(TextWriter output, Subject subject, SweepPoint point)
    {
        double scores = (double)point.Size * point.Size;
        var operators = Measure(subject.Request with { Metrics = [], Dimensions = [new(OverN.Dimension, point.Size)], ProfilesOperators = true }).Operators;
        string parts = operators is null ? "–" : string.Join(", ", operators.Operators.Take(MostOperators).Select(one => $"{one.Operator} {Nanoseconds(one.Seconds / scores)}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {subject.Name} | {point.Size} | {point.Latency * 1e3:0.00} ms | {point.Activations / 1e6:0.0} MB | {Nanoseconds(point.Latency / scores)} | {parts} |"));
    }

    private static LatencyResult Measure(LatencyRequest request) =>
        LatencyMeasuring.Measure(request, Recorder.Host, static sampled => RestartJudgement.WithoutLimit(sampled.Restarts, 0.99).Interval is not null, null, CancellationToken.None);

    private static string Nanoseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e9:0.00} ns");

    private sealed record Subject(string Name, string Model, double Expected)
    {
        public LatencyRequest Request => new() { Model = Model, Metrics = [], Runtime = Recorder.Runtime, Benchmark = new Benchmark { MaxTime = 120 } };
    }
}
