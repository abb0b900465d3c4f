namespace ModelGate.PackageTests.Action;

/// <summary>
/// The part of GitHub's expression language that our action may use: names, 'text', ==, !=, &amp;&amp;, || and the status functions.
/// Anything else is refused, so that a test never passes over something that it has not understood.
/// </summary>
internal static class Expression
{
    private const string Open = "${{", Close = "}}";

    /// <summary>Replaces every <c>${{ … }}</c> in a text by its value.</summary>
    public static string Substitute(string text, Func<string, string> valueOf)
    {
        var result = new System.Text.StringBuilder();
        int at = 0;
        while (text.IndexOf(Open, at, StringComparison.Ordinal) is var start and >= 0)
        {
            int end = text.IndexOf(Close, start, StringComparison.Ordinal);
            if (end < 0)
                throw new NotSupportedException("unclosed expression: " + text);
            result.Append(text, at, start - at).Append(Evaluate(text[(start + Open.Length)..end], valueOf));
            at = end + Close.Length;
        }
        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>Whether a step's <c>if</c> holds. Without a status function, a step runs only where none before it has failed.</summary>
    public static bool Holds(string condition, bool failed, Func<string, string> valueOf)
    {
        string bare = condition.Trim();
        if (bare.StartsWith(Open, StringComparison.Ordinal) && bare.EndsWith(Close, StringComparison.Ordinal))
            bare = bare[Open.Length..^Close.Length];
        bool namesStatus = bare.Contains("always()", StringComparison.Ordinal) || bare.Contains("success()", StringComparison.Ordinal) || bare.Contains("failure()", StringComparison.Ordinal);
        return (namesStatus || !failed) && IsTrue(Evaluate(bare, name => name switch
        {
            "always()" => "true",
            "success()" => failed ? "false" : "true",
            "failure()" => failed ? "true" : "false",
            _ => valueOf(name),
        }));
    }

    // || and && yield one of their operands, as in JavaScript.
    private static string Evaluate(string text, Func<string, string> valueOf)
    {
        if (Split(text, "||") is (var left, var right))
            return Evaluate(left, valueOf) is var first && IsTrue(first) ? first : Evaluate(right, valueOf);
        if (Split(text, "&&") is (var one, var other))
            return Evaluate(one, valueOf) is var first && !IsTrue(first) ? first : Evaluate(other, valueOf);
        if (Split(text, "==") is (var a, var b))
            return AreEqual(a, b) ? "true" : "false";
        if (Split(text, "!=") is (var c, var d))
            return AreEqual(c, d) ? "false" : "true";
        return Atom(text.Trim(), valueOf);

        bool AreEqual(string x, string y) => string.Equals(Evaluate(x, valueOf), Evaluate(y, valueOf), StringComparison.OrdinalIgnoreCase);
    }

    private static string Atom(string text, Func<string, string> valueOf)
    {
        if (text.Length >= 2 && text[0] == '\'' && text.IndexOf('\'', 1) == text.Length - 1)
            return text[1..^1];
        bool isName = text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
        return isName || text is "always()" or "success()" or "failure()" ? valueOf(text) : throw new NotSupportedException($"expression: {text}");
    }

    private static (string Left, string Right)? Split(string text, string operation)
    {
        bool quoted = false;
        for (int i = 0; i <= text.Length - operation.Length; i++)
        {
            quoted ^= text[i] == '\'';
            if (!quoted && string.CompareOrdinal(text, i, operation, 0, operation.Length) == 0)
                return (text[..i], text[(i + operation.Length)..]);
        }
        return null;
    }

    private static bool IsTrue(string value) => value is not ("" or "false");
}
