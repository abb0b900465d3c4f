namespace ModelGate.Models.Onnx;

/// <summary>What an operator does with what feeds one of its inputs.</summary>
internal enum Slot
{
    /// <summary>Nothing is known of it: what is stored there is told by its type.</summary>
    Unknown,
    Weight,
    Bias,

    /// <summary>A bias, unless it holds a single element: the operand of an addition.</summary>
    Addend,
    Normalization,
    Statistic,
    Embedding,
    Scale,
    ZeroPoint,
    Index,
    Constant,

    /// <summary>Passed on: the role is that of whoever uses the output.</summary>
    Through,

    /// <summary>Passed on after its codes have been turned into the values they stand for.</summary>
    Dequantized,
}

/// <summary>
/// The one table of roles: operator and input → what it is for. Sources: the operator specifications of ONNX (Operators.md)
/// and of ONNX Runtime (ContribOperators.md).
/// </summary>
internal static class SlotRoles
{
    /// <summary>What <paramref name="operator"/> does with its input number <paramref name="input"/>.</summary>
    public static Slot Of(string @operator, int input)
    {
        var slots = SlotsOf(@operator);
        if (slots.EndsWith('*'))
            return Slot(slots[Math.Min(input, slots.Length - 2)]);
        return input < slots.Length ? Slot(slots[input]) : Onnx.Slot.Unknown;
    }

    // One letter per input:
    //   . unknown   w weight   b bias   a addend   n normalization   m statistic   e embedding   s scale   z zero point
    //   i index   c constant   t passed through   q passed through, dequantized   * the letter before holds for all that follow
    private static string SlotsOf(string @operator) => @operator switch
    {
        // Convolution and dense
        "Conv" or "ConvTranspose" or "FusedConv" or "NhwcFusedConv" or "NhwcConv" => ".wb",
        "DeformConv" => ".w.b",
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
        "QEmbedLayerNormalization" => "iieeennisssssszzzzz",
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
        "GroupQueryAttention" => ".......cc",
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
        "STFT" => ".ici",
        "TopK" or "CumSum" => ".i",
        "EyeLike" or "Shape" or "Size" or "ConstantOfShape" => "i",
        "RoiAlign" or "MaxRoiPool" => ".c",
        "If" => "c",
        "Loop" => "ic",
        _ => "",
    };

    private static Slot Slot(char letter) => letter switch
    {
        'w' => Onnx.Slot.Weight,
        'b' => Onnx.Slot.Bias,
        'a' => Onnx.Slot.Addend,
        'n' => Onnx.Slot.Normalization,
        'm' => Onnx.Slot.Statistic,
        'e' => Onnx.Slot.Embedding,
        's' => Onnx.Slot.Scale,
        'z' => Onnx.Slot.ZeroPoint,
        'i' => Onnx.Slot.Index,
        'c' => Onnx.Slot.Constant,
        't' => Onnx.Slot.Through,
        'q' => Onnx.Slot.Dequantized,
        _ => Onnx.Slot.Unknown,
    };
}
