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

    /// <summary>Counts the first run of a profile.</summary>
    /// <param name="profile">Executions of nodes with the number of their run.</param>
    /// <param name="graph">The nodes of the model's file; null where its format is not read.</param>
    public static MacCount Of(IEnumerable<(int Run, ProfiledNode Node)> profile, ModelGraph? graph)
    {
        Dictionary<string, OperatorMacs> known = [], unknown = [];
        foreach (var (run, ran) in profile)
        {
            if (run > 0)
                break;
            double? macs = MacFormulas.Of(ran, graph?.Find(ran.Name, ran.Index, ran.Operator));
            if (macs == 0)
                continue;
            var of = macs is null ? unknown : known;
            var before = of.GetValueOrDefault(ran.Operator) ?? new(ran.Operator, 0, 0);
            of[ran.Operator] = before with { Executions = before.Executions + 1, Macs = before.Macs + (macs ?? 0) };
        }

        return new([.. known.Values.OrderByDescending(static one => one.Macs).ThenBy(static one => one.Operator, StringComparer.Ordinal)], [.. unknown.Values.OrderBy(static one => one.Operator, StringComparer.Ordinal)]);
    }
}
