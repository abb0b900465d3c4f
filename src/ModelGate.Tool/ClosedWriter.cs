using System.Globalization;
using System.Text;

namespace ModelGate.Tool;

/// <summary>A standard stream that the process was started without: whatever is written to it fails.</summary>
internal sealed class ClosedWriter() : TextWriter(CultureInfo.InvariantCulture)
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => throw new IOException("it is closed");
}
