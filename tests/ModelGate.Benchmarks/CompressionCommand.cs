using System.Globalization;
using ModelGate.Models;
using ModelGate.PackageTests.Setup;
using ModelGate.TestModels;

namespace ModelGate.Benchmarks;

/// <summary>The whole command, `modelgate compress`: its time beside that of `cp` on the same file, and its memory on a model larger than most machines hold.</summary>
internal static class CompressionCommand
{
    private const int Rounds = 7;
    private const double MostOfCopy = 2;
    private const long MostBytes = 256_000_000;

    private static readonly string[] Schemes = ["fp16", "bf16", "int8", "int8-dynamic", "int4", "int4-b128"];

    /// <summary>400 MB of weights, half of them of MatMul and half of Gemm with transB; 0 where each scheme takes at most twice what `cp` takes, start-up apart.</summary>
    /// <param name="installed">True for the tool as users install it, false for the one that has just been built.</param>
    /// <param name="output">Takes the table.</param>
    public static int Time(bool installed, TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("modelgate-compress-").FullName;
        try
        {
            string? tool = installed ? InstalledTool.In(folder) : null;
            string model = Layers().Save(Path.Combine(folder, "model.onnx")), written = Path.Combine(folder, "out.onnx");
            Sample startup = new("start-up (modelgate metrics)"), copy = new("cp"), flushed = new("cp, then sync of the copy");
            Sample[] samples = [.. Schemes.Select(scheme => new Sample("modelgate compress --to " + scheme))];
            for (int round = -1; round < Rounds; round++)
            {
                Add(startup, Run("metrics"), round);
                Add(copy, ToolRun.Program("cp", model, written), round);
                File.Delete(written);
                // What it takes until the disk has it, which neither waits for.
                Add(flushed, ToolRun.Program("sh", "-c", "cp \"$0\" \"$1\" && sync \"$1\"", model, written), round);
                for (int index = 0; index < Schemes.Length; index++)
                {
                    File.Delete(written);
                    Add(samples[index], Run("compress", model, "--to", Schemes[index], "-o", written), round);
                }

                File.Delete(written);
            }

            output.WriteLine(Sample.Head);
            foreach (var sample in (IEnumerable<Sample>)[copy, flushed, startup, .. samples])
                output.WriteLine(sample.Row(copy));
            return samples.All(sample => sample.Median - startup.Median <= MostOfCopy * copy.Median) ? 0 : 1;

            ToolRun Run(params string[] arguments) => tool is null ? ToolRun.Of(arguments) : ToolRun.Program(tool, arguments);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            if (installed)
                Feed.Delete();
        }
    }

    /// <summary>4 GB of external data, 2 GB of it one embedding; 0 where no scheme takes more than 256 MB of memory.</summary>
    public static int Memory(TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("modelgate-compress-").FullName;
        try
        {
            const long Most = 10L << 30;
            if (new DriveInfo(folder).AvailableFreeSpace < Most)
            {
                output.WriteLine($"{folder} has less than 10 GiB to spare.");
                return 2;
            }

            string model = Large(folder), written = Path.Combine(folder, "out.onnx");
            output.WriteLine("| 4 GB of external data, 2 GB one embedding | peak memory |    s |");
            output.WriteLine("|-------------------------------------------|------------:|-----:|");
            bool kept = true;
            foreach (string scheme in Schemes)
            {
                var run = ToolRun.Of("compress", model, "--to", scheme, "-o", written);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {scheme,-41} | {run.PeakBytes / 1e6,8:0} MB | {run.Milliseconds / 1000,4:0.0} |"));
                kept &= run.PeakBytes is > 0 and <= MostBytes;
                File.Delete(written + ".data");
            }

            return kept ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Add(Sample sample, ToolRun run, int round)
    {
        if (round >= 0)
            sample.Add(run.Milliseconds);
    }

    private static Message Layers()
    {
        var graph = new OnnxGraph().Input("x", DataTypes.Float32, "n", "2000");
        string value = "x";
        for (int layer = 0; layer < 25; layer++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"layer{layer}");
            graph.Initializer(Onnx.Weights(name + ".weight", 2000, 2000));
            if (layer % 2 == 0)
                graph.Node("MatMul", $"{value} {name}.weight", name);
            else
                graph.Node("Gemm", $"{value} {name}.weight", name, Onnx.Attribute("transB", 1L));
            value = name;
        }

        return Onnx.Model(graph.Output(value, DataTypes.Float32, "n", "2000"));
    }

    // All holes: what weights are does not change what memory they take.
    private static string Large(string folder)
    {
        const long Rows = 500_000, Width = 1000, Size = 5000, Matrices = 20;
        var graph = new OnnxGraph().Input("ids", DataTypes.Int64, "n")
            .Initializer(Onnx.External("table", DataTypes.Float32, [Rows, Width], "model.bin", "0", Text(Rows * Width * sizeof(float))))
            .Initializer(Onnx.External("up", DataTypes.Float32, [Width, Size], "model.bin", Text(Rows * Width * sizeof(float)), Text(Width * Size * sizeof(float))))
            .Node("Gather", "table ids", "rows").Node("MatMul", "rows up", "value0");
        long at = ((Rows * Width) + (Width * Size)) * sizeof(float);
        for (long matrix = 0; matrix < Matrices; matrix++, at += Size * Size * sizeof(float))
        {
            graph.Initializer(Onnx.External($"matrix{matrix}", DataTypes.Float32, [Size, Size], "model.bin", Text(at), Text(Size * Size * sizeof(float))))
                .Node("MatMul", $"value{matrix} matrix{matrix}", $"value{matrix + 1}");
        }

        using (var data = File.Create(Path.Combine(folder, "model.bin")))
            data.SetLength(at);
        return Onnx.Model(graph.Output($"value{Matrices}", DataTypes.Float32, "n", Text(Size))).Save(Path.Combine(folder, "model.onnx"));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
