namespace ModelGate.Compressing;

/// <summary>How weights are made smaller.</summary>
public enum WeightEncoding
{
    /// <summary>float16, widened again by a Cast that the runtime folds away when it loads the model.</summary>
    Half,

    /// <summary>bfloat16, widened likewise.</summary>
    BrainFloat,

    /// <summary>Symmetric int8, one scale per output channel (per row of an embedding); activations stay float.</summary>
    Channel,

    /// <summary>As <see cref="Channel"/> where a matrix multiplication also quantizes its activations while it runs.</summary>
    Dynamic,

    /// <summary>Symmetric int4 in blocks along the contracted dimension; activations stay float.</summary>
    Block,
}

/// <summary>A way to compress a model, by the name that policies, commands and reports use.</summary>
/// <param name="Name">Its name; no dots, so that a metric splits cleanly.</param>
/// <param name="Encoding">What weights become.</param>
/// <param name="BlockSize">Weights that share a scale; 0 where a whole channel does or none is needed.</param>
/// <param name="Description">What it does, in one line.</param>
public sealed record Scheme(string Name, WeightEncoding Encoding, int BlockSize, string Description);

/// <summary>Every scheme, in one place.</summary>
public static class Schemes
{
    /// <summary>All of them, in the order reports list them.</summary>
    public static IReadOnlyList<Scheme> All { get; } =
    [
        new("fp16", WeightEncoding.Half, 0, "weights in float16; computed in float32"),
        new("bf16", WeightEncoding.BrainFloat, 0, "weights in bfloat16; computed in float32"),
        new("int8", WeightEncoding.Channel, 0, "weights in int8, one scale per channel; activations in float32"),
        new("int8-dynamic", WeightEncoding.Dynamic, 0, "weights in int8; activations of matrix multiplications in uint8, scaled while it runs"),
        new("int4", WeightEncoding.Block, 32, "weights in int4, one scale per 32; activations in float32"),
        new("int4-b64", WeightEncoding.Block, 64, "weights in int4, one scale per 64; activations in float32"),
        new("int4-b128", WeightEncoding.Block, 128, "weights in int4, one scale per 128; activations in float32"),
    ];

    /// <summary>The scheme of a name, or null.</summary>
    public static Scheme? Find(string name) => All.FirstOrDefault(scheme => scheme.Name == name);
}
