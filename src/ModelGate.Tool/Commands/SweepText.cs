using System.Globalization;
using ModelGate.Measuring;

namespace ModelGate.Tool.Commands;

/// <summary>Dimensions, their sizes and shapes as a command line writes them.</summary>
internal static class SweepText
{
    private const int LargestSize = 9_999_999, MostSizes = 32;

    /// <summary>Reads <c>seq=128</c>; null where it is something else.</summary>
    public static WorkerDimension? Dimension(string text) => Split(text) is var (name, size) && Size(size, least: 0) is { } number ? new(name, number) : null;

    /// <summary>Reads <c>seq=32,64,128</c> or <c>seq=1..512</c>, which doubles from one to the other; null where it is something else.</summary>
    public static Sweep? Sweep(string text)
    {
        if (Split(text) is not var (name, sizes))
            return null;
        int?[] read = sizes.Split("..") is [var from, var to] ? Doubling(Size(from), Size(to)) : [.. sizes.Split(',').Select(static size => Size(size))];
        int[] distinct = [.. read.OfType<int>().Distinct().Order()];
        return distinct.Length == read.Length && distinct.Length is >= Measuring.Sweep.FewestSizes and <= MostSizes ? new(name, distinct) : null;
    }

    /// <summary>Reads <c>pixels=1,3,224,224</c>, with sizes or names of dimensions; null where it is something else.</summary>
    public static WorkerInput? Shape(string text) =>
        Split(text) is var (name, sizes) && sizes.Split(',', StringSplitOptions.TrimEntries) is var shape && Array.TrueForAll(shape, static size => size.Length > 0 && (Size(size, least: 0) is not null || !(char.IsAsciiDigit(size[0]) || size[0] is '-' or '+')))
            ? new(name, shape, null, null, null)
            : null;

    /// <summary>Reads <c>ids=0,999</c>, or <c>sr=16000</c> for a single value; null where it is something else.</summary>
    public static WorkerInput? Range(string text) => Split(text) is not var (name, values) ? null : values.Split(',') switch
    {
        [var low, var high] when Value(low) is { } from && Value(high) is { } to && from <= to => new(name, null, null, from, to),
        [var single] when Value(single) is { } value => new(name, null, null, value, value),
        _ => null,
    };

    private static double? Value(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    private static int?[] Doubling(int? from, int? to)
    {
        List<int?> sizes = [];
        for (int? size = from; size <= to; size *= 2)
            sizes.Add(size);
        return [.. sizes];
    }

    private static (string Name, string Value)? Split(string text) =>
        text.LastIndexOf('=') is > 0 and var at ? (text[..at], text[(at + 1)..]) : null;

    // Nothing is a size as well: a language model begins with an empty cache. Over a sweep nothing grows from it.
    private static int? Size(string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size >= least && size <= LargestSize ? size : null;

    private static int? Size(string text) => Size(text, least: 1);
}
