using System.Globalization;

namespace ModelGate.Measuring;

// Compiled into the worker as well: what is fed and what is told of it must be the same.

/// <summary>A size as a sum of others: each name times its factor, and a constant.</summary>
/// <param name="Terms">The names, in the order that they stand in.</param>
/// <param name="Constant">What is added to them.</param>
public sealed record DimensionSum(IReadOnlyList<(string Name, long Factor)> Terms, long Constant)
{
    /// <summary>As it is written, such as <c>past_sequence_length + 1</c>.</summary>
    public string Text => string.Join(" + ", [.. Terms.Select(static term => term.Factor == 1 ? term.Name : string.Create(CultureInfo.InvariantCulture, $"{term.Factor} × {term.Name}")), .. Constant == 0 ? (string[])[] : [Constant.ToString(CultureInfo.InvariantCulture)]]);

    /// <summary>The size where each name is as large as somebody says, or 1; null where that is less than 0, or is 0 and nobody says so.</summary>
    public long? Of(Func<string, long?> said)
    {
        long size = Terms.Sum(term => term.Factor * (said(term.Name) ?? 1)) + Constant;
        return size > 0 || (size == 0 && Terms.All(term => said(term.Name) is not null)) ? size : null;
    }

    /// <summary>How large a name has to be for the sum to come to a size: the first one that nobody says, the others being 1; null for any other name.</summary>
    public long? Left(string name, long size, Func<string, long?> said)
    {
        foreach (var (each, factor) in Terms.SkipWhile(term => said(term.Name) is not null).Take(1))
        {
            long rest = size - Constant - Terms.Where(term => term.Name != each).Sum(term => term.Factor * (said(term.Name) ?? 1));
            if (each == name && rest >= 0 && rest % factor == 0)
                return rest / factor;
        }

        return null;
    }
}

/// <summary>
/// Open dimensions whose sizes follow from others'. Exporters say so in names: <c>past_sequence_length + 1</c>, <c>2*s0</c>,
/// <c>total_sequence_length</c> beside <c>past_sequence_length</c>. Of a language model with a cache an attention mask covers what is cached and
/// what is new, whatever its dimension is called.
/// </summary>
public sealed class DimensionSums
{
    private const string Total = "total_", Past = "past";
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> inputs;
    private readonly Dictionary<string, DimensionSum> sums = [];
    private readonly ILookup<string, string> wholes;

    /// <summary>Finds them.</summary>
    /// <param name="inputs">The dimensions of each input by its name: a number, a symbolic name, or nothing or a question mark for one without a name.</param>
    public DimensionSums(IReadOnlyDictionary<string, IReadOnlyList<string>> inputs)
    {
        this.inputs = inputs;
        foreach (string name in inputs.Values.SelectMany(static dims => dims).Where(static size => !IsNameless(size)))
        {
            if (Parse(name) is { } sum)
                sums[name] = sum;
        }

        HashSet<string> names = [.. inputs.SelectMany(input => input.Value.Select((size, axis) => NameOf(input.Key, axis, size)))];
        foreach (string total in names.Where(static name => name.StartsWith(Total, StringComparison.Ordinal)))
        {
            string part = total[Total.Length..], past = $"{Past}_{part}";
            if (names.Contains(part) && names.Contains(past))
                sums[total] = new([(past, 1), (part, 1)], 0);
        }

        if (Mask() is var (mask, covered))
            sums.TryAdd(mask, covered);
        wholes = sums.SelectMany(static sum => sum.Value.Terms.Select(term => (term.Name, Whole: sum.Key))).ToLookup(static pair => pair.Name, static pair => pair.Whole);
    }

    /// <summary>What the open dimension of an input is called: as it is, or by its place where it has no name.</summary>
    public string NameOf(string input, int axis, string declared)
    {
        if (IsNameless(declared))
            return string.Create(CultureInfo.InvariantCulture, $"dimension {axis} of '{input}'");
        // Older exporters give what is cached the name of what comes out, the cached and the new together.
        return IsCache(input) && sums.TryGetValue(declared, out var sum) && sum.Terms.FirstOrDefault(static term => term.Name.StartsWith(Past, StringComparison.Ordinal)).Name is { } past ? past : declared;
    }

    /// <summary>The sum that a dimension is; null where it follows from nothing.</summary>
    public DimensionSum? Of(string name) => sums.GetValueOrDefault(name);

    /// <summary>How large a dimension is: as somebody says, or as follows from the sizes that somebody says of others, which are 1 where nobody does; null where nothing follows.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="said">The size that somebody says of a dimension; null where nobody does.</param>
    public long? Size(string name, Func<string, long?> said)
    {
        if (said(name) is { } size)
            return size;
        if (Of(name) is { } sum)
            return sum.Of(said);
        return wholes[name].Select(whole => said(whole) is { } all ? sums[whole].Left(name, all, said) : null).FirstOrDefault(static left => left is not null);
    }

    private static bool IsNameless(string size) => size is "" or "?";

    private bool IsCache(string input) => input.StartsWith(Past, StringComparison.OrdinalIgnoreCase) && inputs[input].Count >= 3;

    // Where its name says nothing: as long as the cache of the decoder itself (heads and values stand around its length) and the new tokens together.
    private (string Name, DimensionSum Sum)? Mask()
    {
        // Each mask with its own tokens: beside a decoder's, `attention_mask` may be the encoder's.
        string? tokens = inputs.Keys.FirstOrDefault(static name => name is "decoder_input_ids") ?? inputs.Keys.FirstOrDefault(static name => name is "input_ids" or "inputs_embeds");
        string? mask = inputs.Keys.FirstOrDefault(name => name == (tokens == "decoder_input_ids" ? "decoder_attention_mask" : "attention_mask"));
        string? cache = inputs.Keys.FirstOrDefault(name => IsCache(name) && !name.Contains("encoder.", StringComparison.Ordinal) && !name.Contains("cross", StringComparison.Ordinal) && !IsNumber(inputs[name][^2]));
        if (mask is null || tokens is null || cache is null || inputs[mask].Count != 2 || inputs[tokens].Count < 2)
            return null;
        int axis = inputs[cache].Count - 2;
        var (covered, fresh, cached) = (inputs[mask][1], inputs[tokens][1], inputs[cache][axis]);
        if (IsNumber(covered) || (!IsNameless(covered) && (covered == fresh || covered == cached)))
            return null;
        string past = NameOf(cache, axis, cached);
        return (NameOf(mask, 1, covered), long.TryParse(fresh, NumberStyles.None, CultureInfo.InvariantCulture, out long one) ? new([(past, 1)], one) : new([(past, 1), (NameOf(tokens, 1, fresh), 1)], 0));
    }

    /// <summary>True of a size that is written as a number.</summary>
    public static bool IsNumber(string size) => long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    // Sums of names, numbers and their products; a minus is one only between spaces, since names hold hyphens.
    private static DimensionSum? Parse(string name)
    {
        List<(string Name, long Factor)> terms = [];
        long constant = 0;
        foreach (string part in name.Replace(" - ", "+-", StringComparison.Ordinal).Split('+', StringSplitOptions.TrimEntries))
        {
            bool isTaken = part.StartsWith('-');
            string[] factors = part.TrimStart('-').Split('*', StringSplitOptions.TrimEntries);
            string[] names = [.. factors.Where(static factor => !IsNumber(factor))];
            long product = isTaken ? -1 : 1;
            foreach (string factor in factors.Where(IsNumber))
                product *= Math.Min(int.MaxValue, long.Parse(factor, NumberStyles.None, CultureInfo.InvariantCulture));
            if (names.Length > 1 || factors.Length > 2 || names.Any(static one => !IsPlain(one)))
                return null;
            if (names.Length == 0)
                constant += product;
            else
                terms.Add((names[0], product));
        }

        return terms.Count == 0 || terms.Any(static term => term.Factor == 0) || (terms is [(_, 1)] && constant == 0) || terms.DistinctBy(static term => term.Name).Count() < terms.Count ? null : new(terms, constant);
    }

    private static bool IsPlain(string name) => name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-');
}
