using System.Globalization;
using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>Durations of measuring, in words.</summary>
internal static class Duration
{
    /// <summary>Such as "12.4 ms", "0.4 s" or "74 s".</summary>
    public static string Text(double seconds) =>
        seconds < 0.1 ? Quantity.Format(seconds, Unit.Seconds) : seconds.ToString(seconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " s";
}
