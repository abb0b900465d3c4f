using System.Globalization;
using ModelGate.Policies;

namespace ModelGate.Measuring;

/// <summary>On which execution providers the nodes of a model ran, held against those that were asked for.</summary>
/// <param name="Asked">Those that were asked for.</param>
/// <param name="Nodes">Nodes of the optimized graph that ran.</param>
/// <param name="Taken">How many of them ran on a provider that was asked for and is not the CPU's.</param>
/// <param name="Elsewhere">Those that ran on a provider that was not asked for, most time first.</param>
/// <param name="ShareElsewhere">Share of an inference's time that they took.</param>
public sealed record Placement(string Asked, int Nodes, int Taken, IReadOnlyList<NodeTime> Elsewhere, double ShareElsewhere)
{
    private const int MostNamed = 5;

    /// <summary>Reads it from a profile of the session that is timed.</summary>
    /// <param name="times">What each node took, and where it ran.</param>
    /// <param name="asked">The providers that were asked for.</param>
    public static Placement Of(OperatorTimes times, IReadOnlyList<ExecutionProvider> asked)
    {
        NodeTime[] elsewhere = [.. times.Nodes.Where(node => !asked.Any(provider => provider.RuntimeName == node.Provider))];
        int taken = times.Nodes.Count(node => asked.Any(provider => provider != ExecutionProvider.Cpu && provider.RuntimeName == node.Provider));
        return new(Benchmark.Text(asked), times.Nodes.Count, taken, elsewhere, times.Total > 0 ? elsewhere.Sum(static node => node.Seconds) / times.Total : 0);
    }

    /// <summary>Why times of this session are no times of what was asked for; null where they are.</summary>
    /// <param name="allowsFallback">True where some nodes may run elsewhere. That all of them do is never what was asked for.</param>
    public WorkerFailure? Failure(bool allowsFallback) =>
        Taken == 0 ? new(Diagnostics.ProviderUnused, $"no node of the model ran on {Asked}: {Where()}.")
        : !allowsFallback && Elsewhere.Count > 0 ? new(Diagnostics.ProviderUnused, $"{Text()}, and `allow_fallback: false` forbids it.")
        : null;

    /// <summary>What is worth knowing of a session that may be timed; null where every node ran where it was asked to.</summary>
    public string? Note => Elsewhere.Count > 0 ? Text() : null;

    private string Text() => string.Create(CultureInfo.InvariantCulture,
        $"{Elsewhere.Count} of {Nodes} nodes did not run on {Asked} and took {ShareElsewhere * 100:0.#} % of the time: {Where()}");

    // "conv_1 (Conv on cpu), …", the heaviest first.
    private string Where()
    {
        string named = string.Join(", ", Elsewhere.Take(MostNamed).Select(static node => $"{(node.Name.Length > 0 ? node.Name : "a node without a name")} ({node.Operator} on {ExecutionProvider.NameOf(node.Provider)})"));
        return Elsewhere.Count > MostNamed ? string.Create(CultureInfo.InvariantCulture, $"{named} and {Elsewhere.Count - MostNamed} more")
            : Elsewhere.Count > 0 ? named
            : "nothing of it was left to run";
    }
}
