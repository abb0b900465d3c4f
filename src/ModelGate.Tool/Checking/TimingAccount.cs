using System.Globalization;
using ModelGate.Measuring;
using ModelGate.Reporting;

namespace ModelGate.Tool.Checking;

/// <summary>What the timing of a policy's models rested on.</summary>
internal sealed class TimingAccount
{
    private const double LeastWait = 1;

    private readonly List<string> notes = [];
    private readonly List<SweptModel> sweeps = [];

    /// <summary>True where a runtime was sought, whether or not one was found.</summary>
    public bool UsedRuntime { get; private set; }

    /// <summary>The runtime that timed models; null where none did.</summary>
    public RuntimeInfo? Runtime { get; private set; }

    /// <summary>What disturbed the timing.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>What models cost over the dimensions that were swept.</summary>
    public IReadOnlyList<SweptModel> Sweeps => sweeps;

    /// <summary>Takes down what timing a model led to, and hands on what was measured.</summary>
    public IReadOnlyList<Measurement> Enter(string model, LatencyResult result)
    {
        UsedRuntime = true;
        Runtime ??= result.Runtime;
        if (result.Waited >= LeastWait)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{model}: waited {result.Waited:0} s for another benchmark on this machine"));
        notes.AddRange(result.Notes.Select(note => $"{model}: {note}").Except(notes)); // alone and beside its baseline it is fed the same
        sweeps.AddRange(result.Sweeps.Select(sweep => new SweptModel(model, sweep)));
        return result.Measurements;
    }
}
