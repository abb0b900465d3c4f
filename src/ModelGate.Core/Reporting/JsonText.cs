using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace ModelGate.Reporting;

/// <summary>
/// The one way JSON documents are written: indented, with the same newline everywhere, and pure ASCII, so that no name in them can move
/// a cursor, reorder a line or command a CI service.
/// </summary>
internal static class JsonText
{
    // CI services take `##[…]` and `##vso[…]` for commands wherever in a line they stand.
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.Create(AsciiWithoutNumberSign()) };

    /// <summary>A document, ended by a newline.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
            write(json);
        stream.WriteByte((byte)'\n');
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static TextEncoderSettings AsciiWithoutNumberSign()
    {
        var settings = new TextEncoderSettings(UnicodeRanges.BasicLatin);
        settings.ForbidCharacter('#');
        return settings;
    }
}
