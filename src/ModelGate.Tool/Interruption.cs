using System.Runtime.InteropServices;

namespace ModelGate.Tool;

/// <summary>
/// Ctrl-C, requests to terminate and a terminal that is closed, as a cancellation: no worker outlives the tool, and no half-written file stays. What looks at no
/// cancellation, such as a read from a file that never answers, is ended with the process after a grace.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const PosixSignal FileTooLarge = (PosixSignal)25; // SIGXFSZ on Linux and macOS; .NET has no name for it
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;
    private readonly PosixSignalRegistration hangUp;
    private readonly PosixSignalRegistration? fileTooLarge;
    private readonly Lock ending = new();
    private Timer? end;
    private bool isDisposed;

    public Interruption()
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, ExitCode.Interrupted));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, ExitCode.Terminated));
        hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Cancel(context, ExitCode.HungUp));
        // Where it is caught, the write that goes beyond the limit fails instead of the process, and can be told like any other.
        if (!OperatingSystem.IsWindows())
            fileTooLarge = PosixSignalRegistration.Create(FileTooLarge, static context => context.Cancel = true);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>How the process ends after the signal that came.</summary>
    public ExitCode ExitCode { get; private set; } = ExitCode.Interrupted;

    public void Dispose()
    {
        lock (ending)
        {
            isDisposed = true;
            end?.Dispose();
        }

        interrupt.Dispose();
        terminate.Dispose();
        hangUp.Dispose();
        fileTooLarge?.Dispose();
        source.Dispose();
    }

    private void Cancel(PosixSignalContext context, ExitCode exitCode)
    {
        lock (ending)
        {
            if (isDisposed)
                return;
            // A second signal ends the process the hard way.
            context.Cancel = !source.IsCancellationRequested;
            ExitCode = exitCode;
            end ??= new Timer(_ => Environment.Exit((int)exitCode), null, Grace, Timeout.InfiniteTimeSpan);
            source.Cancel();
        }
    }
}
