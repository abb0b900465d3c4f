using System.Text.Json;
using ModelGate.Models;

namespace ModelGate.Tests.Models;

[TestClass]
public class PublicModelTests
{
    [TestMethod]
    public void Stored_elements_of_every_public_onnx_file_agree_with_independent_counts_by_type_and_place()
    {
        var differences = new List<string>();
        foreach (var listed in PublicModels.Listed.Where(listed => listed.GetProperty("format").GetString() == "onnx"))
        {
            var file = listed.GetProperty("file").GetString()!;
            if (file.StartsWith("hostile/", StringComparison.Ordinal)) continue;
            var model = ModelReader.Read(PublicModels.Path(file));

            var byType = model.Tensors.Where(tensor => tensor.Place is Place.Initializer or Place.Sparse)
                .GroupBy(tensor => tensor.Type.Name).ToDictionary(group => group.Key, group => group.Sum(tensor => tensor.Elements));
            var expected = listed.GetProperty("params_by_dtype").EnumerateObject().ToDictionary(type => NameOf(type.Name), type => type.Value.GetInt64());
            foreach (var type in byType.Keys.Union(expected.Keys))
                Compare(file, type, byType.GetValueOrDefault(type), expected.GetValueOrDefault(type));
            Compare(file, "constants", model.Tensors.Where(tensor => tensor.Place is Place.Constant or Place.Function).Sum(tensor => tensor.Elements), listed.GetProperty("constant_node_params").GetInt64());
            Compare(file, "attributes", model.Tensors.Where(tensor => tensor.Place == Place.Attribute).Sum(tensor => tensor.Elements), listed.GetProperty("ml_attribute_list_elements").GetInt64());
            Compare(file, "length", model.Length, listed.GetProperty("bytes").GetInt64());
        }
        Assert.IsEmpty(differences, string.Join('\n', differences));

        void Compare(string file, string what, long found, long expected)
        {
            if (found != expected) differences.Add($"{file}: {what}: {found} where {expected} are known");
        }
    }

    [TestMethod]
    [DataRow("add_opset_314159.onnx", "MG3005")]
    [DataRow("corrupt-model.onnx", "MG3004")]
    [DataRow("dims_product_overflow_2e80.onnx", "MG3005")]
    [DataRow("icm-31000000518082.onnx", "MG3005")]
    [DataRow("lfs-pointer.onnx", "MG3003")]
    [DataRow("model_with_external_initializer_come_from_user.onnx", "MG3007")]
    [DataRow("test_arbitrary_external_file.onnx", "MG3008")]
    [DataRow("truncated_magika.onnx", "MG3005")]
    public void Hostile_files_are_refused_each_for_its_own_reason(string file, string code)
    {
        var path = PublicModels.Path("hostile/" + file);
        Assert.AreEqual(code, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path)).Kind.Code);
    }

    [TestMethod]
    public void Packed_and_quantized_twins_hold_as_many_parameters_as_the_float_model()
    {
        Assert.AreEqual(Parameters("magika/magika.onnx"), Parameters("magika/magika.int4-matmulnbits.onnx"));
        Assert.AreEqual(Parameters("magika/magika.onnx"), Parameters("external-data/magika/model.onnx"));
        Assert.AreEqual(Parameters("speech/moonshine-tiny-encoder.fp32.onnx"), Parameters("speech/moonshine-tiny-encoder.int4-matmulnbits.onnx"));
        Assert.AreEqual(Parameters("speech/moonshine-tiny-encoder.fp32.onnx"), Parameters("speech/moonshine-tiny-encoder.int8-dynamic.onnx"));
        Assert.AreEqual(Parameters("text/tiny-random-gpt2.fp32.onnx"), Parameters("text/tiny-random-gpt2.fp16.onnx"));
        Assert.AreEqual(Parameters("vision/mnist-inline.onnx"), Parameters("external-data/mnist/mnist.onnx"));
    }

    [TestMethod]
    public void Packed_and_quantized_twins_have_the_layers_of_the_float_model()
    {
        string Layers(string file)
        {
            var model = ModelReader.Read(PublicModels.Path(file));
            return $"{string.Join(", ", LayerGraph.AllKinds.Select(kind => $"{LayerGraph.Name(kind)} {model.Tensors.Where((tensor, index) => tensor.IsParameter && model.Layers!.Kinds[index] == kind).Sum(tensor => tensor.LogicalElements)}"))}, {model.Layers!.Depth} deep, {model.Layers.Width} wide";
        }

        Assert.AreEqual(Layers("speech/moonshine-tiny-encoder.fp32.onnx"), Layers("speech/moonshine-tiny-encoder.int8-dynamic.onnx"));
        Assert.AreEqual(Layers("speech/moonshine-tiny-encoder.fp32.onnx"), Layers("speech/moonshine-tiny-encoder.int4-matmulnbits.onnx"));
        Assert.AreEqual(Layers("magika/magika.onnx"), Layers("magika/magika.int4-matmulnbits.onnx"));
        Assert.AreEqual(Layers("text/tiny-random-gpt2.fp32.onnx"), Layers("text/tiny-random-gpt2.fp16.onnx"));
    }

    private static long Parameters(string file) => ModelReader.Read(PublicModels.Path(file)).Tensors.Where(tensor => tensor.IsParameter).Sum(tensor => tensor.LogicalElements);

    private static string NameOf(string onnxName) => onnxName switch
    {
        "FLOAT" => "float32",
        "DOUBLE" => "float64",
        _ => onnxName.ToLowerInvariant(),
    };
}
