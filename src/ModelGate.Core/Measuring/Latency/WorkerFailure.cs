namespace ModelGate.Measuring;

/// <summary>Why a worker could not measure.</summary>
/// <param name="Kind">One of the MG4xxx diagnostics.</param>
/// <param name="Reason">What happened, in one line; may hold the runtime's own words.</param>
public sealed record WorkerFailure(DiagnosticKind Kind, string Reason);
