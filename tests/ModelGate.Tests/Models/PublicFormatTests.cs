using ModelGate.Models;

namespace ModelGate.Tests.Models;

/// <summary>Public models of formats other than ONNX, against independent counts and against their twins.</summary>
[TestClass]
public class PublicFormatTests
{
    [TestMethod]
    public void Stored_elements_of_every_public_file_agree_with_independent_counts_by_type()
    {
        var differences = new List<string>();
        foreach (var listed in PublicModels.Listed.Where(listed => listed.GetProperty("format").GetString() is "ort" or "safetensors" or "gguf" or "tflite"))
        {
            var file = listed.GetProperty("file").GetString()!;
            if (file.StartsWith("hostile/", StringComparison.Ordinal)) continue;
            var model = ModelReader.Read(PublicModels.Path(file));
            var found = model.Tensors.Where(tensor => tensor.Place == Place.Initializer).GroupBy(tensor => tensor.Type.Name).ToDictionary(group => group.Key, group => group.Sum(tensor => tensor.Elements));
            var expected = listed.GetProperty("params_by_dtype").EnumerateObject().ToDictionary(type => NameOf(type.Name), type => type.Value.GetInt64());
            foreach (var type in found.Keys.Union(expected.Keys))
            {
                if (found.GetValueOrDefault(type) != expected.GetValueOrDefault(type)) differences.Add($"{file}: {type}: {found.GetValueOrDefault(type)} where {expected.GetValueOrDefault(type)} are known");
            }
        }

        Assert.IsEmpty(differences, string.Join('\n', differences));
    }

    [TestMethod]
    public void Twins_in_different_formats_hold_the_same_parameters()
    {
        Assert.AreEqual(Parameters("magika/magika.onnx"), Parameters("magika/magika.ort"));
        Assert.AreEqual(Parameters("speech/silero_vad_16k_op15.onnx"), Parameters("speech/silero_vad_16k.safetensors"));
        Assert.AreEqual(Parameters("vision/mnist-burn.onnx"), Parameters("vision/mnist-burn.safetensors"));
        Assert.AreEqual(Parameters("vision/Ultraface.version-RFB-320.onnx"), Parameters("vision/ultraface_RFB_320.basic.ort"));
        Assert.AreEqual(Parameters("vision/mnist.basic.v4.ort"), Parameters("vision/mnist.basic.ort"));
        Assert.AreEqual(Parameters("vision/vww_96_float.tflite"), Parameters("vision/vww_96_int8.tflite"));
        Assert.AreEqual(Parameters("vision/ad01_fp32.tflite"), Parameters("vision/ad01_int8.tflite"));
    }

    [TestMethod]
    public void A_damaged_file_in_the_runtimes_format_is_refused() =>
        Assert.AreEqual(Diagnostics.ModelMalformed, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(PublicModels.Path("hostile/icm-31000000518041.ort"))).Kind);

    [TestMethod]
    public void Reading_touches_no_weights()
    {
        foreach (var (file, most) in new[] { ("speech/silero_vad_16k.safetensors", 64), ("text/tinyllm.gguf", 1024), ("vision/vww_96_float.tflite", 128), ("magika/magika.ort", 512) })
        {
            using var stream = File.OpenRead(PublicModels.Path(file));
            using var counting = new CountingStream(stream);
            ModelReader.Read(counting, file);
            Assert.IsLessThanOrEqualTo(most * 1024, counting.Count, file);
        }
    }

    private static long Parameters(string file) => ModelReader.Read(PublicModels.Path(file)).Parameters();

    private static string NameOf(string name) => name switch
    {
        "FLOAT" or "F32" => "float32",
        "I64" => "int64",
        _ => name.ToLowerInvariant(),
    };
}
