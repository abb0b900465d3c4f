using System.Globalization;
using System.Text;

namespace ModelGate.Policies;

/// <summary>Turns the bytes of a policy into text that an editor shows as it is: strict UTF-8, no control characters, no tabs as indentation.</summary>
internal static class PolicyText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text without a byte order mark; empty, with an error, where the bytes are not text.</summary>
    internal static string Decode(ReadOnlySpan<byte> utf8, PolicyErrors errors)
    {
        if (utf8.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            utf8 = utf8[3..];
        if (utf8.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || utf8.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || (utf8.Length > 1 && (utf8[0] == 0 || utf8[1] == 0)))
        {
            errors.Add(Diagnostics.PolicyUnreadable, 1, 1, "The policy is UTF-16 or UTF-32 text; save it as UTF-8.");
            return "";
        }

        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            var (line, column, offset) = FirstInvalid(utf8);
            errors.Add(Diagnostics.PolicyUnreadable, line, column, $"The policy is not UTF-8 text: byte 0x{utf8[offset]:X2} at offset {offset} begins no character; save it as UTF-8.");
            return "";
        }
    }

    /// <summary>Reports what an editor does not show or what YAML reads differently from what is seen; one error per line.</summary>
    internal static void Inspect(string text, PolicyErrors errors)
    {
        var (line, start, indenting, reported) = (1, 0, true, false);
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (character is '\n' or '\r')
            {
                if (character == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                    i++;
                (line, start, indenting, reported) = (line + 1, i + 1, true, false);
                continue;
            }

            if (!reported && indenting && character == '\t')
            {
                errors.Add(Diagnostics.PolicySyntax, line, i - start + 1, "A tab indents this line; YAML allows only spaces there.");
                reported = true;
            }
            else if (!reported && IsHidden(character))
            {
                errors.Add(Diagnostics.PolicySyntax, line, i - start + 1, $"The character U+{(int)character:X4} cannot be seen here and may make the line read differently from what it says; remove it.");
                reported = true;
            }

            indenting &= character is ' ' or '\t';
        }
    }

    /// <summary>True for control characters, line separators, and format characters such as those that reverse the direction of text.</summary>
    internal static bool IsHidden(char character) =>
        character != '\t' && character is not (>= ' ' and <= '~') && CharUnicodeInfo.GetUnicodeCategory(character) switch
        {
            UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
            // Joiners are part of how some scripts, and so some file names, are written.
            UnicodeCategory.Format => character is not ('\u200C' or '\u200D'),
            _ => false,
        };

    private static (int Line, int Column, int Offset) FirstInvalid(ReadOnlySpan<byte> utf8)
    {
        var (line, column, offset) = (1, 1, 0);
        while (Rune.DecodeFromUtf8(utf8[offset..], out var rune, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + 1);
            offset += consumed;
        }

        return (line, column, offset);
    }
}
