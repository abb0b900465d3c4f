using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>
/// The one reader and the one writer of numbers with units. Sizes are powers of 1000 (<c>B kB MB GB TB</c>) or of 1024
/// (<c>KiB MiB GiB TiB</c>), times <c>ns us ms s min</c>, counts bare or with <c>K M B T</c>, rates <c>/s</c>, shares percentages, ratios bare.
/// Values are in base units (bytes, seconds, counts, fractions) and no culture has a say.
/// </summary>
public static class Quantity
{
    /// <summary>The largest value that is read: 2^53, up to which a double holds every whole number exactly.</summary>
    public const double Largest = 9_007_199_254_740_992;

    private const int LongestText = 64;
    private const string Number = @"(0|[1-9][0-9]*)(\.[0-9]+)?";
    private const string Plain = "0.############################";
    private const string Grouped = "#,0.############################";
    private const string WholeNumber = "(0|[1-9][0-9]*)";

    /// <summary>Ascending within each of the two ladders of sizes; the ones that are not printed are only read.</summary>
    private sealed record Symbol(string Text, decimal Factor, bool Printed = true);

    private static readonly Symbol[] Sizes =
    [
        new("B", 1), new("kB", 1_000), new("MB", 1_000_000), new("GB", 1_000_000_000), new("TB", 1_000_000_000_000),
        new("KiB", 1L << 10, false), new("MiB", 1L << 20, false), new("GiB", 1L << 30, false), new("TiB", 1L << 40, false),
    ];

    private static readonly Symbol[] Times = [new("ns", 1e-9m), new("us", 1e-6m), new("ms", 1e-3m), new("s", 1), new("min", 60, false)];
    private static readonly Symbol[] Counts = [new("", 1), new("K", 1_000), new("M", 1_000_000), new("B", 1_000_000_000), new("T", 1_000_000_000_000)];
    private static readonly Symbol[] BitCounts = [new("", 1, false), new("bits", 1)];
    private static readonly Symbol[] Shares = [new("%", 0.01m)];
    private static readonly Symbol[] Rates = [new("/s", 1)];
    private static readonly Symbol[] Ratios = [new("", 1)];
    private static readonly Symbol[] Decibels = [new("dB", 1)];
    private static readonly Symbol[] Bandwidths = [new("kB/s", 1_000), new("MB/s", 1_000_000), new("GB/s", 1_000_000_000), new("TB/s", 1_000_000_000_000)];
    private static readonly Symbol[] Computes = [new("MFLOP/s", 1_000_000), new("GFLOP/s", 1_000_000_000), new("TFLOP/s", 1_000_000_000_000)];
    private static readonly Symbol[] BitRates = [new("kbit/s", 1_000), new("Mbit/s", 1_000_000), new("Gbit/s", 1_000_000_000)];

    /// <summary>Reads a non-negative number with its unit.</summary>
    /// <param name="text">As written, such as <c>50 MB</c>; at most one space stands before the unit.</param>
    /// <param name="unit">What kind of value is expected.</param>
    /// <param name="value">The value in the base unit; never negative, infinite or NaN.</param>
    /// <param name="error">Why it is refused, with the form that would be right.</param>
    public static bool TryParse(string text, Unit unit, out double value, [NotNullWhen(false)] out string? error)
    {
        value = 0;
        var (whole, end) = ScanNumber(text);
        // What follows the digits of 1:30, 1,5 or 1_000 belongs to the number: repeating the digits with a unit would mislead.
        if (end == 0 || text.Length > LongestText || (end < text.Length && text[end] is ':' or ',' or '_' or '.' or '\''))
        {
            error = $"{Quote(text)} is not {Kind(unit)}: write {Example(unit)}";
            return false;
        }

        var number = text[..end];
        var symbolText = text[end..];
        if (symbolText.StartsWith(' '))
            symbolText = symbolText.Length > 1 ? symbolText[1..] : " ";
        if (Array.Find(Symbols(unit), candidate => candidate.Text == symbolText) is not { } symbol)
        {
            error = symbolText.Length == 0
                ? $"{Quote(text)} has no unit: write {Alternatives(number, unit)}"
                : $"{Quote(text)} is not {Kind(unit)}: {Mistake(symbolText, unit)}write {Alternatives(number, unit)}";
            return false;
        }

        if (!whole && symbol.Factor == 1 && IsDiscrete(unit))
        {
            error = $"{Quote(text)} is not a whole number of {(unit == Unit.Bytes ? "bytes" : "things")}: write {Example(unit)}";
            return false;
        }

        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var digits) || digits > 9_007_199_254_740_992m / symbol.Factor)
        {
            error = $"{Quote(text)} is too large: the largest is {FormatExact(Largest, unit)}";
            return false;
        }

        value = (double)(digits * symbol.Factor);
        error = null;
        return true;
    }

    /// <summary>Writes a value for people: three significant digits and the unit that suits, such as <c>12.3 MB</c>, <c>12.4 ms</c>, <c>25.6 M</c>, <c>90 %</c>.</summary>
    /// <param name="value">In the base unit.</param>
    /// <param name="unit">The base unit.</param>
    public static string Format(double value, Unit unit) => Format(value, unit, 3);

    /// <summary>As <see cref="Format(double, Unit)"/>, with as many digits as it takes to tell the value from another one beside it.</summary>
    /// <param name="value">In the base unit.</param>
    /// <param name="unit">The base unit.</param>
    /// <param name="apartFrom">The other value, such as the limit it is compared with.</param>
    public static string Format(double value, Unit unit, double apartFrom)
    {
        for (var digits = 3; digits < 15; digits++)
        {
            var text = Format(value, unit, digits);
            if (value.Equals(apartFrom) || text != Format(apartFrom, unit, digits))
                return text;
        }

        return Format(value, unit, 15);
    }

    /// <summary>Writes a share in percent.</summary>
    /// <param name="share">1 is 100 %.</param>
    /// <param name="digits">A numeric format; null for whole percents, and tenths below ten.</param>
    public static string Percent(double share, string? digits = null) =>
        (share * 100).ToString(digits ?? (share < 0.1 ? "0.0" : "0"), CultureInfo.InvariantCulture) + " %";

    /// <summary>Writes a value in its base unit with every digit: <c>12,345,678 bytes</c>, <c>25,557,032</c>, <c>0.0123 s</c>, <c>12.34 %</c>.</summary>
    /// <param name="value">In the base unit.</param>
    /// <param name="unit">The base unit.</param>
    public static string FormatExact(double value, Unit unit)
    {
        var number = unit == Unit.Share ? Digits(value * 100, 15, Grouped) : Digits(value, 17, Grouped);
        return unit switch
        {
            Unit.Bytes => number + (number == "1" ? " byte" : " bytes"),
            Unit.Bits => number + (number == "1" ? " bit" : " bits"),
            Unit.Seconds => number + " s",
            Unit.Rate => number + " /s",
            Unit.Share => number + " %",
            Unit.Decibels => number + " dB",
            Unit.Bandwidth => number + " B/s",
            Unit.Compute => number + " FLOP/s",
            Unit.BitRate => number + " bit/s",
            _ => number,
        };
    }

    /// <summary>An example of how a value of this unit is written, in backquotes, such as <c>`50 MB` or `48 MiB`</c>.</summary>
    public static string Example(Unit unit) => unit switch
    {
        Unit.Bytes => "`50 MB` or `48 MiB`",
        Unit.Seconds => "`12 ms` or `1.5 s`",
        Unit.Count => "`25M` or `25000000`",
        Unit.Bits => "`4.5`",
        Unit.Share => "`90%`",
        Unit.Rate => "`200/s`",
        Unit.Decibels => "`30 dB`",
        Unit.Bandwidth => "`51 GB/s`",
        Unit.Compute => "`80 GFLOP/s`",
        Unit.BitRate => "`50 Mbit/s`",
        _ => "`0.95`",
    };

    /// <summary>A regular expression (of the dialect that JSON schemas use) that matches what <see cref="TryParse"/> reads, but for its upper bound.</summary>
    public static string Pattern(Unit unit)
    {
        var symbols = Symbols(unit);
        var wholeOnly = IsDiscrete(unit);
        var suffixes = string.Join('|', Array.ConvertAll(Array.FindAll(symbols, symbol => symbol.Text.Length > 0 && !(wholeOnly && symbol.Factor == 1)), symbol => symbol.Text));
        var alternatives = new List<string>();
        if (suffixes.Length > 0)
            alternatives.Add($"{Number} ?({suffixes})");
        if (wholeOnly)
            alternatives.Add(unit == Unit.Bytes ? WholeNumber + " ?B" : WholeNumber);
        else if (Array.Exists(symbols, symbol => symbol.Text.Length == 0))
            alternatives.Add(Number);
        return $"^({string.Join('|', alternatives)})$";
    }

    /// <summary>The length of the number that the text begins with, 0 where it is none: digits without a leading zero, and at most one point with digits on both sides.</summary>
    private static (bool Whole, int End) ScanNumber(string text)
    {
        var end = 0;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        if (end == 0 || (end > 1 && text[0] == '0'))
            return (false, 0);
        if (end == text.Length || text[end] != '.')
            return (true, end);
        var point = end++;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end == point + 1 ? (false, 0) : (false, end);
    }

    /// <summary>One byte and one thing cannot be divided; everything else can.</summary>
    private static bool IsDiscrete(Unit unit) => unit is Unit.Bytes or Unit.Count;

    private static Symbol[] Symbols(Unit unit) => unit switch
    {
        Unit.Bytes => Sizes,
        Unit.Seconds => Times,
        Unit.Count => Counts,
        Unit.Bits => BitCounts,
        Unit.Share => Shares,
        Unit.Rate => Rates,
        Unit.Decibels => Decibels,
        Unit.Bandwidth => Bandwidths,
        Unit.Compute => Computes,
        Unit.BitRate => BitRates,
        _ => Ratios,
    };

    private static string Kind(Unit unit) => unit switch
    {
        Unit.Bytes => "a size",
        Unit.Seconds => "a time",
        Unit.Count => "a count",
        Unit.Bits => "a number of bits",
        Unit.Share => "a percentage",
        Unit.Rate => "a rate",
        Unit.Decibels => "a number of decibels",
        Unit.Bandwidth => "a bandwidth",
        Unit.Compute => "a rate of arithmetic",
        Unit.BitRate => "a bit rate",
        _ => "a ratio",
    };

    private static string Alternatives(string number, Unit unit) => unit switch
    {
        Unit.Bytes => $"`{number} MB` (10^6 bytes) or `{number} MiB` (2^20 bytes)",
        Unit.Seconds => $"`{number} ms` or `{number} s`",
        Unit.Count => $"`{number}M` for millions or the bare number",
        Unit.Bits => $"`{number}`",
        Unit.Share => Percentages(number),
        Unit.Rate => $"`{number}/s`",
        Unit.Decibels => $"`{number} dB`",
        Unit.Bandwidth => $"`{number} GB/s`",
        Unit.Compute => $"`{number} GFLOP/s`",
        Unit.BitRate => $"`{number} Mbit/s`",
        _ => $"the bare number, such as `{number}`",
    };

    // Whoever writes 0.9 means nine tenths: less than one percent is hardly ever a limit.
    private static string Percentages(string number) => decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is > 0 and < 1
        ? $"`{(share * 100).ToString(Plain, CultureInfo.InvariantCulture)}%`, or `{number}%` where that is meant"
        : $"`{number}%`";

    private static string Mistake(string symbol, Unit unit)
    {
        if (Array.Find(Symbols(unit), candidate => candidate.Text.Equals(symbol, StringComparison.OrdinalIgnoreCase)) is not { } near)
            return $"`{symbol.Trim()}` is no unit of it; ";
        // kb, Mb, Gb are the field's abbreviations of bits.
        return unit == Unit.Bytes && symbol.EndsWith('b') ? $"`{symbol}` would be bits; " : $"did you mean `{near.Text}`? Otherwise ";
    }

    private static string Format(double value, Unit unit, int digits)
    {
        if (!double.IsFinite(value))
            return value.ToString(CultureInfo.InvariantCulture);
        // Rounded first, so that 999.9 kB becomes 1 MB and not 1000 kB.
        var rounded = double.Parse(value.ToString("E" + (digits - 1), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var printed = Array.FindAll(Symbols(unit), symbol => symbol.Printed);
        var symbol = Array.FindLast(printed, symbol => (double)symbol.Factor <= Math.Abs(rounded)) ?? printed[0];
        var number = Digits(rounded / (double)symbol.Factor, digits, Plain);
        return symbol.Text.Length == 0 ? number : number + " " + symbol.Text;
    }

    /// <summary>Significant digits, never with an exponent where a decimal can hold the value.</summary>
    private static string Digits(double value, int significant, string format)
    {
        var text = value.ToString("G" + significant, CultureInfo.InvariantCulture);
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString(format, CultureInfo.InvariantCulture)
            : text;
    }

    private static string Quote(string text) => text.Length <= LongestText ? $"`{text}`" : $"`{text[..LongestText]}…`";
}
