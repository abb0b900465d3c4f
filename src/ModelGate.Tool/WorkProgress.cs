using System.Diagnostics;
using System.Globalization;

namespace ModelGate.Tool;

/// <summary>One line on a terminal that a person watches, once work has taken longer than a second; nothing anywhere else. Told from several threads.</summary>
internal sealed class WorkProgress(Terminal terminal, string what)
{
    private const int BarWidth = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1), Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly long started = Stopwatch.GetTimestamp();
    private long shownAt;
    private int shown;

    /// <summary>Shows how far the work is; once it is done the line goes.</summary>
    public void Show(double done)
    {
        if (!terminal.ShowsProgress || Stopwatch.GetElapsedTime(started) < Patience) return;
        lock (gate)
        {
            if (done >= 1)
            {
                Clear();
                return;
            }
            if (shownAt != 0 && Stopwatch.GetElapsedTime(shownAt) < Pause) return;
            shownAt = Stopwatch.GetTimestamp();
            int full = (int)(Math.Clamp(done, 0, 1) * BarWidth);
            string line = $"{what} [{new string('#', full)}{new string('.', BarWidth - full)}] {(done * 100).ToString("0", CultureInfo.InvariantCulture)} %";
            terminal.Error.Write('\r' + line.PadRight(shown));
            shown = line.Length;
        }
    }

    /// <summary>Takes the line away again.</summary>
    public void Clear()
    {
        if (shown > 0) terminal.Error.Write('\r' + new string(' ', shown) + '\r');
        shown = 0;
    }
}
