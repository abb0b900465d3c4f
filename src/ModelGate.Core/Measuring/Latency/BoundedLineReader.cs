using System.Text;

namespace ModelGate.Measuring;

/// <summary>Reads the lines of a process that is not trusted: a line longer than the limit is cut there, so memory stays bounded.</summary>
/// <param name="reader">What to read.</param>
/// <param name="limit">Most characters of a line.</param>
internal sealed class BoundedLineReader(TextReader reader, int limit)
{
    private readonly char[] buffer = new char[4096];
    private int next;
    private int end;

    /// <summary>The next line without its line break, cut at the limit; null at the end.</summary>
    public string? ReadLine()
    {
        var line = new StringBuilder();
        bool any = false;
        while (true)
        {
            if (next == end)
            {
                next = 0;
                end = reader.Read(buffer, 0, buffer.Length);
                if (end == 0)
                    return any ? line.ToString() : null;
            }

            any = true;
            int stop = Array.IndexOf(buffer, '\n', next, end - next);
            int length = (stop < 0 ? end : stop) - next;
            line.Append(buffer, next, Math.Min(length, limit - line.Length));
            next += length;
            if (stop < 0)
                continue;
            next++;
            return line.ToString().TrimEnd('\r');
        }
    }
}
