using System.Text;
using System.Text.Json;

namespace ModelGate.Models;

/// <summary>Reads JSON that comes with a model: what is wrong with it becomes an error about the model.</summary>
internal static class JsonDocuments
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };

    /// <summary>Goes through the members of an object, from its first brace to its last.</summary>
    public delegate void ReadMembers(ref Utf8JsonReader json);

    /// <summary>Reads a document that is one object.</summary>
    /// <param name="what">What to call it in messages.</param>
    /// <param name="bytes">The whole document.</param>
    /// <param name="members">Reads the members; it starts behind the opening brace and stops at the closing one.</param>
    /// <exception cref="ModelException">It is not well-formed JSON, or no object.</exception>
    public static void Reading(string what, ReadOnlySpan<byte> bytes, ReadMembers members)
    {
        try
        {
            var json = new Utf8JsonReader(bytes, Options);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw new ModelException(Diagnostics.ModelMalformed, $"{what} is no JSON object");
            members(ref json);
            if (json.Read()) throw new ModelException(Diagnostics.ModelMalformed, $"{what} goes on after its end");
        }
        catch (JsonException exception)
        {
            throw new ModelException(Diagnostics.ModelMalformed, $"{what} is not well-formed JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine})", exception);
        }
    }

    /// <summary>The text of a name or value, however it is escaped; what is not UTF-8 in it shows as U+FFFD.</summary>
    /// <exception cref="ModelException">It is longer than any real name.</exception>
    public static string Text(ref Utf8JsonReader json, int most)
    {
        if (json.ValueSpan.Length > most)
            throw new ModelException(Diagnostics.ModelLimit, $"a name is {json.ValueSpan.Length} bytes long; at most {most} are read");
        if (!json.ValueIsEscaped) return Encoding.UTF8.GetString(json.ValueSpan);
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new ModelException(Diagnostics.ModelMalformed, "a name is no valid text", exception);
        }
    }

    /// <summary>Passes over an object.</summary>
    /// <exception cref="ModelException">It is something else.</exception>
    public static void SkipObject(ref Utf8JsonReader json, string what)
    {
        if (json.TokenType != JsonTokenType.StartObject) throw new ModelException(Diagnostics.ModelMalformed, $"{what} is no object");
        json.Skip();
    }
}
