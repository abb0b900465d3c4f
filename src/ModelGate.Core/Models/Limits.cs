namespace ModelGate.Models;

/// <summary>
/// What a model may hold at most. Real models stay far below; the limits bound the memory and the stack that a hostile file can take.
/// Together they bound memory to about 1 GB, and to about 170 times the file where that is less (`tests/ModelGate.Benchmarks -- mutants` measures it).
/// </summary>
internal static class Limits
{
    /// <summary>Levels of nested messages, as Google's own implementations of protobuf allow.</summary>
    public const int Depth = 100;

    /// <summary>Bytes of one name.</summary>
    public const int NameLength = 64 * 1024;

    /// <summary>Characters of all names together that are made up, of what a nameless tensor belongs to.</summary>
    public const int MadeUpNames = 64 * 1024 * 1024;

    /// <summary>Bytes of all names together: of each different one once, and of those of nodes as often as they stand.</summary>
    public const int NameBytes = 256 * 1024 * 1024;

    /// <summary>Steps of one kind of search for all parts of a model together: of tensors to their uses, from layer to layer, or of Softmaxes to their projections. A model of 200,000 quantized tensors takes 700,000.</summary>
    public const int Steps = 4_000_000;

    /// <summary>Different names under which a model may seek the files beside it.</summary>
    public const int FilesBeside = 100_000;

    /// <summary>Elements of all weights together that a model makes at run time, which take no room in its file: sums stay within 64 bits.</summary>
    public const long MadeElements = 1L << 60;

    /// <summary>Nodes of all graphs together.</summary>
    public const int Nodes = 2_000_000;

    /// <summary>Inputs and outputs of all nodes together.</summary>
    public const int Edges = 16_000_000;

    /// <summary>Attributes of all nodes together.</summary>
    public const int Attributes = 4_000_000;

    /// <summary>Tensors of all graphs together, sparse ones and their parts each for themselves.</summary>
    public const int Tensors = 1_000_000;

    /// <summary>Declared inputs, outputs, functions, operator sets and bodies of all graphs together.</summary>
    public const int Declarations = 1_000_000;

    /// <summary>Dimensions of all declared inputs and outputs together; each is kept as text.</summary>
    public const int DeclaredDimensions = 4_000_000;

    /// <summary>Dimensions of one tensor.</summary>
    public const int Rank = 64;

    /// <summary>Bytes of packed integers of varying width, which can only be counted by reading them: as many as protobuf itself allows in a message.</summary>
    public const long PackedBytes = 1L << 31;

    /// <summary>Bytes of a model file that is parsed; of a larger one only the size is known.</summary>
    public const long FileLength = 256L << 30;

    /// <summary>Newest version of the standard operator sets that is believed: today's are below 30.</summary>
    public const long OperatorSetVersion = 1000;
}
