using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Models;
using NuGet.Versioning;

namespace ModelGate.Policies;

/// <summary>The single values of the policy language: what each looks like, and how its text is read.</summary>
internal static class PolicyValues
{
    /// <summary>What a baseline on disk begins with.</summary>
    internal const string FileSource = "file:";

    private const int MostDigits = 9;

    /// <summary>What baselines of later versions begin with.</summary>
    internal static readonly string[] LaterSources = ["git:", "nuget:"];

    internal static readonly PolicyShape.Value LanguageVersion = OneOf("1");

    internal static readonly PolicyShape.Value Flag = OneOf("true", "false");

    internal static readonly PolicyShape.Value Reaction = OneOf("ignore", "warn", "error");

    internal static readonly PolicyShape.Value Provider = OneOf([.. ExecutionProvider.Names]);

    internal static readonly PolicyShape.Value ElementType = OneOf(DataTypes.Names);

    internal static readonly PolicyShape.Value VersionRangeText = new("a NuGet version range such as `[1.0, 2.0)`",
        text => VersionRange.TryParse(text, out _) ? null : $"`{text}` is not a NuGet version range: write `[1.0, 2.0)` for 1.0 up to but not 2.0, or `1.20` for 1.20 and later",
        @"^[\[(]?[0-9*., A-Za-z+-]*[0-9*][0-9*., A-Za-z+-]*[\])]?$")
    { Number = new(false, 0) };

    internal static readonly PolicyShape.Value WarnLevel = new("a percentage of the limit such as `90%`",
        text => !Quantity.TryParse(text, Unit.Share, out var share, out var error) ? error
            : share is < 0.01 or > 1 ? $"`{text}` is not between `1%` and `100%`" : null,
        @"^(100(\.0+)?|[1-9][0-9]?(\.[0-9]+)?) ?%$");

    internal static readonly PolicyShape.Value Confidence = new("`95%`, `99%` or `99.9%`",
        text => Quantity.TryParse(text, Unit.Share, out var share, out _) && share is 0.95 or 0.99 or 0.999 ? null
            : $"`{text}` is not one of `95%`, `99%`, `99.9%`, the levels that a verdict is worked out for",
        @"^(95(\.0+)?|99(\.0+)?|99\.90*) ?%$");

    internal static readonly PolicyShape.Value Increase = new("a percentage such as `5%`",
        text => Quantity.TryParse(text, Unit.Share, out _, out var error) ? null : error, Quantity.Pattern(Unit.Share));

    /// <summary>Where a baseline comes from. Sources of later versions pass here: <see cref="PolicyNames"/> says what they are.</summary>
    internal static readonly PolicyShape.Value BaselineSource = new($"`{FileSource}` and a model or a folder of models, such as `{FileSource}released`",
        text => LaterSources.Any(source => text.StartsWith(source, StringComparison.Ordinal)) ? null
            : !text.StartsWith(FileSource, StringComparison.Ordinal) ? $"`{text}` does not say where the baseline is: write `{FileSource}` and a path, such as `{FileSource}released`"
            : GlobPath.IsGlob(text) ? $"`{text}` is a glob, and a baseline is one model or one folder: write its path"
            : text[^1] == '/' ? $"`{text}` ends in a slash: write `{text.TrimEnd('/')}`"
            : GlobPath.Refuse(text[FileSource.Length..]),
        "^" + FileSource + GlobPath.Pattern[1..]);

    internal static readonly PolicyShape.Value MaxTime = new("a time such as `60 s`",
        text => !Quantity.TryParse(text, Unit.Seconds, out var seconds, out var error) ? error
            : seconds is < 1 or > 86_400 ? $"`{text}` is not between `1 s` and `1440 min`" : null,
        Quantity.Pattern(Unit.Seconds));

    internal static readonly PolicyShape.Value Count = new("a whole number such as `4`",
        text => ReadWhole(text) is >= 1 and <= 9999 ? null : $"`{text}` is not a whole number from 1 to 9999", "^[1-9][0-9]{0,3}$")
    { Number = new(true, 1, 9999) };

    internal static readonly PolicyShape.Value Cores = new("a number of cores such as `4` or `1.5`",
        text => ReadSigned(text) is > 0 and <= 9999 ? null : $"`{text}` is not a number of cores: write `4`, or `1.5` where a quota allows that", @"^(0\.[0-9]{1,3}|[1-9][0-9]{0,3}(\.[0-9]{1,3})?)$")
    { Number = new(false, 0, 9999) };

    internal static readonly PolicyShape.Value Size = new("a size such as `16 GB`",
        text => Quantity.TryParse(text, Unit.Bytes, out _, out var error) ? null : error, Quantity.Pattern(Unit.Bytes));

    internal static readonly PolicyShape.Value Architecture = OneOf("x64", "arm64", "x86", "arm");

    internal static readonly PolicyShape.Value Dimension = new("a whole number or the name of a dimension, such as `640` or `seq`", RefuseDimension,
        @"^(0|[1-9][0-9]{0,8}|[^\s0-9+.-].*)$")
    { Number = new(true, 0, 999_999_999) };

    internal static readonly PolicyShape.Value SignedNumber = new("a number such as `-1` or `0.5`",
        text => ReadSigned(text) is null ? $"`{text}` is not a number: write digits, such as `-1` or `0.5`" : null,
        @"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$")
    { Number = new(false) };

    /// <summary>A limit of a metric: only the metric knows its unit, so <see cref="BudgetReader"/> reads the text.</summary>
    internal static readonly PolicyShape.Value Limit = new("a number with its unit such as `50 MB`", _ => null, ".");

    internal static readonly PolicyShape.Value Words = new("text", text => text.Length == 0 ? "the text is empty" : null, ".") { Number = new(false) };

    internal static readonly PolicyShape.Value Name = new("a name such as `detector`",
        text => text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-') ? null
            : $"`{text}` is not a name: use letters, digits, `-` and `_`",
        "^[A-Za-z0-9_-]+$")
    { Error = Diagnostics.InvalidName, Number = new(false) };

    internal static readonly PolicyShape.Value ModelName = Name with
    {
        Refuse = text => text is "package" or "total" ? $"`{text}` is reserved; choose another name" : Name.Refuse(text),
        Pattern = "^(?!(package|total)$)[A-Za-z0-9_-]+$",
    };

    internal static readonly PolicyShape.Value Glob = new("a path or glob such as `models/*.onnx`", GlobPath.Refuse, GlobPath.Pattern) { Number = new(false) };

    internal static readonly PolicyShape.Value DataFile = new("a path such as `samples/pixels.npy`",
        text => text.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) || text.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) ? null : $"`{text}` is neither a .npy nor a .npz file",
        @"\.[nN][pP][yYzZ]$");

    internal static readonly PolicyShape.Value MemorySize = Positive(Unit.Bytes, "a size");

    internal static readonly PolicyShape.Value Bandwidth = Positive(Unit.Bandwidth, "a bandwidth");

    internal static readonly PolicyShape.Value Compute = Positive(Unit.Compute, "a rate of arithmetic");

    internal static readonly PolicyShape.Value Downlink = Positive(Unit.BitRate, "a bit rate");

    internal static readonly PolicyShape.Value Codec = OneOf("gzip", "deflate", "brotli");

    internal static readonly PolicyShape.Value SampleFile = new("a path such as `samples/eval.npz`",
        text => text.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) ? null : $"`{text}` is no .npz file", @"\.[nN][pP][zZ]$");

    internal static readonly PolicyShape.Value RelatedModel = new("the path of a model such as `models/teacher.onnx`",
        text => GlobPath.IsGlob(text) ? $"`{text}` is a glob, and this is one model: write its path" : GlobPath.Refuse(text), GlobPath.Pattern)
    { Number = new(false) };

    /// <summary>A whole number of at most nine digits without a leading zero, or null.</summary>
    internal static int? ReadWhole(string text) =>
        text.Length is > 0 and <= MostDigits && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0') ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>A decimal number with an optional minus sign, or null.</summary>
    internal static double? ReadSigned(string text)
    {
        var digits = text.StartsWith('-') ? text[1..] : text;
        return digits.Length is > 0 and <= 37 && char.IsAsciiDigit(digits[0]) && Quantity.TryParse(digits, Unit.Ratio, out _, out _)
            ? double.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture)
            : null;
    }

    private static PolicyShape.Value Positive(Unit unit, string what) => new($"{what} such as {Quantity.Example(unit)}",
        text => !Quantity.TryParse(text, unit, out var value, out var error) ? error : value > 0 ? null : $"`{text}` is nothing: write {Quantity.Example(unit)}", Quantity.Pattern(unit));

    private static string? RefuseDimension(string text)
    {
        if (text.Length == 0)
            return "the dimension is empty: write a whole number or the name of the dimension";
        var isName = !char.IsAsciiDigit(text[0]) && !char.IsWhiteSpace(text[0]) && text[0] is not ('-' or '+' or '.');
        return isName || ReadWhole(text) >= 0 ? null : $"`{text}` is not a dimension: write a whole number from 0 (nothing, as of an empty cache) to 999999999, or the name of the dimension";
    }

    private static PolicyShape.Value OneOf(params string[] choices)
    {
        var form = (choices.Length == 1 ? "" : "one of ") + string.Join(", ", Array.ConvertAll(choices, choice => $"`{choice}`"));
        return new(form, text => Array.IndexOf(choices, text) >= 0 ? null : $"`{text}` is not {form}.{Spelling.DidYouMean(text, choices)}", "") { Choices = choices };
    }
}
