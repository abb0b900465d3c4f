namespace ModelGate.Models.Onnx;

/// <summary>
/// The one table of roles: operator and input → what it is for. Sources: the operator specifications of ONNX (Operators.md)
/// and of ONNX Runtime (ContribOperators.md).
/// </summary>
internal static class SlotRoles
{
    /// <summary>What <paramref name="operator"/> does with its input number <paramref name="input"/>.</summary>
    /// <param name="operator">The operator.</param>
    /// <param name="input">Number of the input.</param>
    /// <param name="isOfOnnx">True of ONNX's own operators: two of ONNX Runtime's that have the same name take other inputs.</param>
    public static Slot Of(string @operator, int input, bool isOfOnnx) => SlotLetters.Find(SlotsOf(@operator, isOfOnnx), input);

    private static string SlotsOf(string @operator, bool isOfOnnx) => @operator switch
    {
        // Queries, keys and values come projected, and then a mask and past keys and values; rotations are stored before the positions.
        "Attention" when isOfOnnx => "...ccci",
        "RotaryEmbedding" when isOfOnnx => ".cci",

        // Convolution and dense
        "Conv" or "ConvTranspose" or "FusedConv" or "NhwcFusedConv" or "NhwcConv" => ".wb",
        "DeformConv" => ".w.b",
        "ConvTransposeWithDynamicPads" => ".wib",
        "CausalConvWithState" => ".wb",
        "Gemm" or "FusedGemm" or "GemmFastGelu" or "GemmFloat8" => "wwb",
        "MatMul" or "FusedMatMul" or "TransposeMatMul" or "FusedMatMulActivation" => "ww",
        "PRelu" => ".w",
        "BiasGelu" or "FastGelu" or "BiasDropout" or "BiasSoftmax" or "BiasSplitGelu" => ".b",
        "BiasAdd" => ".b.",
        "Add" or "Sum" => "a*",

        // Recurrent
        "LSTM" => ".wwbiccw",
        "GRU" or "RNN" => ".wwbic",
        "DynamicQuantizeLSTM" => ".wwbiccwszsz",

        // Embedding
        "Gather" => "ei",
        "EmbedLayerNormalization" => "iieeennii",
        "QEmbedLayerNormalization" => "iieeennissssszzzzz",
        "GatherBlockQuantized" => "eisz",

        // Normalization
        "BatchNormalization" => ".nnmm",
        "LayerNormalization" or "InstanceNormalization" or "GroupNormalization" or "GroupNorm" => ".nn",
        "SimplifiedLayerNormalization" or "RMSNormalization" => ".n",
        "SkipLayerNormalization" => "..nnb",
        "SkipSimplifiedLayerNormalization" => "..nb",
        "SkipGroupNorm" => ".nn.b",

        // Attention
        "Attention" => ".wbi",
        "PackedAttention" => ".wbii",
        "LongformerAttention" => ".wb.wbi",
        "DecoderAttention" => "..wwb",
        "QAttention" => ".wbssizz",
        "QOrderedAttention" => ".swswswssb",
        "MultiHeadAttention" or "DecoderMaskedMultiHeadAttention" => "...b",
        "GroupQueryAttention" => ".......cci..ss",
        "SparseAttention" => ".....iiiicc",
        "PagedAttention" => ".....iiicc",
        "RotaryEmbedding" => ".icc",

        // Packed and quantized
        "MatMulNBits" => ".wszib",
        "MatMulBnb4" => ".ws",
        "MatMulFpQ4" => ".wi",
        "QMoE" => "..wsbwsbwsbzzz",
        "MoE" => "..wbwbwb",
        "MatMulInteger" => ".wzz",
        "MatMulInteger16" => ".w",
        "ConvInteger" or "NhwcConvInteger" => ".wzz",
        "MatMulIntegerToFloat" => ".wsszzb",
        "DynamicQuantizeMatMul" => ".wszb",
        "QLinearConv" => ".szwszszb",
        "QLinearMatMul" => ".szwszsz",
        "QGemm" => ".szwszbsz",
        "QOrderedMatMul" => ".swssb.s",
        "QOrderedLayerNormalization" => ".snns",
        "QOrderedGelu" => ".ss",
        "QLinearAdd" => "aszaszsz",
        "QLinearMul" => ".sz.szsz",
        "QLinearConcat" => "sz.sz.sz.sz.sz.sz.sz.sz.sz.sz.sz",
        "QLinearSigmoid" or "QLinearLeakyRelu" or "QLinearAveragePool" or "QLinearGlobalAveragePool" or "QLinearReduceMean" or "QLinearSoftmax" => ".szsz",
        "QLinearWhere" => "c.sz.szsz",
        "DequantizeLinear" => "qsz",
        "QuantizeLinear" or "QuantizeBFP" => "tsz",
        "DynamicQuantizeLinear" => "t",

        // Passed through
        "Identity" or "Cast" or "CastLike" or "Transpose" or "Flatten" or "Optional" or "OptionalGetElement" => "t",
        "Reshape" or "Squeeze" or "Unsqueeze" or "Expand" or "Split" or "Tile" => "ti",
        "Slice" => "tiiii",
        "Concat" or "SequenceConstruct" => "t*",
        "SequenceAt" or "SequenceErase" or "SplitToSequence" => "ti",
        "SequenceInsert" => "tti",
        "ConcatFromSequence" => "t",

        // Constants and indices of the computation
        "Clip" => ".cc",
        "Pad" => ".ici",
        "Resize" => ".cci",
        "Upsample" => ".c",
        "Dropout" => ".cc",
        "NonMaxSuppression" => "..icc",
        "OneHot" => "iic",
        "Range" => "ccc",
        "Pow" => ".c",
        "Where" => "c", // what it chooses by: masks of older exporters are bytes
        "STFT" => ".ici",
        "TopK" or "CumSum" => ".i",
        "EyeLike" or "Shape" or "Size" or "ConstantOfShape" => "i",
        "RoiAlign" or "MaxRoiPool" => ".c",
        "If" => "c",
        "Loop" => "ic",
        _ => "",
    };
}
