namespace ModelGate.Policies;

/// <summary>Guesses what a misspelt word was meant to be.</summary>
public static class Spelling
{
    /// <summary>The candidate nearest to a word, or null where none is near: at most one slip for every three letters.</summary>
    /// <param name="word">As written.</param>
    /// <param name="candidates">What would have been right.</param>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string? nearest = null;
        var slips = Math.Max(1, Math.Min(word.Length, 40) / 3) + 1;
        foreach (var candidate in candidates)
        {
            if (Math.Abs(candidate.Length - word.Length) < slips && Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant()) is var distance && distance < slips)
                (nearest, slips) = (candidate, distance);
        }

        return nearest;
    }

    /// <summary>" Did you mean `x`?" for the nearest candidate, or nothing.</summary>
    internal static string DidYouMean(string word, IEnumerable<string> candidates) =>
        Nearest(word, candidates) is { } nearest ? $" Did you mean `{nearest}`?" : "";

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other (Damerau–Levenshtein, optimal string alignment).</summary>
    private static int Distance(string from, string to)
    {
        var (beforePrevious, previous, current) = (new int[to.Length + 1], new int[to.Length + 1], new int[to.Length + 1]);
        for (var j = 0; j <= to.Length; j++)
            previous[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var substituted = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(substituted, Math.Min(previous[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    current[j] = Math.Min(current[j], beforePrevious[j - 2] + 1);
            }

            (beforePrevious, previous, current) = (previous, current, beforePrevious);
        }

        return previous[to.Length];
    }
}
