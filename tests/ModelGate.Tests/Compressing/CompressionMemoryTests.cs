using System.Globalization;
using ModelGate.Models;
using ModelGate.TestModels;
using ModelGate.Tests.Faults;

namespace ModelGate.Tests.Compressing;

/// <summary>Memory that compression takes, whatever the model weighs. Ten times as much runs in tests/ModelGate.Benchmarks, `compress-memory`.</summary>
[TestClass]
public sealed class CompressionMemoryTests : IDisposable
{
    private const long Allowed = 180_000_000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow("int8")]
    [DataRow("int4")]
    public void Memory_does_not_follow_the_model(string scheme)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Only Linux tells the most memory that a process has had, and files have holes.");
        const long Rows = 100_000, Width = 1000, Size = 2000;
        using (var data = File.Create(folder.File("model.bin"))) data.SetLength(((Rows * Width) + (Width * Size)) * sizeof(float));
        Onnx.Model(new OnnxGraph().Input("ids", DataTypes.Int64, "n")
            .Initializer(Onnx.External("table", DataTypes.Float32, [Rows, Width], "model.bin", "0", Text(Rows * Width * sizeof(float))))
            .Initializer(Onnx.External("matrix", DataTypes.Float32, [Width, Size], "model.bin", Text(Rows * Width * sizeof(float)), Text(Width * Size * sizeof(float))))
            .Node("Gather", "table ids", "rows").Node("MatMul", "rows matrix", "y").Output("y", DataTypes.Float32, "n", Text(Size))).Save(folder.File("model.onnx"));

        using var tool = ToolProcess.Start(folder.Path, null, "compress", "model.onnx", "--to", scheme, "-o", "out.onnx");
        long peak = 0;
        SpinWait.SpinUntil(() => Peak(tool.Id) is var now && (peak = Math.Max(peak, now)) >= 0 && now == 0, TimeSpan.FromSeconds(60));

        tool.End().Is(0);
        Assert.IsGreaterThan(0, peak);
        Assert.IsLessThanOrEqualTo(Allowed, peak);
    }

    // The kernel's own high-water mark, in bytes; 0 once the process has ended.
    private static long Peak(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(6, line.Length - 6 - 3), CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
