using System.IO.Compression;
using System.Numerics;
using System.Text;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Models.Containers;
using ModelGate.TestModels;
using ModelGate.Tests.Models.Containers;

namespace ModelGate.Tests.Models.Mutants;

/// <summary>A format that mutants are made of: whole files to begin with, and what is done with each mutant.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Seeds">The whole files.</param>
/// <param name="Read">Reads a mutant; throws a <see cref="ModelException"/> where it is refused. Null for a container.</param>
internal sealed record MutantFormat(string Name, IReadOnlyList<byte[]> Seeds, Func<byte[], ModelFile?> Read)
{
    /// <summary>Throws where a mutant that was read holds something else than another reader finds.</summary>
    public Action<byte[], ModelFile?> Check { get; init; } = static (_, _) => { };

    /// <summary>The names of all formats.</summary>
    public static string[] Names { get; } = ["ONNX", "ORT format", "safetensors", "safetensors index", "GGUF", "TensorFlow Lite", "zip", ".NET assembly"];

    /// <summary>A format by its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="folder">A folder for formats that are read from disk.</param>
    public static MutantFormat Of(string name, string folder)
    {
        return name switch
        {
            "ONNX" => new(name, OnnxSeeds(), mutant => Weigh(InMemory(mutant, "m.onnx"))) { Check = Compare },
            "ORT format" => new(name, [Ort.File(Ort.Small())], mutant => Weigh(InMemory(mutant, "m.ort"))),
            "safetensors" => new(name, [Safetensors().ToArray(), SafetensorsFile.Of("{}", 0)], mutant => Weigh(InMemory(mutant, "m.safetensors"))),
            "safetensors index" => new(name, [Encoding.UTF8.GetBytes(Index)], mutant => Weigh(ModelReader.Read(Written("m.safetensors.index.json", mutant)))),
            "GGUF" => new(name, [Gguf().ToArray(), new GgufFile().Key("k", "v").ToArray()], mutant => Weigh(InMemory(mutant, "m.gguf"))),
            "TensorFlow Lite" => new(name, [Lite.File(Lite.Small()), Lite.File(Quantized())], mutant => Weigh(InMemory(mutant, "m.tflite"))),
            "zip" => new(name, [Zip(CompressionLevel.Optimal), Zip(CompressionLevel.NoCompression)], mutant => LookInto(Written("m.nupkg", mutant), package: true)),
            ".NET assembly" => new(name, [Assemblies.With(("App.readme.txt", [1, 2, 3]), ("App.dense.onnx", SmallModels.Dense().ToArray()), ("App.gguf", new GgufFile().Tensor("a.weight", 0, 48, [12]).ToArray()))],
                mutant => LookInto(Written("App.dll", mutant))),
            _ => throw new ArgumentException($"There is no format {name}."),
        };

        string Written(string file, byte[] mutant)
        {
            if (file.EndsWith(".json", StringComparison.Ordinal) && !File.Exists(Path.Combine(folder, "m-1.safetensors")))
            {
                File.WriteAllBytes(Path.Combine(folder, "m-1.safetensors"), new SafetensorsFile().Tensor("a", "F32", 16, 4).ToArray());
                File.WriteAllBytes(Path.Combine(folder, "m-2.safetensors"), new SafetensorsFile().Tensor("b", "F32", 32, 8).ToArray());
            }
            var path = Path.Combine(folder, file);
            File.WriteAllBytes(path, mutant);
            return path;
        }
    }

    private const string Index = "{\"metadata\":{\"total_size\":48},\"weight_map\":{\"a\":\"m-1.safetensors\",\"b\":\"m-2.safetensors\"}}";

    private static void Compare(byte[] mutant, ModelFile? model)
    {
        if (model is not { Format: ModelFormat.Onnx }) return; // another format may come of it as well
        var (found, expected) = (model.Tensors.Aggregate(BigInteger.Zero, static (sum, tensor) => sum + tensor.Elements), ReferenceReader.Elements(mutant));
        if (found != expected) throw new InvalidDataException($"{found} elements are counted where another reader finds {expected}");
    }

    private static ModelFile InMemory(byte[] bytes, string path)
    {
        using var stream = new MemoryStream(bytes);
        return ModelReader.Read(stream, path);
    }

    // Everything that is found only when it is asked for.
    private static ModelFile Weigh(ModelFile model)
    {
        _ = model.Inputs;
        foreach (var metric in WeightCensus.All(model)) _ = metric.Value;
        return model;
    }

    private static ModelFile? LookInto(string path, bool package = false)
    {
        if (ContainerReader.Read(path).FirstOrDefault(static read => read.Error is not null) is { Error: { } error }) throw error;
        if (!package) return null;
        using var opened = PackageFile.Open(path);
        opened.NativeLibraries();
        opened.DuplicateModels();
        return null;
    }

    private static byte[][] OnnxSeeds() => [SmallModels.Dense().ToArray(), SmallModels.Looping().ToArray(), SmallModels.Attention(3).ToArray(), Nested().ToArray(), Rich().ToArray()];

    private static Message Nested() => Onnx.Model(new OnnxGraph().Initializer(Onnx.Floats("a", [2, 3], 1, 2, 3, 4, 5, 6)).Node("If", "c", "y",
        Onnx.Attribute("then_branch", new OnnxGraph("then").Initializer(Onnx.Zeros("b", DataTypes.Int8, 5)).Output("b", DataTypes.Int8)),
        Onnx.Attribute("else_branch", new OnnxGraph("else").Initializer(Onnx.Zeros("d", DataTypes.Float16, 4)).Node("If", "c", "z",
            Onnx.Attribute("then_branch", new OnnxGraph("deep").Initializer(Onnx.Zeros("e", DataTypes.Float32, 3)).Output("e", DataTypes.Float32))).Output("d", DataTypes.Float16))));

    // Every place where a tensor may stand.
    private static Message Rich()
    {
        var constants = new OnnxGraph()
            .Initializer(Onnx.Header("packed", DataTypes.Int8, 3).Packed(5, 1, 2, 3), Onnx.Header("texts", DataTypes.String, 2).Text(6, "one").Text(6, "two"), Onnx.Zeros("fours", DataTypes.Int4, 5))
            .SparseInitializer(Onnx.Sparse("s", [9, 9], [1, 2], 1, 2))
            .Node("Constant", "", "c1", Onnx.TensorAttribute("value", Onnx.Floats("", [2], 1, 2)))
            .Node("Constant", "", "c2", Onnx.Attribute("value_floats", 1f, 2, 3))
            .Node("Constant", "", "c3", Onnx.Attribute("value_ints", 1L, 2))
            .Node("Constant", "", "c4", Onnx.Attribute("value_float", 1f))
            .Node("Constant", "", "c5", Onnx.SparseAttribute("sparse_value", Onnx.Sparse("", [7], [3], 1)))
            .Node("TreeEnsembleRegressor", "ai.onnx.ml", "x", "y", Onnx.Attribute("nodes_modes", ["BRANCH_LEQ", "LEAF"]), Onnx.Attribute("nodes_values", [1f, 2]), Onnx.TensorAttribute("base_values_as_tensor", Onnx.Floats("", [1], 1)));
        return Onnx.Model(constants)
            .Nested(20, new Message().Nested(2, new OnnxGraph("training").Initializer(Onnx.Floats("t", [2], 1, 2)).Message))
            .Nested(25, Onnx.Function("local", "F", ["a"], ["b"], Onnx.Node("Identity", ["a"], ["b"]), Onnx.Node("Constant", [], ["k"], "", "", Onnx.TensorAttribute("value", Onnx.Floats("", [3], 1, 2, 3)))));
    }

    private static SafetensorsFile Safetensors() => new SafetensorsFile().Entry("\"__metadata__\":{\"format\":\"pt\"}")
        .Tensor("layer.weight", "F16", 48, 4, 6).Tensor("layer.bias", "F32", 16, 4).Tensor("norm.running_mean", "F32", 16, 4).Tensor("norm.num_batches_tracked", "I64", 8);

    private static GgufFile Gguf() => new GgufFile().Key("general.architecture", "llama").Key("general.alignment", 32u).Key("tokenizer.ggml.tokens", "a", "b")
        .Tensor("token_embd.weight", 0, 4 * 64, [16, 4]).Tensor("blk.0.attn_q.weight", 2, 64 * 18 / 32, [64]).Tensor("blk.0.attn_norm.weight", 0, 64, [16]);

    private static FlatObject Quantized() => Lite.Model([Lite.FullyConnected], [Lite.Buffer(0), Lite.Buffer(12), Lite.Buffer(12)],
        Lite.Subgraph([Lite.Tensor("x", Lite.Int8, 0, 1, 4), Lite.Tensor("w", Lite.Int8, 1, 3, 4).Table(4, Lite.Quantization([0.5f, 0.25f, 1], [0, 0, 0])), Lite.Tensor("b", Lite.Int32, 2, 3), Lite.Tensor("y", Lite.Int8, 0, 1, 3)], [0], Lite.Node(0, [0, 1, 2], 3)));

    private static byte[] Zip(CompressionLevel level)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            (string Name, byte[] Content)[] entries =
            [
                ("lib/App.dll", Assemblies.With(("App.dense.onnx", SmallModels.Dense().ToArray()))), ("content/dense.onnx", SmallModels.Dense().ToArray()), ("runtimes/linux-x64/native/a.so", [1, 2, 3]),
                ("content/e.onnx", Onnx.Model(new OnnxGraph().Initializer(Onnx.External("w", DataTypes.Float32, [4], "w.bin")).Node("MatMul", "x w", "y")).ToArray()), ("content/w.bin", new byte[16]),
            ];
            foreach (var (name, content) in entries)
            {
                using var entry = archive.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }
        return memory.ToArray();
    }
}
