namespace ModelGate.Worker;

/// <summary>A reason why nothing can be measured, with the code of its diagnostic.</summary>
internal sealed class WorkerException : Exception
{
    public WorkerException(string code, string reason) : base(reason) => Code = code;

    /// <summary>Code of the diagnostic, such as MG4007.</summary>
    public string Code { get; }
}
