using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Compressing;
using ModelGate.Models;
using ModelGate.Models.Onnx;

namespace ModelGate.Tests.Compressing;

/// <summary>A public model with its outputs on seeded inputs, to hold its compressed copies against.</summary>
internal sealed class PublicModelTrial : IDisposable
{
    // Open dimensions that have to be more than 1, or to fit each other, by the names that the public models give them.
    private static readonly Dictionary<string, long> Sizes = new()
    {
        ["num_samples"] = 16000,
        ["sequence"] = 512,
        ["Sequence"] = 16,
        ["length"] = 40,
        ["seq_len"] = 6,
        ["past_seq_len"] = 2,
        ["total_seq_len"] = 8,
        ["p2o.DynamicDimension.1"] = 96,
        ["p2o.DynamicDimension.2"] = 96,
    };

    // The least cosine similarity of an output, for seeded noise as input: about twice as far from 1 as that of the worst public model.
    private static readonly Dictionary<string, double> LeastCosine = new()
    {
        ["fp16"] = 0.9998,
        ["bf16"] = 0.9995,
        ["int8"] = 0.95,
        ["int8-dynamic"] = 0.95,
        ["int4"] = 0.85,
        ["int4-b64"] = 0.8,
        ["int4-b128"] = 0.7,
    };

    // An output that is next to nothing everywhere, as of a detector that finds nothing in noise, has no direction to compare.
    private const double Nothing = 1e-5;

    private readonly string path;
    private readonly SeededInputs inputs;
    private readonly IReadOnlyList<float[]> outputs;

    /// <summary>Runs a model as it is.</summary>
    /// <exception cref="NotSupportedException">Its inputs are not made here.</exception>
    /// <exception cref="OnnxRuntimeException">It does not run.</exception>
    public PublicModelTrial(string path)
    {
        this.path = path;
        inputs = SeededInputs.For(path, (name, isLast) => Sizes.GetValueOrDefault(name, name == "?" && isLast ? 512 : 1));
        outputs = OnnxRuntime.Run(path, inputs);
    }

    /// <summary>The public models in ONNX format that are not there to be refused, by the names of their files.</summary>
    public static IReadOnlyList<string> Files(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "models.json")));
        return [.. document.RootElement.EnumerateArray().Where(model => model.GetProperty("format").GetString() == "onnx")
            .Select(model => model.GetProperty("file").GetString()!).Where(file => !file.StartsWith("hostile/", StringComparison.Ordinal))];
    }

    /// <summary>True where outputs agree as well as a scheme lets expect; pruning promises nothing before the model is trained again.</summary>
    public static bool Agrees(Scheme scheme, Agreement agreement) => scheme.IsPruning || agreement.Cosine >= LeastCosine[scheme.Name] || agreement.MaxError <= Nothing;

    /// <summary>Compresses it, makes sure that what is written weighs what was foretold, runs it, and tells how its outputs agree.</summary>
    /// <param name="scheme">What weights become.</param>
    /// <param name="output">Where to write.</param>
    /// <exception cref="ModelException">The scheme does not apply.</exception>
    /// <exception cref="OnnxRuntimeException">What was written does not run.</exception>
    /// <exception cref="InvalidDataException">What was written does not weigh what was foretold, or needs a newer operator set.</exception>
    public (Compression Compression, Agreement Agreement) Compress(Scheme scheme, string output)
    {
        File.Delete(output + ".data"); // of another model
        var compression = ModelCompressor.Compress(path, scheme, output);
        var written = new FileInfo(output).Length + (File.Exists(output + ".data") ? new FileInfo(output + ".data").Length : 0);
        var foretold = ModelCompressor.Predict(path, scheme, output).SizeAfter;
        if (written != foretold || written != compression.SizeAfter) throw new InvalidDataException($"{written} bytes are written where {foretold} were foretold and {compression.SizeAfter} reported");
        if (OperatorSet(output) != OperatorSet(path)) throw new InvalidDataException($"it needs operator set {OperatorSet(output)}, where the source needs {OperatorSet(path)}");
        return (compression, Agreement.Of(outputs, OnnxRuntime.Run(output, inputs)));
    }

    private static long OperatorSet(string path)
    {
        using var stream = File.OpenRead(path);
        var model = OnnxParser.Parse(stream, stream.Length);
        return model.OperatorSets.First(set => model.Names.Text(set.Domain) is "" or "ai.onnx").Version;
    }

    public void Dispose() => inputs.Dispose();
}
