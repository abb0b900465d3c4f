using BenchmarkDotNet.Attributes;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Benchmarks;

/// <summary>Reading a model's structure: time and memory must follow the number of tensors, never their size.</summary>
[MemoryDiagnoser]
public class ReadingBenchmarks
{
    private string folder = "", small = "", large = "";

    [GlobalSetup]
    public void WriteModels()
    {
        folder = Directory.CreateTempSubdirectory("modelgate-read-").FullName;
        small = SmallModels.Convolutional().Save(Path.Combine(folder, "small.onnx"));
        large = Architectures.ResNet50().Save(Path.Combine(folder, "resnet50.onnx"));
    }

    [GlobalCleanup]
    public void DeleteModels() => Directory.Delete(folder, recursive: true);

    [Benchmark(Baseline = true)]
    public ModelFile Small() => ModelReader.Read(small);

    [Benchmark]
    public ModelFile ResNet50() => ModelReader.Read(large);
}
