using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.PackageTests.Setup;
using ModelGate.TestModels;

namespace ModelGate.Benchmarks;

/// <summary>
/// What it costs to weigh a model, in one run: counting 400 MB beside <c>onnx.load</c> of Debian's python3-onnx, whole processes on models
/// of very different weight and the same nodes, and the passes that do read weights beside the bare disk or codec.
/// </summary>
internal static class ReadingCost
{
    private const long MostBytesRead = 64 * 1024, MostExtraMemory = 8_000_000;
    private const double MostMicroseconds = 150, LeastTimes = 2000, MostTimeRatio = 1.5;
    private const int Tensors = 100, Rounds = 15, Reads = 500, Batches = 9, Loads = 5;

    // The script reads files of any number of names and prints a line for each: version, then the seconds of every load.
    private const string Script = """
        import sys, time
        import onnx
        times = []
        for _ in range(int(sys.argv[1])):
            began = time.perf_counter()
            model = onnx.load(sys.argv[2])
            times.append(time.perf_counter() - began)
            del model
        print(onnx.__version__, *times)
        """;

    /// <summary>Prints the tables, or those that are named; 0 where every figure is within what the project promises.</summary>
    public static int Run(string[] parts, TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("modelgate-reading-").FullName;
        try
        {
            bool kept = !Wanted("counting") || Counting(output, folder);
            kept &= !Wanted("processes") || Processes(output, folder);
            kept &= !Wanted("contents") || Contents(output, folder);
            return kept ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            Feed.Delete();
        }

        bool Wanted(string part) => parts.Length == 0 || parts.Contains(part);
    }

    // 400 MB in as many tensors as a few hundred nodes use, and the same bytes in one.
    private static bool Counting(TextWriter output, string folder)
    {
        const long Weights = 100_000_000;
        (string Name, string Path)[] models =
        [
            ("400 MB in one tensor", Onnx.Model(new OnnxGraph().Initializer(Onnx.Zeros("w", DataTypes.Float32, Weights)).Node("PRelu", "x w", "y")).Save(Path.Combine(folder, "one.onnx"))),
            ("400 MB in 100 tensors, 200 nodes", Layers(Tensors, Weights / Tensors, external: 0).Save(Path.Combine(folder, "hundred.onnx"))),
        ];
        output.WriteLine("| counting                         | bytes read | warm µs | onnx.load ms | times faster |");
        output.WriteLine("|----------------------------------|-----------:|--------:|-------------:|-------------:|");
        bool kept = true;
        string? version = null;
        foreach (var (name, path) in models)
        {
            long read = BytesRead(path);
            double first = Microseconds(path);
            var (loads, found) = Load(path);
            double microseconds = Math.Min(first, Microseconds(path)), times = loads / microseconds;
            version ??= found;
            kept &= read <= MostBytesRead && microseconds <= MostMicroseconds && (found is null || times >= LeastTimes);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name,-32} | {read,10} | {microseconds,7:0} | {(found is null ? "-" : (loads / 1000).ToString("0", CultureInfo.InvariantCulture)),12} | {(found is null ? "-" : times.ToString("N0", CultureInfo.InvariantCulture)),12} |"));
        }

        output.WriteLine(version is null
            ? "There is no Python with the onnx package to set beside it: `apt-get install python3-onnx` brings Debian's."
            : $"onnx {version}; warm: medians of {Reads} reads, the better of two runs around {Loads} loads.");
        output.WriteLine();
        return kept;
    }

    private static bool Processes(TextWriter output, string folder)
    {
        const long Inline = 1_900_000_000, External = 8_000_000_000;
        string large = Layers(Tensors, Inline / (Tensors / 2) / sizeof(float), External / (Tensors / 2) / sizeof(float)).Save(Path.Combine(folder, "large.onnx"));
        string small = Layers(Tensors, 10_000, 10_000, "small.bin").Save(Path.Combine(folder, "small.onnx"));
        using (var data = File.Create(Path.Combine(folder, "weights.bin"))) data.SetLength(External);
        using (var data = File.Create(Path.Combine(folder, "small.bin"))) data.SetLength(Tensors / 2 * 10_000L * sizeof(float));
        string tool = InstalledTool.In(folder);
        Sample ofSmall = new("4 MB"), ofLarge = new("8 GB external, 1.9 GB inline");
        long peakOfSmall = 0, peakOfLarge = 0;
        for (int round = -2; round < Rounds; round++)
        {
            var (first, second) = (ToolRun.Program(tool, "inspect", small), ToolRun.Program(tool, "inspect", large));
            if (round < 0) continue;
            ofSmall.Add(first.Milliseconds);
            ofLarge.Add(second.Milliseconds);
            (peakOfSmall, peakOfLarge) = (Math.Max(peakOfSmall, first.PeakBytes), Math.Max(peakOfLarge, second.PeakBytes));
        }

        output.WriteLine(Sample.Head);
        output.WriteLine(ofSmall.Row(ofSmall));
        output.WriteLine(ofLarge.Row(ofSmall));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"`modelgate inspect`, whole processes in turns, {Tensors} tensors and {2 * Tensors} nodes in both; peak memory {peakOfSmall / 1e6:0.0} and {peakOfLarge / 1e6:0.0} MB."));
        output.WriteLine();
        return ofLarge.Median <= MostTimeRatio * ofSmall.Median && peakOfLarge - peakOfSmall <= MostExtraMemory;
    }

    private static bool Contents(TextWriter output, string folder)
    {
        string path = Onnx.Model(Noise()).Save(Path.Combine(folder, "noise.onnx"));
        var model = ModelReader.Read(path);
        var bare = BareCosts.Of(path);
        ContentPass[] passes =
        [
            new("zeros, 2:4 groups, denormals", "reading the file", bare.Read, () => WeightContent.Of(model, entropy: false)),
            new("the same and the entropy bound", "reading the file", bare.Read, () => WeightContent.Of(model, entropy: true)),
            new("hashes of all weights", "SHA-256 of bytes in memory", bare.Hash, () => DuplicateWeights.Of(model)),
            new("gzip", "DeflateStream of bytes in memory", bare.Deflate, () => Measuring.WireSize.Gzip(path)),
        ];
        output.WriteLine("| pass over the weights            | GB/s | beside                           | GB/s | ratio |");
        output.WriteLine("|----------------------------------|-----:|----------------------------------|-----:|------:|");
        foreach (var pass in passes)
        {
            double speed = bare.BytesPerSecond(pass.Work), beside = bare.BytesPerSecond(pass.Bare);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {pass.Name,-32} | {speed / 1e9,4:0.00} | {pass.Beside,-32} | {beside / 1e9,4:0.00} | {speed / beside,5:0.00} |"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bare.Length / 1e6:0} MB, as many threads for both sides as there are processors where the work can be divided."));
        return true;
    }

    private static OnnxGraph Noise()
    {
        const int Matrices = 16, Rows = 1000, Columns = 1600;
        var graph = new OnnxGraph();
        var random = new Random(1);
        var values = new float[Rows * Columns];
        for (int matrix = 0; matrix < Matrices; matrix++)
        {
            foreach (ref float value in values.AsSpan()) value = (random.NextSingle() - 0.5f) * 0.1f;
            string name = string.Create(CultureInfo.InvariantCulture, $"w{matrix}");
            graph.Initializer(Onnx.Floats(name, [Rows, Columns], values)).Node("MatMul", "x " + name, "y" + name);
        }

        return graph;
    }

    // Half of the layers keep their weights in another file where `external` is given; all of them are holes.
    private static Message Layers(int layers, long inline, long external, string file = "weights.bin")
    {
        var graph = new OnnxGraph().Input("v0", DataTypes.Float32, "n", "1");
        long at = 0;
        for (int layer = 0; layer < layers; layer++)
        {
            bool outside = external > 0 && layer % 2 == 1;
            long length = external * sizeof(float);
            graph.Initializer(outside ? Onnx.External($"w{layer}", DataTypes.Float32, [external], file, Text(at), Text(length)) : Onnx.Zeros($"w{layer}", DataTypes.Float32, inline));
            graph.Node("MatMul", $"v{layer} w{layer}", $"m{layer}").Node("Relu", $"m{layer}", $"v{layer + 1}");
            if (outside) at += length;
        }

        return Onnx.Model(graph);
    }

    private static long BytesRead(string path)
    {
        using var file = File.OpenHandle(path);
        using var counted = new CountedFile(file);
        ModelReader.Read(counted, path);
        return counted.BytesRead;
    }

    private static double Microseconds(string path)
    {
        List<double> medians = [];
        for (int batch = -2; batch < Batches; batch++)
        {
            double[] times = new double[Reads];
            for (int read = 0; read < Reads; read++)
            {
                long began = Stopwatch.GetTimestamp();
                ModelReader.Read(path);
                times[read] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }

            Array.Sort(times);
            if (batch >= 0) medians.Add(times[Reads / 2]);
        }

        medians.Sort();
        return medians[medians.Count / 2];
    }

    // Microseconds of the median load; no version where there is no such Python.
    private static (double Microseconds, string? Version) Load(string path)
    {
        foreach (string python in (string[])["/usr/bin/python3", "python3"])
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", Script, Text(Loads), path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                var errors = process.StandardError.ReadToEndAsync();
                string[] words = process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                process.WaitForExit();
                errors.Wait();
                if (process.ExitCode == 0)
                    return (words[1..].Select(word => double.Parse(word, CultureInfo.InvariantCulture)).Order().ElementAt(Loads / 2) * 1e6, words[0]);
            }
            catch (Win32Exception)
            {
                // There is no such program.
            }
        }

        return (double.NaN, null);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record ContentPass(string Name, string Beside, Action Bare, Action Work);
}
