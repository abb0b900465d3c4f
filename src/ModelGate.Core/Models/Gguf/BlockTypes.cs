namespace ModelGate.Models.Gguf;

/// <summary>The element types of GGUF by their numbers (ggml.h, enum ggml_type), with the exact layout of those that are stored in blocks.</summary>
public static class BlockTypes
{
    private const int Super = 256; // QK_K: weights of a super-block

    // Bytes of a block are the sum of its parts: scales, minima, high bits and codes (ggml-common.h).
    private static readonly DataType?[] ByNumber =
    [
        DataTypes.Float32, DataTypes.Float16,
        Block("q4_0", 32, 2 + 16), Block("q4_1", 32, 2 + 2 + 16), null, null, // 4 and 5 were removed before GGUF
        Block("q5_0", 32, 2 + 4 + 16), Block("q5_1", 32, 2 + 2 + 4 + 16), Block("q8_0", 32, 2 + 32), Block("q8_1", 32, 2 + 2 + 32),
        Block("q2_k", Super, 2 + 2 + 16 + 64), Block("q3_k", Super, 2 + 64 + 32 + 12), Block("q4_k", Super, 2 + 2 + 128 + 12),
        Block("q5_k", Super, 2 + 2 + 128 + 32 + 12), Block("q6_k", Super, 2 + 128 + 64 + 16), Block("q8_k", Super, 4 + 256 + 32),
        Block("iq2_xxs", Super, 2 + 64), Block("iq2_xs", Super, 2 + 64 + 8), Block("iq3_xxs", Super, 2 + 64 + 32), Block("iq1_s", Super, 2 + 32 + 16),
        Block("iq4_nl", 32, 2 + 16), Block("iq3_s", Super, 2 + 64 + 32 + 8 + 4), Block("iq2_s", Super, 2 + 64 + 16), Block("iq4_xs", Super, 2 + 2 + 128 + 4),
        DataTypes.Int8, DataTypes.Int16, DataTypes.Int32, DataTypes.Int64, DataTypes.Float64,
        Block("iq1_m", Super, 32 + 16 + 8), DataTypes.BFloat16,
        Block("q4_0_4_4", 32, 2 + 16), Block("q4_0_4_8", 32, 2 + 16), Block("q4_0_8_8", 32, 2 + 16), // repacked q4_0, no longer written
        Block("tq1_0", Super, 2 + (4 * 13)), Block("tq2_0", Super, 2 + 64), null, null, null,
        Block("mxfp4", 32, 1 + 16), Block("nvfp4", 64, 4 + 32), Block("q1_0", 128, 2 + 16),
    ];

    /// <summary>Those that are stored in blocks, in the order of their numbers.</summary>
    public static IReadOnlyList<DataType> All { get; } = InBlocks();

    /// <summary>The type of a number, or null where GGUF defines none.</summary>
    public static DataType? Find(uint number) => number < ByNumber.Length ? ByNumber[number] : null;

    private static List<DataType> InBlocks()
    {
        List<DataType> types = [];
        foreach (var type in ByNumber)
        {
            if (type is { BlockBytes: > 0 }) types.Add(type);
        }
        return types;
    }

    private static DataType Block(string name, int elements, int bytes) => new(name, 0, true) { BlockElements = elements, BlockBytes = bytes };
}
