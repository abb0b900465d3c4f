using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Tests.Gating;

/// <summary>Budgets as a policy would hold them, at made-up lines.</summary>
internal static class Budgets
{
    public static Budget Of(string metric, string limit, string? warn = null, bool optional = false, int line = 7)
    {
        var known = MetricCatalogue.Find(metric)!;
        var at = new SourceLocation("modelgate.yml", line, 7);
        return new(known, Parse(limit), warn is null ? null : Parse(warn), null, optional, at);

        Written<double> Parse(string text) =>
            Quantity.TryParse(text, known.Unit, out double value, out string? error) ? new(value, text, at) : throw new FormatException(error);
    }

    /// <summary>A budget on an increase, such as 5%.</summary>
    public static Budget OnIncrease(string metric, string limit, bool optional = false, int line = 7)
    {
        var at = new SourceLocation("modelgate.yml", line, 7);
        return Quantity.TryParse(limit, Unit.Share, out double share, out string? error)
            ? new(MetricCatalogue.Find(metric)!, new(share, limit, at), null, null, optional, at) { OnIncrease = true }
            : throw new FormatException(error);
    }
}
