using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>Carries out an order with the runtime that was loaded for it, and makes something of whatever the runtime throws.</summary>
internal static class OrderRun
{
    /// <summary>Takes an order to its result, telling each step.</summary>
    /// <exception cref="WorkerException">A model is refused, cannot be fed, or fails.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Take(WorkerOrder order, Parent parent)
    {
        try
        {
            OrtEnv.Instance().DisableTelemetryEvents();
            if (order.Profile is { } profile)
                ProfileRun.Take(order, profile, parent);
            else if (order.Sweep is { } sweep)
                SweepRun.Take(order, sweep, parent);
            else if (order.Fidelity is { } fidelity)
                OutputComparison.Take(order, fidelity, parent);
            else if (order.Against is { } baseline)
                InterleavedRun.Take(order, baseline, parent);
            else
                ModelRun.Take(order, parent);
        }
        catch (OnnxRuntimeException e)
        {
            throw new WorkerException("MG4008", $"the runtime said: {e.Message}");
        }
        catch (Exception e) when (e is TypeInitializationException or TypeLoadException or MissingMethodException or EntryPointNotFoundException or FileLoadException or FileNotFoundException)
        {
            throw new WorkerException("MG4003", $"the binding and the native library do not fit together: {(e.InnerException ?? e).Message}");
        }
    }
}
