using System.Globalization;
using System.Text;

namespace ModelGate.Tool;

/// <summary>
/// Standard output or error that may be full, closed or nobody's: what cannot be written is dropped and remembered, for no console
/// may decide how a gate ends.
/// </summary>
internal sealed class SteadyWriter(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    /// <summary>Why something could not be written; null where everything was, or where its reader had seen enough.</summary>
    public Exception? Failure { get; private set; }

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException or ArgumentOutOfRangeException) // the last is what .NET makes of EFBIG
        {
            if (!FileErrors.IsClosedPipe(e))
                Failure ??= e;
        }
    }
}
