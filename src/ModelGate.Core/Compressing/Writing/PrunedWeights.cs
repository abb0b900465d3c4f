using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>float32 weights of which some are set to zero; they keep their place, so the tensor stays as large as it was.</summary>
/// <param name="name">The tensor.</param>
/// <param name="values">Its values.</param>
/// <param name="unit">Weights that have to be pruned together.</param>
/// <param name="prune">Prunes weights that lie side by side, whole units of them.</param>
/// <param name="fidelity">What it does to them.</param>
internal sealed class PrunedWeights(string name, FileRange values, int unit, PrunedWeights.Pruner prune, WeightFidelity fidelity) : Piece
{
    /// <summary>Sets weights to zero.</summary>
    public delegate void Pruner(Span<float> weights, SourceFiles sources);

    public override long Length => values.Length;

    public override void Check(SourceFiles sources) => Finiteness.Check(name, values, sources);

    public override void WriteTo(Stream output, SourceFiles sources)
    {
        var source = new float[(int)Math.Min(Math.Max(Block / sizeof(float) / unit, 1) * (long)unit, values.Length / sizeof(float))];
        var pruned = new float[source.Length];
        for (long at = 0; at < values.Length; at += source.Length * sizeof(float))
        {
            var before = source.AsSpan(0, (int)Math.Min(source.Length, (values.Length - at) / sizeof(float)));
            sources.Read(values, at, MemoryMarshal.AsBytes(before));
            if (float.IsNaN(ChannelCodes.AbsMax(before))) throw new NotFiniteException(name);
            var after = pruned.AsSpan(0, before.Length);
            before.CopyTo(after);
            prune(after, sources);
            fidelity.Add(before, after, MemoryMarshal.AsBytes(after));
            output.Write(MemoryMarshal.AsBytes(after));
        }
    }
}
