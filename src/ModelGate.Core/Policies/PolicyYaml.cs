using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ModelGate.Policies;

/// <summary>
/// Reads the YAML of a policy into nodes, event by event, so that nothing deep, long or self-referring is ever built:
/// the parser's own work stays bounded because reading stops at the first event beyond a limit.
/// Anchors, aliases, merge keys, tags, directives and further documents are refused.
/// </summary>
internal static class PolicyYaml
{
    internal const int MaxDepth = 32;
    internal const int MaxEvents = 50_000;
    internal const int MaxScalar = 1024;

    /// <summary>The root node; null, with an error, where there is none or the text is no YAML.</summary>
    internal static PolicyNode? Read(string text, PolicyErrors errors)
    {
        var reader = new Reader(text, errors);
        try
        {
            return reader.ReadDocument();
        }
        catch (RefusedException)
        {
            return null;
        }
        catch (YamlException exception)
        {
            reader.ReportSyntax(exception.Start, exception.Message);
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // YamlDotNet 16.3.0 leaves some malformed input, such as an unclosed bracket, to exceptions without a place.
            reader.ReportSyntax(reader.Last, "the value that begins here is not closed or not complete");
            return null;
        }
    }

    /// <summary>A list or mapping that is not yet closed.</summary>
    private sealed record Open(Mark Start, bool IsFlow);

    /// <summary>Reading cannot go on; the reason is among the errors.</summary>
    private sealed class RefusedException : Exception;

    private sealed class Reader(string text, PolicyErrors errors)
    {
        private readonly Parser parser = new(new Scanner(new StringReader(text), skipComments: true));
        private readonly Stack<Open> open = new();
        private int events;

        /// <summary>Where the innermost list or mapping that is still open begins, or else the last event.</summary>
        internal Mark Last => open.Count > 0 ? open.Peek().Start : parser.Current?.Start ?? Mark.Empty;

        internal PolicyNode? ReadDocument()
        {
            Next<StreamStart>();
            if (Next() is StreamEnd)
            {
                errors.Add(Diagnostics.PolicySyntax, 1, 1, "The policy is empty; it begins with `version: 1`.");
                return null;
            }

            var start = (DocumentStart)parser.Current!;
            if (start.Version is not null || start.Tags is { Count: > 0 } && HasOwnTags(start.Tags))
                Refuse(Diagnostics.PolicyFeature, start.Start, "YAML directives are not allowed in a policy; remove the line that begins with `%`.");
            var root = ReadNode(Next(), 0);
            Next<DocumentEnd>();
            if (Next() is DocumentStart second)
                Refuse(Diagnostics.PolicyFeature, second.Start, "A second YAML document begins here; a policy is a single document.");
            if (root is PolicyNode.Scalar { IsNull: true })
            {
                errors.Add(Diagnostics.PolicySyntax, 1, 1, "The policy is empty; it begins with `version: 1`.");
                return null;
            }

            return root;
        }

        internal void ReportSyntax(Mark at, string reason)
        {
            var (line, column) = Place(at);
            var token = TokenAt(line, column);
            // An alias name cannot begin with a dot or a slash, so the parser itself fails on most unquoted globs.
            if (token.StartsWith('*'))
                errors.Add(Diagnostics.PolicyFeature, line, column, Alias(token));
            else if (open.Count > 0 && open.Peek() is { IsFlow: true, Start: var bracket })
                errors.Add(Diagnostics.PolicySyntax, Place(bracket).Line, Place(bracket).Column,
                    $"Not valid YAML: the bracket that opens here is not closed{(Place(bracket) == (line, column) ? "" : $" by line {line}, column {column}")}.");
            else
                errors.Add(Diagnostics.PolicySyntax, line, column, $"Not valid YAML: {Reason(reason)}; look at the indentation and the quotes here and in the line before.");
        }

        private PolicyNode ReadNode(ParsingEvent current, int depth)
        {
            var (line, column) = Place(current.Start);
            switch (current)
            {
                case AnchorAlias:
                    Refuse(Diagnostics.PolicyFeature, current.Start, Alias(TokenAt(line, column)));
                    return null!;
                case NodeEvent { Anchor.IsEmpty: false }:
                    errors.Add(Diagnostics.PolicyFeature, line, column, $"Anchors are not allowed in a policy: `{TokenAt(line, column)}`. Write the value out where it is used.");
                    break;
                case NodeEvent { Tag.IsEmpty: false }:
                    errors.Add(Diagnostics.PolicyFeature, line, column, $"Tags are not allowed in a policy: `{TokenAt(line, column)}`. Remove it.");
                    break;
                default:
                    break;
            }

            if (depth > MaxDepth)
                Refuse(Diagnostics.PolicySyntax, current.Start, $"More than {MaxDepth} levels of nesting; a policy needs six.");
            switch (current)
            {
                case Scalar scalar:
                    if (scalar.Value.Length > MaxScalar)
                        errors.Add(Diagnostics.InvalidValue, line, column, $"A value of {scalar.Value.Length} characters; the longest that is read has {MaxScalar}.");
                    else if (scalar.Value.Any(character => character == '\t' || PolicyText.IsHidden(character)))
                        errors.Add(Diagnostics.InvalidValue, line, column, "A value must be one line of text without control characters.");
                    return new PolicyNode.Scalar(scalar.Value, scalar.Style == ScalarStyle.Plain, line, column);

                case SequenceStart sequence:
                    open.Push(new(current.Start, sequence.Style == SequenceStyle.Flow));
                    var items = new List<PolicyNode>();
                    while (Next() is not SequenceEnd)
                        items.Add(ReadNode(parser.Current!, depth + 1));
                    open.Pop();
                    return new PolicyNode.Sequence(items, line, column);

                case MappingStart mapping:
                    open.Push(new(current.Start, mapping.Style == MappingStyle.Flow));
                    var entries = new List<PolicyNode.Entry>();
                    var lines = new Dictionary<string, int>(StringComparer.Ordinal);
                    while (Next() is not MappingEnd)
                        ReadEntry(entries, lines, depth + 1);
                    open.Pop();
                    return new PolicyNode.Mapping(entries, line, column);

                default:
                    // YamlDotNet 16.3.0 ends a mapping in place of the value of an empty key (`- : 1`).
                    throw new InvalidOperationException();
            }
        }

        private void ReadEntry(List<PolicyNode.Entry> entries, Dictionary<string, int> lines, int depth)
        {
            var keyNode = ReadNode(parser.Current!, depth);
            var value = ReadNode(Next(), depth);
            if (keyNode is not PolicyNode.Scalar key)
                errors.Add(Diagnostics.WrongShape, keyNode, $"A key is plain text, not {keyNode.Kind}.");
            else if (key is { Text: "<<", IsPlain: true })
                errors.Add(Diagnostics.PolicyFeature, key, "Merge keys are not allowed in a policy. Write the values out where they are used.");
            else if (!lines.TryAdd(key.Text, key.Line))
                errors.Add(Diagnostics.DuplicateKey, key, $"`{key.Text}` stands already in line {lines[key.Text]} of the same mapping; keep one of them.");
            else
                entries.Add(new(key, value));
        }

        private ParsingEvent Next()
        {
            if (++events > MaxEvents)
                Refuse(Diagnostics.PolicySyntax, Last, $"More than {MaxEvents} YAML events; a policy needs some hundreds.");
            return parser.MoveNext() ? parser.Current! : throw new InvalidOperationException();
        }

        private void Next<T>() where T : ParsingEvent
        {
            if (Next() is not T)
                throw new InvalidOperationException();
        }

        private void Refuse(DiagnosticKind kind, Mark at, string message)
        {
            var (line, column) = Place(at);
            errors.Add(kind, line, column, message);
            throw new RefusedException();
        }

        private static bool HasOwnTags(TagDirectiveCollection tags) => tags.Any(tag => tag.Handle is not ("!" or "!!"));

        private static (int Line, int Column) Place(Mark mark) => ((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

        /// <summary>What stands at a place of the text, up to the next space, at most 60 characters.</summary>
        private string TokenAt(int line, int column)
        {
            var lines = new StringReader(text);
            for (var i = 1; i < line; i++)
                lines.ReadLine();
            var rest = lines.ReadLine() is { } found && column <= found.Length ? found[(column - 1)..] : "";
            var end = rest.AsSpan().IndexOfAny(" \t,]}");
            return rest[..Math.Min(end < 0 ? rest.Length : end, 60)];
        }

        private static string Alias(string token) =>
            $"`{token}` without quotes is a YAML alias, which a policy may not use; if a glob is meant, quote it: \"{token}\".";

        private static string Reason(string message)
        {
            var line = message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
            return line.Length > 0 ? char.ToLowerInvariant(line[0]) + line[1..] : "the line cannot be read";
        }
    }
}
