namespace ModelGate.Measuring;

/// <summary>
/// Multiply-accumulates of an Einsum: operands are contracted from left to right, as the runtime does, and each step multiplies once
/// for every combination of the dimensions that its two sides have together. A single operand is only rearranged or summed.
/// </summary>
internal static class EinsumMacs
{
    /// <summary>The multiply-accumulates; null where the equation does not fit the operands.</summary>
    /// <param name="equation">Such as <c>bhid,bhjd->bhij</c>; letters, an ellipsis per term, blanks without meaning.</param>
    /// <param name="operands">The operands, in order.</param>
    public static double? Of(string equation, IReadOnlyList<ProfiledTensor> operands)
    {
        string[] sides = equation.Replace(" ", "", StringComparison.Ordinal).Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length > 2 || terms.Length != operands.Count)
            return null;

        Dictionary<string, double> sizes = [];
        List<HashSet<string>> labels = [];
        foreach (var (term, operand) in terms.Zip(operands))
        {
            if (Labels(term, operand.Dims.Count) is not { } named || named.Count != operand.Dims.Count)
                return null;
            for (int i = 0; i < named.Count; i++)
                sizes[named[i]] = Math.Max(operand.Dims[i], sizes.GetValueOrDefault(named[i], 0));
            labels.Add([.. named]);
        }

        HashSet<string> kept = [.. sides.Length == 2 ? Labels(sides[1], int.MaxValue) ?? [] : Once(terms, sizes.Keys)];
        if (sides.Length == 2 && sides[1].Contains("...", StringComparison.Ordinal))
            kept.UnionWith(sizes.Keys.Where(IsOfEllipsis));
        double total = 0;
        var left = labels[0];
        for (int i = 1; i < labels.Count; i++)
        {
            left = [.. left, .. labels[i]];
            total += left.Aggregate(1.0, (product, label) => product * sizes[label]);
            left.IntersectWith([.. kept, .. labels.Skip(i + 1).SelectMany(static later => later)]);
        }

        return total;
    }

    // The dimensions of an ellipsis are numbered from the right, since that is how they broadcast.
    private static List<string>? Labels(string term, int rank)
    {
        List<string> labels = [];
        int letters = term.Count(char.IsAsciiLetter);
        for (int i = 0; i < term.Length; i++)
        {
            if (char.IsAsciiLetter(term[i]))
                labels.Add(term[i].ToString());
            else if (string.CompareOrdinal(term, i, "...", 0, 3) != 0)
                return null;
            else
            {
                for (int dim = rank == int.MaxValue ? 0 : rank - letters; dim > 0; dim--)
                    labels.Add($"...{dim}");
                i += 2;
            }
        }

        return labels;
    }

    // Without an arrow the result keeps what stands once, and every dimension of an ellipsis.
    private static IEnumerable<string> Once(string[] terms, IEnumerable<string> labels) =>
        labels.Where(label => IsOfEllipsis(label) || terms.Sum(term => term.Count(letter => letter == label[0])) == 1);

    private static bool IsOfEllipsis(string label) => label[0] == '.';
}
