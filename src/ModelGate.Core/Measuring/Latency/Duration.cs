using System.Globalization;

namespace ModelGate.Measuring;

/// <summary>Durations of measuring, in words.</summary>
internal static class Duration
{
    /// <summary>Such as "0.4 s" or "74 s".</summary>
    public static string Text(double seconds) => seconds.ToString(seconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " s";
}
