using System.Globalization;

namespace ModelGate.Gating;

/// <summary>Increases in words. An increase is a share: 0.05 is 5 % more.</summary>
public static class Increase
{
    /// <summary>With its sign, such as "+7.2 %", "-0.31 %" or "+104 %".</summary>
    public static string Text(double increase) => (increase < 0 ? "-" : "+") + Size(increase);

    /// <summary>Such as "7.2 % slower" or "0.31 % faster".</summary>
    public static string Slower(double increase) => $"{Size(increase)} {(increase < 0 ? "faster" : "slower")}";

    /// <summary>Without its sign: two significant digits, and a hundredth of a percent at the finest; whole limits as they are written.</summary>
    public static string Size(double increase)
    {
        double percent = Math.Abs(increase) * 100;
        return !double.IsFinite(percent) ? "any %" : percent.ToString(percent < 0.995 ? "0.##" : percent < 9.95 ? "0.#" : "#,0", CultureInfo.InvariantCulture) + " %";
    }

    /// <summary>What a noise floor means for an allowed increase, in a sentence.</summary>
    /// <param name="limit">The increase that is allowed; null where none is written.</param>
    /// <param name="floor">The smallest increase that can be told from none.</param>
    public static string BelowFloor(double? limit, double floor) => limit is { } allowed && allowed < floor
        ? $"A max_increase of {Size(allowed)} is below it: differences that small cannot be told from none here. Write {Above(floor)} or more, or measure on a quieter machine."
        : $"The smallest max_increase that is worth writing here is {Above(floor)}.";

    // As a policy writes it, rounded up to a tenth of a percent.
    private static string Above(double floor) => $"`max_increase: {(Math.Ceiling(floor * 1000) / 10).ToString("0.0", CultureInfo.InvariantCulture)}%`";
}
