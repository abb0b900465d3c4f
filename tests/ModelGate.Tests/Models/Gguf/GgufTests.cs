using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Gguf;

[TestClass]
public class GgufTests
{
    private const string Path = "model.gguf";
    private const uint F32 = 0, Q4_0 = 2, Q4_K = 12, Array = 9, Text = 8, U32 = 4;

    private static GgufFile Small => new GgufFile().Key("general.architecture", "llama").Key("tokenizer.ggml.tokens", "a", "b")
        .Tensor("token_embd.weight", F32, 4 * 64 * 4, [64, 4])
        .Tensor("blk.0.attn_q.weight", Q4_0, 2 * 64 * 18, [64, 64])
        .Tensor("blk.0.attn_norm.weight", F32, 64 * 4, [64])
        .Tensor("rope_freqs.weight", F32, 32 * 4, [32]);

    [TestMethod]
    public void Tensors_have_the_type_shape_bytes_and_role_that_header_and_name_tell()
    {
        var model = Hostile.Read(Small.ToArray(), Path);

        Assert.AreEqual((ModelFormat.Gguf, (64 * 4) + (64 * 64) + 64L), (model.Format, model.Parameters()));
        Assert.AreEqual(("q4_0", 2304L, Role.Weight, "blk.0.attn_q"), (model.Tensor("blk.0.attn_q.weight").Type.Name, model.Tensor("blk.0.attn_q.weight").Bytes, model.Tensor("blk.0.attn_q.weight").Role, model.Tensor("blk.0.attn_q.weight").Layer));
        Assert.AreEqual((Role.Embedding, Role.Normalization, Role.Constant), (model.Tensor("token_embd.weight").Role, model.Tensor("blk.0.attn_norm.weight").Role, model.Tensor("rope_freqs.weight").Role));
        CollectionAssert.AreEqual(new[] { 4L, 64 }, model.Tensor("token_embd.weight").Dims.ToArray(), "slowest first");
    }

    [TestMethod]
    public void A_scale_of_a_whole_tensor_is_no_weight()
    {
        var model = Hostile.Read(new GgufFile().Tensor("blk.0.attn_q.weight", 40, 64 * 36, [64, 64]).Tensor("blk.0.attn_q.scale", 0, 4, [1]).Tensor("blk.0.attn_q.input_scale", 0, 4, [1]).ToArray(), Path);

        Assert.AreEqual((64 * 64L, Role.Scale, Role.Scale), (model.Parameters(), model.Tensor("blk.0.attn_q.scale").Role, model.Tensor("blk.0.attn_q.input_scale").Role));
    }

    [TestMethod]
    [DataRow(2u, 4.5)]
    [DataRow(3u, 5.0)]
    [DataRow(6u, 5.5)]
    [DataRow(7u, 6.0)]
    [DataRow(8u, 8.5)]
    [DataRow(10u, 2.625)]
    [DataRow(11u, 3.4375)]
    [DataRow(12u, 4.5)]
    [DataRow(13u, 5.5)]
    [DataRow(14u, 6.5625)]
    [DataRow(16u, 2.0625)]
    [DataRow(17u, 2.3125)]
    [DataRow(18u, 3.0625)]
    [DataRow(19u, 1.5625)]
    [DataRow(20u, 4.5)]
    [DataRow(21u, 3.4375)]
    [DataRow(22u, 2.5625)]
    [DataRow(23u, 4.25)]
    [DataRow(29u, 1.75)]
    [DataRow(34u, 1.6875)]
    [DataRow(35u, 2.0625)]
    [DataRow(39u, 4.25)]
    [DataRow(30u, 16.0)]
    [DataRow(28u, 64.0)]
    public void Blocks_take_the_bits_per_weight_that_their_layout_makes(uint type, double bits)
    {
        var model = Hostile.Read(new GgufFile().Tensor("output.weight", type, (long)(512 * bits / 8), [256, 2]).ToArray(), Path);

        Assert.AreEqual(bits, ((Measurement.Exact)WeightCensus.Measure(MetricCatalogue.Find("bits_per_weight")!, model)).Value);
        Assert.AreEqual(512, model.Parameters());
        Assert.AreEqual(model.Tensors[0].Bytes, ((Measurement.Exact)WeightCensus.Measure(MetricCatalogue.Find("size.weights." + model.Tensors[0].Type)!, model)).Value);
    }

    [TestMethod]
    public void Version_2_and_another_alignment_are_read() =>
        Assert.AreEqual(64, Hostile.Read(new GgufFile { Version = 2, Alignment = 64 }.Key("general.alignment", 64u).Tensor("a.weight", F32, 128, [32]).Tensor("b.weight", F32, 128, [32]).ToArray(), Path).Parameters());

    [TestMethod]
    public void A_tensor_of_no_bytes_that_lies_beyond_the_end_is_refused() =>
        Hostile.AssertRefused(new GgufFile().Tensor("none", F32, 0, [0], (1UL << 63) - 32).ToArray(), Path, Diagnostics.ModelMalformed, "beyond the end of the file");

    [TestMethod]
    public void A_file_cut_at_any_byte_is_refused()
    {
        var small = new GgufFile().Key("general.architecture", "llama").Key("tokenizer.ggml.tokens", "a", "b").Tensor("a.weight", F32, 48, [12]).ToArray();

        Hostile.AssertRefusedWhenCut(small, Path, small.Length - 16); // the last tensor ends before the padding
    }

    [TestMethod]
    public void Numbers_that_promise_more_than_the_file_has_are_refused()
    {
        byte[] huge = [.. BitConverter.GetBytes(U32), .. BitConverter.GetBytes(ulong.MaxValue)];
        byte[] texts = [.. BitConverter.GetBytes(Text), .. BitConverter.GetBytes(1UL << 63)];

        Refused(new GgufFile().Key("k", Array, huge), Diagnostics.ModelMalformed, "bytes are expected");
        Refused(new GgufFile().Key("k", Array, texts), Diagnostics.ModelMalformed, "more than the file has room for");
        Refused(new GgufFile().Key("k", Text, BitConverter.GetBytes(1UL << 63)), Diagnostics.ModelMalformed, "bytes are expected");
        Refused(new GgufFile().Key("k", 99, []), Diagnostics.ModelMalformed, "value type 99");
        Refused(new GgufFile().Tensor("t", F32, 4, [.. Enumerable.Repeat(1UL, 9)]), Diagnostics.ModelLimit, "9 dimensions");
        Refused(new GgufFile().Tensor("t", F32, 4, [1UL << 40, 1UL << 40]), Diagnostics.ModelMalformed, "does not fit");
        Refused(new GgufFile().Tensor("t", F32, 4, [ulong.MaxValue]), Diagnostics.ModelMalformed, "dimension -1");
        Refused(new GgufFile().Tensor("t", F32, 4, [100]), Diagnostics.ModelMalformed, "beyond the end of the file");
        Refused(new GgufFile().Tensor("t", F32, 4, [1], offset: ulong.MaxValue), Diagnostics.ModelMalformed, "lies at offset");
    }

    [TestMethod]
    public void Arrays_nested_without_end_are_refused()
    {
        byte[] nested = [.. Enumerable.Repeat((byte[])[.. BitConverter.GetBytes(Array), .. BitConverter.GetBytes(1UL)], 1000).SelectMany(level => level)];

        Refused(new GgufFile().Key("k", Array, nested), Diagnostics.ModelLimit, "nested deeper");
    }

    [TestMethod]
    [DataRow(0u)]
    [DataRow(24u)]
    [DataRow(1u << 30)]
    public void Alignments_that_make_no_sense_are_refused(uint alignment) => Refused(new GgufFile().Key("general.alignment", alignment), Diagnostics.ModelMalformed, "the alignment is");

    [TestMethod]
    public void Tensors_that_contradict_the_format_are_refused()
    {
        Refused(new GgufFile().Tensor("t", 4, 4, [1]), Diagnostics.ModelMalformed, "element type 4");
        Refused(new GgufFile().Tensor("t", 200, 4, [1]), Diagnostics.ModelMalformed, "element type 200");
        Refused(new GgufFile().Tensor("t", Q4_K, 144, [100]), Diagnostics.ModelMalformed, "blocks of 256");
        Refused(new GgufFile().Tensor("t", F32, 32, [8]).Tensor("t", F32, 32, [8]), Diagnostics.ModelMalformed, "twice");
        Refused(new GgufFile().Tensor("t", F32, 64, [16]).Tensor("u", F32, 32, [8], offset: 32), Diagnostics.ModelMalformed, "overlaps");
        Refused(new GgufFile().Tensor("t", F32, 32, [8], offset: 8), Diagnostics.ModelMalformed, "no multiple of the alignment");
        Refused(new GgufFile().Key("k", "v").Key("k", "v"), Diagnostics.ModelMalformed, "twice");
    }

    [TestMethod]
    [DataRow(1u)]
    [DataRow(4u)]
    [DataRow(0x03000000u)]
    public void Other_versions_are_refused_by_name(uint version) => Refused(new GgufFile { Version = version }, Diagnostics.ModelMalformed, $"version {version} of GGUF");

    private static void Refused(GgufFile file, DiagnosticKind kind, string reason) => Hostile.AssertRefused(file.ToArray(), Path, kind, reason);
}
