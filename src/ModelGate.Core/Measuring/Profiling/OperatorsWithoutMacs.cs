namespace ModelGate.Measuring;

/// <summary>
/// The operators that count as no multiply-accumulates, by name. That is the convention of the published figures (ResNet-50 has 4.1 G):
/// matrix products and convolutions count; element by element work, reductions, pooling, normalization, activation, interpolation,
/// comparison and moving data do not. An operator that is neither here nor in <see cref="MacFormulas"/> is named, never taken for zero.
/// </summary>
internal static class OperatorsWithoutMacs
{
    private static readonly HashSet<string> Names =
    [
        // Arithmetic, element by element
        "Abs", "Acos", "Acosh", "Add", "Asin", "Asinh", "Atan", "Atanh", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Ceil", "Clip",
        "Cos", "Cosh", "Div", "Erf", "Exp", "Floor", "Log", "Max", "Mean", "Min", "Mod", "Mul", "Neg", "Pow", "Reciprocal", "Round", "Sign", "Sin", "Sinh",
        "Sqrt", "Sub", "Sum", "Tan", "CumSum", "CumProd", "BiasAdd", "QLinearAdd", "QLinearMul", "Scale", "ImageScaler", "ComplexMul", "ComplexMulConj", "QuickGelu",

        // Activations
        "Celu", "Elu", "Gelu", "HardSigmoid", "HardSwish", "Hardmax", "LeakyRelu", "LogSoftmax", "Mish", "PRelu", "Relu", "Selu", "Shrink", "Sigmoid", "Softmax",
        "Softplus", "Softsign", "Swish", "Tanh", "ThresholdedRelu", "BiasGelu", "FastGelu", "BiasSoftmax", "BiasDropout", "BiasSplitGelu", "ParametricSoftplus", "Affine",
        "ScaledTanh", "QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax",

        // Comparison and logic
        "And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "IsAllFinite", "Less", "LessOrEqual", "Not", "Or", "Where", "Xor", "QLinearWhere",

        // Normalization
        "BatchNormalization", "GroupNorm", "GroupNormalization", "InstanceNormalization", "LRN", "LayerNormalization", "LpNormalization", "MeanVarianceNormalization",
        "RMSNormalization", "SimplifiedLayerNormalization", "SkipGroupNorm", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "EmbedLayerNormalization",
        "QEmbedLayerNormalization",

        // Pooling and reduction
        "AveragePool", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "LpPool", "MaxPool", "MaxUnpool", "MaxRoiPool", "NhwcMaxPool", "RoiAlign", "ArgMax", "ArgMin",
        "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumInteger", "ReduceSumSquare",
        "QLinearAveragePool", "QLinearGlobalAveragePool", "QLinearReduceMean",

        // Shapes, indices and moving data
        "Cast", "CastLike", "BitCast", "Compress", "Concat", "ConcatFromSequence", "Constant", "ConstantOfShape", "CenterCropPad", "Col2Im", "CropAndResize", "Crop", "DepthToSpace",
        "DynamicSlice", "Expand", "ExpandDims", "EyeLike", "Flatten", "Gather", "GatherBlockQuantized", "GatherElements", "GatherND", "Identity", "ImageDecoder", "Memcpy",
        "MemcpyFromHost", "MemcpyToHost", "NonZero", "OneHot", "Pad", "Range", "RelativePositionBias", "RemovePadding", "RestorePadding", "Reshape",
        "ReverseSequence", "RotaryEmbedding", "Scatter", "ScatterElements", "ScatterND", "TensorScatter", "Shape", "Size", "Slice", "SpaceToDepth", "Split", "SplitToSequence",
        "Squeeze", "Tile", "TopK", "Transpose", "Trilu", "Unique", "Unsqueeze", "UnfoldTensor", "ExpandUnsqueeze", "QLinearConcat", "ReorderInput", "ReorderOutput",

        // Interpolation
        "GridSample", "Resize", "Upsample",

        // Quantizing and back; the products between them are counted where they are made
        "DequantizeLinear", "QuantizeLinear", "DynamicQuantizeLinear", "DequantizeBFP", "QuantizeBFP",

        // Control flow: the nodes of a body count each time they run
        "If", "Loop", "Scan", "BeamSearch", "GreedySearch", "Sampling", "WhisperBeamSearch",

        // Sequences, optionals, text
        "Optional", "OptionalGetElement", "OptionalHasElement", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength",
        "MurmurHash3", "RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit", "TfIdfVectorizer", "Tokenizer",

        // Random numbers, sampling, windows
        "Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "BlackmanWindow", "HammingWindow", "HannWindow",
        "MelWeightMatrix", "NonMaxSuppression", "NGramRepeatBlock",

        // Classical: lookups and comparisons
        "ArrayFeatureExtractor", "Binarizer", "CategoryMapper", "CastMap", "DictVectorizer", "FeatureVectorizer", "Imputer", "LabelEncoder", "Normalizer", "OneHotEncoder",
        "Scaler", "TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor", "ZipMap",
    ];

    /// <summary>True of an operator that counts as none.</summary>
    public static bool Has(string @operator) => Names.Contains(@operator);
}
