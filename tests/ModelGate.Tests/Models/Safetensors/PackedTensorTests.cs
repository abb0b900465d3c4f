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
        .Numbers("l.weight_shape", rows, columns), 24 * 8 * 16, "weights of 2 bits");

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
    public void Floats_whose_names_would_be_scales_beside_codes_are_weights_beside_floats() => AssertHolds(new SafetensorsFile()
        .Tensor("ssm.B", "F32", 24 * 16 * 4, 24, 16)
        .Tensor("ssm.s", "F32", 24 * 4, 24)
        .Tensor("position_ids", "I64", 8, 1), (24 * 16) + 24);

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
    public void The_causal_mask_that_GPT_2_calls_a_bias_is_none() => AssertHolds(new SafetensorsFile()
        .Tensor("h.0.attn.bias", "F32", 32 * 32 * 4, 1, 1, 32, 32)
        .Tensor("h.0.attn.masked_bias", "F32", 4)
        .Tensor("h.0.attn.c_attn.weight", "F32", Weights * 4, 24, 64));

    [TestMethod]
    public void Words_of_which_nothing_tells_what_they_hold_are_named_in_a_note()
    {
        var model = Hostile.Read(new SafetensorsFile().Tensor("l.indices", "I32", 128 * 64 * 4, 128, 64).ToArray(), Path);

        Assert.AreEqual(0, model.Parameters());
        StringAssert.Contains(model.Notes.Single().Message, "l.indices");
    }

    [TestMethod]
    [DataRow(2L, DisplayName = "two bits")]
    [DataRow(3L, DisplayName = "three bits, of which no whole number fits a word")]
    [DataRow(4L, DisplayName = "four bits")]
    [DataRow(8L, DisplayName = "eight bits")]
    public void Gptq_says_the_bits_of_a_weight_by_those_of_its_zero_points(long bits) => AssertHolds(new SafetensorsFile()
        .Tensor("l.qweight", "I32", 64 * bits / 32 * 32 * 4, 64 * bits / 32, 32)
        .Tensor("l.qzeros", "I32", 2 * bits * 4, 2, bits)
        .Tensor("l.scales", "F16", 2 * 32 * 2, 2, 32)
        .Tensor("l.g_idx", "I32", 64 * 4, 64), 64 * 32);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Gptq_without_zero_points_says_its_inputs_by_their_groups(bool hasGroups)
    {
        var file = new SafetensorsFile().Tensor("l.qweight", "I32", 6 * 32 * 4, 6, 32).Tensor("l.scales", "F16", 2 * 32 * 2, 2, 32);

        if (hasGroups) AssertHolds(file.Tensor("l.g_idx", "I32", 64 * 4, 64), 64 * 32);
        else AssertHolds(file, 6 * 32 * 16, "l.qweight");
    }

    [TestMethod]
    public void Awq_runs_its_words_along_either_side() => AssertHolds(new SafetensorsFile()
        .Tensor("a.qweight", "I32", 64 * 3 * 4, 64, 3).Tensor("a.qzeros", "I32", 2 * 3 * 4, 2, 3).Tensor("a.scales", "F16", 2 * 24 * 2, 2, 24)
        .Tensor("b.qweight", "I32", 24 * 8 * 4, 24, 8).Tensor("b.qzeros", "I32", 24 * 4, 24, 1).Tensor("b.scales", "F16", 24 * 8 * 2, 24, 8)
        .Tensor("c.qweight", "I16", 6 * 64 * 2, 6, 64).Tensor("c.qzeros", "F16", 8 * 24 * 2, 8, 24).Tensor("c.scales", "F16", 8 * 24 * 2, 8, 24), 3 * Weights);

    [TestMethod]
    public void Marlin_lays_words_out_in_tiles_of_sixteen() => AssertHolds(new SafetensorsFile()
        .Tensor("l.B", "I32", 4 * 64 * 4, 4, 64).Tensor("l.s", "F16", 32 * 2, 1, 32).Tensor("l.workspace", "I32", 16 * 4, 16), 64 * 32);

    [TestMethod]
    public void Exl2_holds_as_many_rows_as_its_order_has_inputs()
    {
        var model = AssertHolds(new SafetensorsFile()
            .Tensor("l.q_weight", "I32", 10 * 32 * 4, 10, 32).Tensor("l.q_invperm", "I32", 64 * 4, 64)
            .Tensor("l.q_scale", "I32", 2 * 4 * 4, 2, 4).Tensor("l.q_scale_max", "F16", 2 * 2, 2).Tensor("l.q_groups", "I16", 4 * 2, 4), 64 * 32);

        Assert.AreEqual((Role.Scale, Role.Scale, Role.Index), (model.Tensor("l.q_scale").Role, model.Tensor("l.q_scale_max").Role, model.Tensor("l.q_groups").Role));
    }

    [TestMethod]
    public void Exl3_holds_256_weights_in_each_tile_of_its_trellis() => AssertHolds(new SafetensorsFile()
        .Tensor("l.trellis", "I16", 4 * 2 * 48 * 2, 4, 2, 48).Tensor("l.suh", "F16", 64 * 2, 64).Tensor("l.svh", "F16", 32 * 2, 32).Tensor("l.mcg", "I32", 4), 64 * 32);

    [TestMethod]
    public void QuIP_has_a_sign_for_each_input_and_each_output() => AssertHolds(new SafetensorsFile()
        .Tensor("l.Qidxs", "I64", 32 * 2 * 8, 32, 2).Tensor("l.SU", "F16", 64 * 2, 64).Tensor("l.SV", "F16", 32 * 2, 32).Tensor("l.Wscale", "F32", 4), 64 * 32);

    [TestMethod]
    [DataRow("I8", 1)]
    [DataRow("I16", 2)]
    public void Codes_of_AQLM_stand_for_the_groups_of_their_codebooks(string type, long bytes)
    {
        var model = AssertHolds(new SafetensorsFile()
            .Tensor("l.codes", type, 32 * 8 * 2 * bytes, 32, 8, 2).Tensor("l.codebooks", "F16", 2 * 16 * 8 * 2, 2, 16, 1, 8).Tensor("l.scales", "F16", 32 * 2, 32, 1, 1, 1), 64 * 32);

        Assert.AreEqual(Role.Scale, model.Tensor("l.codebooks").Role);
    }

    [TestMethod]
    [DataRow("U8", 24L * 32, DisplayName = "four bits")]
    [DataRow("U8", 24L * 8, DisplayName = "one bit")]
    [DataRow("U8", Weights, DisplayName = "eight bits")]
    [DataRow("I32", 160L, DisplayName = "three bits, ten in a word")]
    public void Hqq_stores_the_shape_of_its_bytes_and_its_settings_as_tensors(string type, long elements) => AssertHolds(Hqq(type, elements).Numbers("l.shape", 24, 64));

    [TestMethod]
    public void A_shape_of_HQQ_that_the_bytes_have_no_room_for_is_not_believed() => AssertHolds(Hqq("U8", 24).Numbers("l.shape", 24, 64), 24 * 8, "l.W_q");

    [TestMethod]
    public void Torchao_packs_two_weights_in_a_byte_and_eight_in_a_word() => AssertHolds(new SafetensorsFile()
        .Tensor("a._weight_qdata", "U8", 24 * 32, 24, 32).Tensor("a._weight_scale", "BF16", 2 * 24 * 2, 2, 24).Tensor("a._weight_zero_point", "BF16", 2 * 24 * 2, 2, 24)
        .Tensor("b._weight_qdata", "I32", 3 * 2 * 32 * 4, 3, 1, 32, 2).Tensor("b._weight_scale_and_zero", "BF16", 2 * 24 * 2 * 2, 2, 24, 2)
        .Tensor("c._weight_qdata", "F8_E4M3", Weights, 24, 64).Tensor("c._weight_scale", "F32", 24 * 4, 24, 1), 3 * Weights);

    [TestMethod]
    [DataRow(2L)]
    [DataRow(4L)]
    public void Quanto_has_a_scale_for_each_row_that_its_bytes_hold(long inByte)
    {
        var model = AssertHolds(new SafetensorsFile()
            .Tensor("l.weight._data._data", "U8", 48 / inByte * 32, 48 / inByte, 32).Tensor("l.weight._scale", "BF16", 48 * 2, 48, 1).Tensor("l.weight._shift", "BF16", 48 * 2, 48, 1)
            .Tensor("l.input_scale", "BF16", 2));

        Assert.AreEqual((Role.Scale, Role.ZeroPoint), (model.Tensor("l.weight._scale").Role, model.Tensor("l.weight._shift").Role));
    }

    [TestMethod]
    public void Nunchaku_packs_two_weights_in_a_signed_byte() => AssertHolds(new SafetensorsFile()
        .Tensor("l.qweight", "I8", 24 * 32, 24, 32).Tensor("l.wscales", "BF16", 24 * 2, 1, 24).Tensor("l.smooth_factor", "BF16", 64 * 2, 64).Tensor("l.smooth_factor_orig", "BF16", 64 * 2, 64)
        .Tensor("n.qweight", "I32", 6 * 32 * 4, 6, 32).Tensor("n.wscales", "BF16", 24 * 2, 1, 24).Tensor("n.wzeros", "BF16", 24 * 2, 1, 24), 2 * Weights);

    [TestMethod]
    [DataRow("U8", "weight_scale", "U8", 2L, DisplayName = "Quark")]
    [DataRow("I8", "scale", "F8_E8M0", 2L, DisplayName = "signed bytes with exponents")]
    [DataRow("U8", "weight_scale", "F8_E4M3", 4L, DisplayName = "scales of 16")]
    public void Floats_of_four_bits_are_told_by_how_many_share_a_scale(string type, string scale, string scaleType, long groups) => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight", type, 24 * 32, 24, 32).Tensor("l." + scale, scaleType, 24 * groups, 24, groups));

    [TestMethod]
    public void Rows_that_are_packed_have_more_scales_than_they_are() => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight", "U8", 12 * 64, 12, 64).Tensor("l.weight_scale", "BF16", 24 * 2, 24, 1).Tensor("l.pre_quant_scale", "F32", 4));

    [TestMethod]
    public void Bytes_of_BitNet_hold_four_weights_and_one_scale() => AssertHolds(new SafetensorsFile()
        .Tensor("l.weight", "U8", 6 * 64, 6, 64).Tensor("l.weight_scale", "BF16", 2, 1), Weights, "BitNet");

    [TestMethod]
    public void Experts_in_one_tensor_are_packed_as_those_that_stand_alone() => AssertHolds(new SafetensorsFile()
        .Tensor("e.gate_up_proj", "U8", 24 * 32, 2, 12, 32).Tensor("e.gate_up_proj_weight_scale", "F8_E4M3", 24 * 4, 2, 12, 4).Tensor("e.gate_up_proj_weight_scale_2", "F32", 8, 2).Tensor("e.gate_up_proj_input_scale", "F32", 8, 2)
        .Tensor("block.0.mlp.mlp1_weight.blocks", "U8", 24 * 2 * 16, 2, 12, 2, 16).Tensor("block.0.mlp.mlp1_weight.scales", "U8", 24 * 2, 2, 12, 2)
        .Tensor("f.down_proj", "F8_E4M3", Weights, 24, 64).Tensor("f.down_proj_scale_inv", "F32", 4, 1, 1), 3 * Weights);

    [TestMethod]
    public void Scales_that_other_tools_name_their_own_way_are_no_weights() => AssertHolds(new SafetensorsFile()
        .Tensor("a.weight", "F8_E4M3", 24 * 64, 24, 64).Tensor("a.scale_weight", "F32", 4).Tensor("a.scale_input", "F32", 4).Tensor("a.comfy_quant", "U8", 24, 24)
        .Tensor("b.weight", "I8", 24 * 64, 24, 64).Tensor("b.weight_scales", "F16", 24 * 2, 24)
        .Tensor("c.weight", "I8", 24 * 64, 24, 64).Tensor("c.SCB", "F32", 24 * 4, 24).Tensor("c.weight_format", "U8", 1)
        .Tensor("d.weight", "F8_E4M3", 24 * 64, 24, 64).Tensor("d.weight_scale", "F32", 24 * 4, 24, 1).Tensor("d.input_scale_ub", "F32", 4, 1)
        .Tensor("e.weight", "F8_E4M3", 24 * 64, 24, 64).Tensor("e.scale", "F32", 4, 1, 1), 5 * Weights);

    [TestMethod]
    public void A_scale_that_belongs_to_no_codes_is_learned_and_so_is_one_that_is_larger_than_they_are() => AssertHolds(new SafetensorsFile()
        .Tensor("a.weight", "F32", 64 * 4, 64).Tensor("a.scale", "F32", 64 * 4, 64).Tensor("b.s", "F32", 64 * 4, 64)
        .Tensor("c.W_q", "U8", 8, 8).Tensor("c.scale", "F32", 128 * 4, 128).Numbers("c.shape", 4, 4), 64 + 64 + 64 + 16 + 128);

    [TestMethod]
    public void A_large_tensor_of_bytes_of_which_nothing_tells_what_they_hold_is_named_in_a_note() => AssertHolds(new SafetensorsFile().Tensor("l.blob", "U8", 8192, 8192), 8192, "l.blob");

    [TestMethod]
    public void Whatever_stands_beside_whatever_is_counted_or_refused()
    {
        string[] names =
        [
            "weight", "weight_packed", "weight_scale", "weight_scale_2", "weight_shape", "weight_zero_point", "scales", "biases", "scale", "zero", "shape", "qweight", "qzeros", "g_idx", "wscales", "smooth_factor", "q_weight", "q_scale", "q_invperm", "trellis",
            "suh", "SU", "SV", "Qidxs", "codes", "codebooks", "W_q", "B", "s", "x_blocks", "x_scales", "_weight_qdata", "_weight_scale", "weight._data._data", "weight._scale", "weight_scale_inv", "bitmask", "compressed",
        ];
        (string Name, long Bytes)[] types = [("U32", 4), ("I32", 4), ("U8", 1), ("I8", 1), ("I16", 2), ("I64", 8), ("F16", 2), ("F32", 4), ("F8_E4M3", 1), ("F8_E8M0", 1), ("BOOL", 1)];
        long[] sizes = [1, 1, 2, 3, 4, 8, 16, 16, 32, 0, long.MaxValue];
        var random = new Random(7);

        for (var trial = 0; trial < 4000; trial++)
        {
            var file = new SafetensorsFile();
            foreach (var name in random.GetItems(names, random.Next(1, 7)).Distinct())
            {
                var (type, bytes) = types[random.Next(types.Length)];
                var dims = random.GetItems(sizes, random.Next(0, 5));
                if (dims.Contains(long.MaxValue) && !dims.Contains(0)) continue;
                file.Tensor("l." + name, type, dims.Contains(0) ? 0 : dims.Aggregate(bytes, static (product, dim) => product * dim), dims);
            }

            var model = Hostile.Read(file.ToArray(), Path);

            Assert.IsTrue(model.Tensors.All(static tensor => tensor.LogicalElements >= 0 && (!tensor.IsParameter || tensor.LogicalElements >= tensor.Elements)), $"trial {trial}");
        }
    }

    private static SafetensorsFile Hqq(string type, long elements) => new SafetensorsFile()
        .Tensor("l.W_q", type, elements * (type == "U8" ? 1 : 4), elements, 1).Tensor("l.scale", "F16", 24 * 2, 24, 1).Tensor("l.zero", "F16", 24 * 2, 24, 1)
        .Tensor("l.nbits", "I32", 4).Tensor("l.packing", "U8", 7, 7).Tensor("l.axis", "U8", 1).Tensor("l.compute_dtype", "U8", 13, 13);

    private static ModelFile AssertHolds(SafetensorsFile file, long weights = Weights, string? note = null)
    {
        var model = Hostile.Read(file.ToArray(), Path);
        Assert.AreEqual(weights, model.Parameters());
        Assert.AreEqual(note is null ? 0 : 1, model.Notes.Count, string.Join("; ", model.Notes.Select(static each => each.Message)));
        if (note is not null) StringAssert.Contains(model.Notes[0].Message, note);
        return model;
    }
}
