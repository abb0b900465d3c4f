using BenchmarkDotNet.Attributes;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Benchmarks;

/// <summary>Reading a model's structure: time and memory must follow the number of tensors, never their size.</summary>
[MemoryDiagnoser]
public class ReadingBenchmarks
{
    private string folder = "", small = "", large = "", huge = "";

    [GlobalSetup]
    public void WriteModels()
    {
        folder = Directory.CreateTempSubdirectory("modelgate-read-").FullName;
        small = SmallModels.Convolutional().Save(Path.Combine(folder, "small.onnx"));
        huge = Onnx.Model(HundredDenseLayers()).Save(Path.Combine(folder, "huge.onnx"));
        large = Architectures.ResNet50().Save(Path.Combine(folder, "resnet50.onnx"));
    }

    [GlobalCleanup]
    public void DeleteModels() => Directory.Delete(folder, recursive: true);

    [Benchmark(Baseline = true)]
    public ModelFile Small() => ModelReader.Read(small);

    [Benchmark]
    public ModelFile ResNet50() => ModelReader.Read(large);

    /// <summary>400 MB in a hundred tensors.</summary>
    [Benchmark]
    public ModelFile Dense400MB() => ModelReader.Read(huge);

    private static OnnxGraph HundredDenseLayers()
    {
        var graph = new OnnxGraph();
        for (var layer = 0; layer < 100; layer++)
            graph.Initializer(Onnx.Zeros($"w{layer}", DataTypes.Float32, 1000, 1000)).Node("MatMul", $"r{layer} w{layer}", $"m{layer}").Node("Relu", $"m{layer}", $"r{layer + 1}");
        return graph;
    }
}
