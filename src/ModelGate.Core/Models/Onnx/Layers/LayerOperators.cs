namespace ModelGate.Models.Onnx.Layers;

/// <summary>What operators are to the layers of a model. Sources: Operators.md of ONNX and ContribOperators.md of ONNX Runtime.</summary>
internal static class LayerOperators
{
    /// <summary>The kind of layer that an operator with a weight makes by itself.</summary>
    public static LayerKind KindOf(string @operator) => @operator switch
    {
        "Conv" or "ConvTranspose" or "FusedConv" or "NhwcConv" or "NhwcFusedConv" or "DeformConv" or "ConvInteger" or "NhwcConvInteger" or "QLinearConv" or "ConvTransposeWithDynamicPads" or "CausalConvWithState" => LayerKind.Convolution,
        "LSTM" or "GRU" or "RNN" or "DynamicQuantizeLSTM" => LayerKind.Recurrent,
        "Attention" or "QAttention" or "PackedAttention" or "LongformerAttention" or "DecoderAttention" or "QOrderedAttention" => LayerKind.Attention,
        "Gather" or "GatherBlockQuantized" or "EmbedLayerNormalization" or "QEmbedLayerNormalization" => LayerKind.Embedding,
        "Gemm" or "FusedGemm" or "GemmFastGelu" or "GemmFloat8" or "QGemm" or "MatMul" or "FusedMatMul" or "TransposeMatMul" or "FusedMatMulActivation" or "MatMulNBits" or "MatMulBnb4" or "MatMulFpQ4"
            or "MatMulInteger" or "MatMulInteger16" or "MatMulIntegerToFloat" or "DynamicQuantizeMatMul" or "QLinearMatMul" or "QOrderedMatMul" or "MoE" or "QMoE" or "Einsum" => LayerKind.Dense,
        _ => LayerKind.Other,
    };

    /// <summary>True of operators that take queries, keys and values that were projected outside of them.</summary>
    public static bool AttendsToProjections(string @operator) =>
        @operator is "Attention" or "MultiHeadAttention" or "DecoderMaskedMultiHeadAttention" or "GroupQueryAttention" or "PackedMultiHeadAttention" or "SparseAttention" or "PagedAttention";

    /// <summary>True of operators that multiply two matrices.</summary>
    public static bool Multiplies(string @operator) => @operator is "MatMul" or "FusedMatMul" or "TransposeMatMul" or "MatMulInteger" or "QLinearMatMul" or "MatMulIntegerToFloat" or "Einsum" or "Gemm";

    /// <summary>True of operators that only shape, move, scale or convert what flows through them.</summary>
    public static bool PassesOn(string @operator) => KeepsValues(@operator) || @operator is "Add" or "Sub" or "Mul" or "Div" or "Neg" or "Where" or "BiasAdd" or "RotaryEmbedding" or "Clip";

    /// <summary>True of operators that only shape, move or convert what flows through them.</summary>
    public static bool KeepsValues(string @operator) => @operator is "Identity" or "Cast" or "CastLike" or "Reshape" or "Transpose" or "Flatten" or "Squeeze" or "Unsqueeze" or "Split" or "Slice" or "Concat" or "Expand"
        or "Gather" or "Tile" or "Pad" or "Dropout" or "QuantizeLinear" or "DequantizeLinear" or "ScatterND" or "ScatterElements";
}
