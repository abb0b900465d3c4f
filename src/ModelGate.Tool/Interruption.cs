using System.Runtime.InteropServices;

namespace ModelGate.Tool;

/// <summary>Ctrl-C and requests to terminate, as a cancellation: no worker outlives the tool, and no half-written file stays.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    public Interruption()
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, ExitCode.Interrupted));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, ExitCode.Terminated));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>How the process ends after the signal that came.</summary>
    public ExitCode ExitCode { get; private set; } = ExitCode.Interrupted;

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        source.Dispose();
    }

    private void Cancel(PosixSignalContext context, ExitCode exitCode)
    {
        // A second signal ends the process the hard way.
        context.Cancel = !source.IsCancellationRequested;
        ExitCode = exitCode;
        source.Cancel();
    }
}
