using ModelGate.Gating;

namespace ModelGate.Benchmarks.Study;

/// <summary>How a gate ended.</summary>
/// <param name="Verdict">Its verdict.</param>
/// <param name="Seconds">Seconds it took.</param>
internal readonly record struct GateEnd(Verdict Verdict, double Seconds);

/// <summary>How many gates ended.</summary>
internal sealed class GateEnds(GateEnd[] gates)
{
    /// <summary>Share of the gates with a verdict, within a time in seconds.</summary>
    public double Share(Verdict verdict, double within = double.PositiveInfinity) =>
        (double)gates.Count(gate => gate.Verdict == verdict && gate.Seconds <= within) / gates.Length;

    /// <summary>Seconds within which a share of the gates were over, whatever their verdict.</summary>
    public double Within(double share)
    {
        double[] seconds = [.. gates.Select(gate => gate.Seconds).Order()];
        return seconds[Math.Min(seconds.Length - 1, (int)(share * seconds.Length))];
    }
}
