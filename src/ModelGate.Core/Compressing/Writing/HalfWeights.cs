using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGate.Compressing;

/// <summary>float32 weights as float16 or bfloat16.</summary>
internal sealed class HalfWeights(string name, FileRange values, bool brain, bool dividesByEach, WeightFidelity fidelity) : Piece
{
    private const int Run = 2048;

    public override long Length => values.Length / 2;

    public override void Check(SourceFiles sources)
    {
        if (brain)
        {
            Finiteness.Check(name, values, sources);
            return;
        }

        var range = new HalfRange(name, dividesByEach);
        Finiteness.Check(name, values, sources, (part, largest) => range.Add(part, largest));
        range.End();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void WriteTo(Stream output, SourceFiles sources)
    {
        var source = sources.Scratch.Weights((int)Math.Min(Block, values.Length) / sizeof(float));
        var halves = MemoryMarshal.Cast<byte, ushort>(sources.Scratch.Codes(source.Length * sizeof(ushort)));
        Span<float> restored = stackalloc float[Run];
        var range = new HalfRange(name, dividesByEach);
        for (long at = 0; at < values.Length; at += source.Length * sizeof(float))
        {
            var part = source[..(int)Math.Min(source.Length, (values.Length - at) / sizeof(float))];
            sources.Read(values, at, MemoryMarshal.AsBytes(part));
            for (var run = 0; run < part.Length; run += Run)
            {
                var before = part.Slice(run, Math.Min(Run, part.Length - run));
                var stored = halves.Slice(run, before.Length);
                var largest = 0f;
                if (!(brain ? BrainFloat.TryNarrow(before, stored) : HalfPrecision.TryNarrow(before, stored, out largest))) throw new NotFiniteException(name);
                if (!brain) range.Add(before, largest);
                if (brain) BrainFloat.Widen(stored, restored);
                else HalfPrecision.Widen(stored, restored);
                fidelity.Add(before, restored[..before.Length], MemoryMarshal.AsBytes(stored));
            }
            output.Write(MemoryMarshal.AsBytes(halves[..part.Length]));
        }
        range.End();
    }
}
