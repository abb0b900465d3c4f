namespace ModelGate.Models.TensorFlowLite;

/// <summary>
/// The operators of TensorFlow Lite by their numbers (schema.fbs, enum BuiltinOperator), and what each does with its inputs.
/// Sources: the kernels' own lists of inputs (tensorflow/lite/kernels) and the operator compatibility guide.
/// </summary>
internal static class LiteOperators
{
    private static readonly string[] Names =
    [
        "ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "DEPTH_TO_SPACE", "DEQUANTIZE", "EMBEDDING_LOOKUP", "FLOOR", "FULLY_CONNECTED",
        "HASHTABLE_LOOKUP", "L2_NORMALIZATION", "L2_POOL_2D", "LOCAL_RESPONSE_NORMALIZATION", "LOGISTIC", "LSH_PROJECTION", "LSTM", "MAX_POOL_2D", "MUL", "RELU",
        "RELU_N1_TO_1", "RELU6", "RESHAPE", "RESIZE_BILINEAR", "RNN", "SOFTMAX", "SPACE_TO_DEPTH", "SVDF", "TANH", "CONCAT_EMBEDDINGS",
        "SKIP_GRAM", "CALL", "CUSTOM", "EMBEDDING_LOOKUP_SPARSE", "PAD", "UNIDIRECTIONAL_SEQUENCE_RNN", "GATHER", "BATCH_TO_SPACE_ND", "SPACE_TO_BATCH_ND", "TRANSPOSE",
        "MEAN", "SUB", "DIV", "SQUEEZE", "UNIDIRECTIONAL_SEQUENCE_LSTM", "STRIDED_SLICE", "BIDIRECTIONAL_SEQUENCE_RNN", "EXP", "TOPK_V2", "SPLIT",
        "LOG_SOFTMAX", "DELEGATE", "BIDIRECTIONAL_SEQUENCE_LSTM", "CAST", "PRELU", "MAXIMUM", "ARG_MAX", "MINIMUM", "LESS", "NEG",
        "PADV2", "GREATER", "GREATER_EQUAL", "LESS_EQUAL", "SELECT", "SLICE", "SIN", "TRANSPOSE_CONV", "SPARSE_TO_DENSE", "TILE",
        "EXPAND_DIMS", "EQUAL", "NOT_EQUAL", "LOG", "SUM", "SQRT", "RSQRT", "SHAPE", "POW", "ARG_MIN",
        "FAKE_QUANT", "REDUCE_PROD", "REDUCE_MAX", "PACK", "LOGICAL_OR", "ONE_HOT", "LOGICAL_AND", "LOGICAL_NOT", "UNPACK", "REDUCE_MIN",
        "FLOOR_DIV", "REDUCE_ANY", "SQUARE", "ZEROS_LIKE", "FILL", "FLOOR_MOD", "RANGE", "RESIZE_NEAREST_NEIGHBOR", "LEAKY_RELU", "SQUARED_DIFFERENCE",
        "MIRROR_PAD", "ABS", "SPLIT_V", "UNIQUE", "CEIL", "REVERSE_V2", "ADD_N", "GATHER_ND", "COS", "WHERE",
        "RANK", "ELU", "REVERSE_SEQUENCE", "MATRIX_DIAG", "QUANTIZE", "MATRIX_SET_DIAG", "ROUND", "HARD_SWISH", "IF", "WHILE",
        "NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5", "SCATTER_ND", "SELECT_V2", "DENSIFY", "SEGMENT_SUM", "BATCH_MATMUL", "PLACEHOLDER_FOR_GREATER_OP_CODES", "CUMSUM", "CALL_ONCE",
        "BROADCAST_TO", "RFFT2D", "CONV_3D", "IMAG", "REAL", "COMPLEX_ABS", "HASHTABLE", "HASHTABLE_FIND", "HASHTABLE_IMPORT", "HASHTABLE_SIZE",
        "REDUCE_ALL", "CONV_3D_TRANSPOSE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "BROADCAST_ARGS", "RANDOM_STANDARD_NORMAL", "BUCKETIZE", "RANDOM_UNIFORM", "MULTINOMIAL",
        "GELU", "DYNAMIC_UPDATE_SLICE", "RELU_0_TO_1", "UNSORTED_SEGMENT_PROD", "UNSORTED_SEGMENT_MAX", "UNSORTED_SEGMENT_SUM", "ATAN2", "UNSORTED_SEGMENT_MIN", "SIGN", "BITCAST",
        "BITWISE_XOR", "RIGHT_SHIFT",
    ];

    /// <summary>The name of an operator; its number where it has none here.</summary>
    public static string Name(int code) => code >= 0 && code < Names.Length ? Names[code] : $"operator {code}";

    /// <summary>What an operator does with its input number <paramref name="input"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="input">The input.</param>
    /// <param name="inputs">How many inputs this use of it has: a basic LSTM cell has five and another order.</param>
    public static Slot SlotOf(string name, int input, int inputs) => SlotLetters.Find(name == "LSTM" && inputs == 5 ? "..wb." : Slots(name), input);

    private static string Slots(string name) => name switch
    {
        "CONV_2D" or "DEPTHWISE_CONV_2D" or "CONV_3D" or "FULLY_CONNECTED" => ".wb",
        "TRANSPOSE_CONV" or "CONV_3D_TRANSPOSE" => "iw.b",
        "BATCH_MATMUL" => "ww",
        "PRELU" => ".w",
        "ADD" or "SUB" or "ADD_N" => "a*",

        "SVDF" or "RNN" or "UNIDIRECTIONAL_SEQUENCE_RNN" => ".wwbc",
        "BIDIRECTIONAL_SEQUENCE_RNN" => ".wwbcwwbc.ww",
        "LSTM" or "UNIDIRECTIONAL_SEQUENCE_LSTM" => ".wwwwwwwwwwwbbbbwbccnnnn",
        "BIDIRECTIONAL_SEQUENCE_LSTM" => ".wwwwwwwwwwwbbbbwbwwwwwwwwwwwbbbbwbcccc.wwwwwwww",

        "GATHER" => "ei",
        "EMBEDDING_LOOKUP" => "ie",
        "EMBEDDING_LOOKUP_SPARSE" => "iiice",
        "HASHTABLE_LOOKUP" => "iie",

        "DEQUANTIZE" or "DENSIFY" => "q",
        "QUANTIZE" or "CAST" or "SQUEEZE" or "UNPACK" or "FAKE_QUANT" => "t",
        "RESHAPE" or "TRANSPOSE" or "EXPAND_DIMS" or "TILE" or "BROADCAST_TO" or "REVERSE_V2" => "ti",
        "SLICE" or "SPLIT_V" => "tii",
        "STRIDED_SLICE" => "tiii",
        "SPLIT" => "it",
        "CONCATENATION" or "PACK" => "t*",

        "PAD" or "MIRROR_PAD" or "RESIZE_BILINEAR" or "RESIZE_NEAREST_NEIGHBOR" or "TOPK_V2" or "ARG_MAX" or "ARG_MIN" or "CUMSUM" or "MEAN" or "SUM"
            or "REDUCE_MAX" or "REDUCE_MIN" or "REDUCE_PROD" or "REDUCE_ANY" or "REDUCE_ALL" => ".i",
        "PADV2" => ".ic",
        "BATCH_TO_SPACE_ND" or "SPACE_TO_BATCH_ND" => ".ii",
        "ONE_HOT" => "iicc",
        "RANGE" => "ccc",
        "FILL" => "ic",
        "POW" => ".c",
        "NON_MAX_SUPPRESSION_V4" or "NON_MAX_SUPPRESSION_V5" => "..iccc",
        _ => "",
    };
}
