using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>What the nodes of one operator do together in one inference.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="Executions">How often nodes of it ran.</param>
/// <param name="Macs">Their multiply-accumulates.</param>
public sealed record OperatorMacs(string Operator, int Executions, double Macs);

/// <summary>The multiply-accumulates of one inference.</summary>
/// <param name="Operators">Operators that have any, most first.</param>
/// <param name="WithoutFormula">Operators that ran and whose multiply-accumulates are not known, with how often they ran; they are in no sum.</param>
public sealed record MacCount(IReadOnlyList<OperatorMacs> Operators, IReadOnlyList<OperatorMacs> WithoutFormula)
{
    /// <summary>All that are known.</summary>
    public double Total => Operators.Sum(static one => one.Macs);

    /// <summary>
    /// All that are known and have to be done in every inference (an optimizer does once for all what depends on no input, and a kernel leaves
    /// out what it knows to come to nothing), as many as could be done in float32 in the same time at best: of 16-bit floats twice as many, of integers of
    /// eight bits and fewer four times as many go through the widest instructions. Where a model stores quantized values, the runtime may
    /// compute any of it with them.
    /// </summary>
    public double AtFloatRate { get; init; }

    /// <summary>Of weights of which not all has to be read, the share that has, by name.</summary>
    public IReadOnlyDictionary<string, double> ReadShares { get; init; } = new Dictionary<string, double>();

    /// <summary>The nodes of the model's file; null where its format is not read.</summary>
    public ModelGraph? Graph { get; init; }

    private const double HalfFactor = 2, NarrowFactor = 4;

    /// <summary>Counts the first run of a profile.</summary>
    /// <param name="profile">Executions of nodes with the number of their run.</param>
    /// <param name="graph">The nodes of the model's file; null where its format is not read.</param>
    public static MacCount Of(IEnumerable<(int Run, ProfiledNode Node)> profile, ModelGraph? graph)
    {
        Dictionary<string, OperatorMacs> known = [], unknown = [];
        Dictionary<string, double> shares = new(StringComparer.Ordinal);
        double wide = 0, half = 0, narrow = 0;
        bool quantized = false;
        foreach (var (run, ran) in profile)
        {
            if (run > 0)
                break;
            quantized |= ran.Operator == "DequantizeLinear";
            var node = graph?.Find(ran.Name, ran.Index, ran.Operator);
            double? macs = MacFormulas.Of(ran, node);
            if (macs == 0)
                continue;
            if (macs is { } counted && node is not { IsSpared: true })
            {
                double least = counted * LeastWork.Share(ran, node);
                if (IsNarrow(ran))
                    narrow += least;
                else if (ran.Inputs is [{ Type: "float16" or "bfloat16" }, ..])
                    half += least;
                else
                    wide += least;
                if (node is { Weight: { Length: > 0 } weight })
                    shares[weight] = Math.Max(shares.GetValueOrDefault(weight), LeastWork.ShareOfWeight(ran, node));
            }

            var of = macs is null ? unknown : known;
            var before = of.GetValueOrDefault(ran.Operator) ?? new(ran.Operator, 0, 0);
            of[ran.Operator] = before with { Executions = before.Executions + 1, Macs = before.Macs + (macs ?? 0) };
        }

        return new([.. known.Values.OrderByDescending(static one => one.Macs).ThenBy(static one => one.Operator, StringComparer.Ordinal)], [.. unknown.Values.OrderBy(static one => one.Operator, StringComparer.Ordinal)])
        {
            AtFloatRate = quantized ? (wide + half + narrow) / NarrowFactor : wide + (half / HalfFactor) + (narrow / NarrowFactor),
            ReadShares = shares,
            Graph = graph,
        };
    }

    // Some take floats and pack them themselves, so the type of the first input does not tell.
    private static bool IsNarrow(ProfiledNode ran) => ran.Operator is
        "QLinearConv" or "ConvInteger" or "NhwcConvInteger" or "QLinearMatMul" or "MatMulInteger" or "MatMulIntegerToFloat" or "DynamicQuantizeMatMul" or "DynamicQuantizeLSTM"
        or "QGemm" or "QAttention" or "QMoE" or "MatMulNBits" or "MatMulBnb4" or "MatMulFpQ4";
}
