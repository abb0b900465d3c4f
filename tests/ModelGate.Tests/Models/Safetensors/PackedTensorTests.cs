using ModelGate.Models;
using ModelGate.TestModels;

namespace ModelGate.Tests.Models.Safetensors;

/// <summary>Layouts of packed weights as the libraries that write them do: [24, 64] weights, and what stands beside them.</summary>
[TestClass]
public class PackedTensorTests
{
    private const string Path = "model.safetensors";
    private const long Weights = 24 * 64;

    [TestMethod]
    public void Compressed_tensors_stores_the_shape_of_what_its_words_hold_as_values() => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight_packed", "I32", 24 * 8 * 4, 24, 8)
        .Tensor("l.weight_scale", "BF16", 24 * 2 * 2, 24, 2)
        .Numbers("l.weight_shape", 24, 64));

    [TestMethod]
    public void Columns_that_do_not_fill_the_last_word_count_as_they_are() => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight_packed", "I32", 24 * 8 * 4, 24, 8)
        .Tensor("l.weight_zero_point", "I32", 3 * 2 * 4, 3, 2)
        .Tensor("l.weight_g_idx", "I32", 62 * 4, 62)
        .Numbers("l.weight_shape", 24, 62), 24 * 62);

    [TestMethod]
    [DataRow(24L, 640L)]
    [DataRow(12L, 64L)]
    [DataRow(24L, 0L)]
    [DataRow(24L, long.MaxValue)]
    public void A_shape_that_the_words_do_not_have_room_for_is_not_believed(long rows, long columns) => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight_packed", "I32", 24 * 8 * 4, 24, 8)
        .Numbers("l.weight_shape", rows, columns), 24 * 8);

    [TestMethod]
    public void Floats_of_four_bits_stand_in_pairs_in_bytes() => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight_packed", "U8", 24 * 32, 24, 32)
        .Tensor("l.weight_scale", "F8_E4M3", 24 * 4, 24, 4)
        .Tensor("l.weight_global_scale", "F32", 4, 1)
        .Tensor("l.input_global_scale", "F32", 4, 1));

    [TestMethod]
    public void ModelOpt_calls_such_bytes_the_weight() => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight", "U8", 24 * 32, 24, 32)
        .Tensor("l.weight_scale", "F8_E4M3", 24 * 4, 24, 4)
        .Tensor("l.weight_scale_2", "F32", 4)
        .Tensor("l.input_scale", "F32", 4)
        .Tensor("l.k_proj.k_scale", "F32", 4)
        .Tensor("l.v_proj.v_scale", "F32", 4));

    [TestMethod]
    public void Bytes_without_any_scale_beside_them_are_weights_of_eight_bits() => AssertHolds(new SafetensorsFile().Tensor("l.weight", "U8", Weights, 24, 64));

    [TestMethod]
    public void The_blocks_of_gpt_oss_are_weights_and_their_scales_are_not() => AssertHolds(new SafetensorsFile()
        .Tensor("experts.gate_up_proj_blocks", "U8", 2 * 12 * 2 * 16, 2, 12, 2, 16)
        .Tensor("experts.gate_up_proj_scales", "U8", 2 * 12 * 2, 2, 12, 2));

    [TestMethod]
    public void Of_bitsandbytes_neither_maxima_nor_maps_nor_states_are_weights() => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight", "U8", Weights / 2, Weights / 2, 1)
        .Tensor("l.weight.absmax", "U8", 24, 24)
        .Tensor("l.weight.nested_absmax", "F32", 4, 1)
        .Tensor("l.weight.nested_quant_map", "F32", 1024, 256)
        .Tensor("l.weight.quant_map", "F32", 64, 16)
        .Tensor("l.weight.quant_state.bitsandbytes__nf4", "U8", 80, 80));

    [TestMethod]
    [DataRow(8L, 1L, DisplayName = "four bits, groups of 64")]
    [DataRow(16L, 1L, DisplayName = "eight bits, groups of 64")]
    [DataRow(6L, 1L, DisplayName = "three bits, groups of 64")]
    public void Mlx_packs_words_and_calls_the_offsets_of_their_groups_biases(long words, long groups)
    {
        var model = AssertHolds(new SafetensorsFile()
            .Tensor("l.weight", "U32", 24 * words * 4, 24, words)
            .Tensor("l.scales", "BF16", 24 * groups * 2, 24, groups)
            .Tensor("l.biases", "BF16", 24 * groups * 2, 24, groups));

        Assert.AreEqual((Role.Weight, Role.Scale, Role.ZeroPoint), (model.Tensor("l.weight").Role, model.Tensor("l.scales").Role, model.Tensor("l.biases").Role));
    }

    [TestMethod]
    public void Mlx_has_no_offsets_beside_floats_of_four_bits() => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight", "U32", 24 * 8 * 4, 24, 8)
        .Tensor("l.scales", "U8", 24 * 2, 24, 2));

    [TestMethod]
    public void The_causal_mask_that_GPT_2_calls_a_bias_is_none() => AssertHolds(new SafetensorsFile()
        .Tensor("h.0.attn.bias", "F32", 32 * 32 * 4, 1, 1, 32, 32)
        .Tensor("h.0.attn.masked_bias", "F32", 4)
        .Tensor("h.0.attn.c_attn.weight", "F32", Weights * 4, 24, 64));

    [TestMethod]
    public void Words_of_which_nothing_tells_what_they_hold_are_named_in_a_note()
    {
        var model = Hostile.Read(new SafetensorsFile().Tensor("l.q_weight", "I32", 128 * 64 * 4, 128, 64).Tensor("l.q_perm", "I32", 1024 * 4, 1024).ToArray(), Path);

        Assert.AreEqual(0, model.Parameters());
        StringAssert.Contains(model.Notes.Single().Message, "l.q_weight");
    }

    private static ModelFile AssertHolds(SafetensorsFile file, long weights = Weights)
    {
        var model = Hostile.Read(file.ToArray(), Path);
        Assert.AreEqual(weights, model.Parameters());
        return model;
    }
}
