using System.Globalization;
using ModelGate.Measuring;

namespace ModelGate.Tool.Checking;

/// <summary>What the timing of a policy's models rested on.</summary>
internal sealed class TimingAccount
{
    private const double LeastWait = 1;

    private readonly List<string> notes = [];

    /// <summary>True where a runtime was sought, whether or not one was found.</summary>
    public bool UsedRuntime { get; private set; }

    /// <summary>The runtime that timed models; null where none did.</summary>
    public RuntimeInfo? Runtime { get; private set; }

    /// <summary>What disturbed the timing.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Takes down what timing a model led to, and hands on what was measured.</summary>
    public IReadOnlyList<Measurement> Enter(string model, LatencyResult result)
    {
        UsedRuntime = true;
        Runtime ??= result.Runtime;
        if (result.Waited >= LeastWait)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{model}: waited {result.Waited:0} s for another benchmark on this machine"));
        notes.AddRange(result.Notes.Select(note => $"{model}: {note}"));
        return result.Measurements;
    }
}
