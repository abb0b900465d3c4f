using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Safetensors;

[TestClass]
public class SafetensorsTests
{
    private const string Path = "model.safetensors";

    private static SafetensorsFile Small => new SafetensorsFile()
        .Entry("\"__metadata__\":{\"format\":\"pt\"}")
        .Tensor("layer.weight", "F16", 48, 4, 6)
        .Tensor("layer.bias", "F32", 16, 4)
        .Tensor("norm.running_mean", "F32", 16, 4)
        .Tensor("norm.num_batches_tracked", "I64", 8);

    [TestMethod]
    public void Tensors_have_the_type_shape_bytes_and_role_that_header_and_name_tell()
    {
        var model = Hostile.Read(Small.ToArray(), Path);

        Assert.AreEqual((ModelFormat.Safetensors, true, 28L), (model.Format, model.IsWeighable, model.Parameters()));
        Assert.AreEqual(("float16", 24L, 48L, Role.Weight, "layer"), (model.Tensor("layer.weight").Type.Name, model.Tensor("layer.weight").Elements, model.Tensor("layer.weight").Bytes, model.Tensor("layer.weight").Role, model.Tensor("layer.weight").Layer));
        Assert.AreEqual((Role.Bias, Role.Statistic, Role.Index), (model.Tensor("layer.bias").Role, model.Tensor("norm.running_mean").Role, model.Tensor("norm.num_batches_tracked").Role));
        Assert.AreEqual(Small.ToArray().Length, model.Tensors.Sum(tensor => tensor.Bytes) + model.Tensors[0].Data!.Offset);
    }

    [TestMethod]
    [DataRow("F64", 64)]
    [DataRow("F32", 32)]
    [DataRow("BF16", 16)]
    [DataRow("F8_E4M3", 8)]
    [DataRow("F8_E5M2", 8)]
    [DataRow("F8_E8M0", 8)]
    [DataRow("F6_E2M3", 6)]
    [DataRow("F4", 4)]
    [DataRow("C64", 64)]
    [DataRow("I16", 16)]
    [DataRow("U8", 8)]
    [DataRow("BOOL", 8)]
    public void Every_element_type_takes_its_bits(string type, int bits) =>
        Assert.AreEqual((8L, (long)bits), (Hostile.Read(new SafetensorsFile().Tensor("t", type, bits, 2, 4).ToArray(), Path).Tensors[0].Elements, Hostile.Read(new SafetensorsFile().Tensor("t", type, bits, 2, 4).ToArray(), Path).Tensors[0].Bytes));

    [TestMethod]
    public void A_single_learned_number_counts() => Assert.AreEqual(1, Hostile.Read(new SafetensorsFile().Tensor("logit_scale", "F32", 4).ToArray(), Path).Parameters());

    [TestMethod]
    [DataRow(new long[] { 8, 16 }, DisplayName = "GPTQ packs along the rows")]
    [DataRow(new long[] { 64, 2 }, DisplayName = "AWQ packs along the columns")]
    public void Weights_packed_into_words_count_as_the_weights_they_hold(long[] packed)
    {
        var model = Hostile.Read(new SafetensorsFile()
            .Tensor("q.qweight", "I32", packed[0] * packed[1] * 4, packed)
            .Tensor("q.qzeros", "I32", 2 * 2 * 4, 2, 2)
            .Tensor("q.scales", "F16", 2 * 16 * 2, 2, 16).ToArray(), Path);

        Assert.AreEqual(64 * 16, model.Parameters());
        Assert.AreEqual((Role.Scale, Role.ZeroPoint), (model.Tensor("q.scales").Role, model.Tensor("q.qzeros").Role));
    }

    [TestMethod]
    public void A_file_cut_at_any_byte_is_refused() => Hostile.AssertRefusedWhenCut(Small.ToArray(), Path);

    [TestMethod]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 5, "5 follow the header", DisplayName = "bytes behind the last tensor")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[1,5]}}", 5, "there is a hole", DisplayName = "a hole before the first tensor")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}", 6, "overlaps another", DisplayName = "overlapping tensors")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[4,4]}}", 4, "twice", DisplayName = "a name twice")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "takes the bytes from 0 to 4", DisplayName = "fewer bytes than the shape asks for")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0, "does not fit", DisplayName = "a shape that overflows")]
    [DataRow("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0, "more bytes than 64 bits can count", DisplayName = "bytes that overflow")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[-4],\"data_offsets\":[0,4]}}", 4, "no number from 0", DisplayName = "a negative dimension")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,0]}}", 4, "takes the bytes from 4 to 0", DisplayName = "offsets in the wrong order")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,99999999999999999999]}}", 4, "no number from 0", DisplayName = "an offset beyond 64 bits")]
    [DataRow("{\"a\":{\"dtype\":\"X9\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "does not define", DisplayName = "an element type that does not exist")]
    [DataRow("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]}}", 2, "do not fill whole bytes", DisplayName = "half a byte")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[4]}}", 4, "lacks", DisplayName = "no offsets")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "twice", DisplayName = "a key twice")]
    [DataRow("{\"a\":[1]}", 0, "not described by an object", DisplayName = "a tensor that is a list")]
    [DataRow("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}}", 4, "not well-formed JSON", DisplayName = "a brace too many")]
    [DataRow("{\"a\":", 0, "not well-formed JSON", DisplayName = "an unfinished header")]
    [DataRow("{\"__metadata__\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}", 0, "", DisplayName = "metadata nested deep")]
    [DataRow("{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "no valid text", DisplayName = "half a character")]
    public void Headers_that_break_a_rule_are_refused(string header, int data, string reason) => Hostile.AssertRefused(SafetensorsFile.Of(header, data), Path, Diagnostics.ModelMalformed, reason);

    [TestMethod]
    public void A_header_longer_than_the_reference_reads_is_refused_before_it_takes_memory()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("m.safetensors");
        using (var file = File.Create(path))
        {
            file.Write(BitConverter.GetBytes(200_000_000UL));
            file.Write("{"u8);
            file.SetLength(300_000_000);
        }

        Assert.AreEqual(Diagnostics.ModelLimit, Assert.ThrowsExactly<ModelException>(() => ModelReader.Read(path)).Kind);
    }
}
