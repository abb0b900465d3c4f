namespace ModelGate.Measuring;

/// <summary>What the nodes of one operator take of one inference.</summary>
/// <param name="Operator">The operator, as the optimized graph has it.</param>
/// <param name="Provider">The execution provider that ran it.</param>
/// <param name="Executions">How often nodes of it run in one inference, on average.</param>
/// <param name="Seconds">Seconds of one inference, on average; a node's own, without the nodes of its bodies.</param>
public sealed record OperatorTime(string Operator, string Provider, double Executions, double Seconds);

/// <summary>What one node takes of one inference.</summary>
/// <param name="Name">Its name in the optimized graph.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Provider">The execution provider that ran it.</param>
/// <param name="Output">Shape of its first output, as in <c>1×64×112×112</c>; empty where it has none.</param>
/// <param name="Seconds">Seconds of one inference, on average; its own, without the nodes of its bodies.</param>
public sealed record NodeTime(string Name, string Operator, string Provider, string Output, double Seconds);

/// <summary>Where the time of an inference goes, under the profiler, which takes time itself: shares to be trusted, not sums.</summary>
/// <param name="Runs">Inferences behind the averages; the first of a session is left out.</param>
/// <param name="Operators">Operators, most time first.</param>
/// <param name="Nodes">Nodes, most time first.</param>
public sealed record OperatorTimes(int Runs, IReadOnlyList<OperatorTime> Operators, IReadOnlyList<NodeTime> Nodes)
{
    /// <summary>Seconds of all nodes of one inference.</summary>
    public double Total => Operators.Sum(static one => one.Seconds);

    /// <summary>Averages the runs of a profile after the first.</summary>
    public static OperatorTimes Of(IEnumerable<(int Run, ProfiledNode Node)> profile)
    {
        Dictionary<(string, string), (int Executions, double Seconds)> operators = [];
        Dictionary<(string, int, string), NodeTime> nodes = [];
        Stack<ProfiledNode> ended = new();
        int runs = 0;
        foreach (var (run, node) in profile)
        {
            if (run > runs)
                ended.Clear();
            runs = run;
            double own = Own(node, ended);
            if (run == 0)
                continue;
            var so = operators.GetValueOrDefault((node.Operator, node.Provider));
            operators[(node.Operator, node.Provider)] = (so.Executions + 1, so.Seconds + own);
            var key = (node.Name, node.Index, node.Operator);
            var soFar = nodes.GetValueOrDefault(key) ?? new(node.Name, node.Operator, node.Provider, node.Outputs is [var output, ..] ? string.Join('×', output.Dims) : "", 0);
            nodes[key] = soFar with { Seconds = soFar.Seconds + own };
        }

        double count = Math.Max(1, runs);
        return new(
            runs,
            [.. operators.Select(one => new OperatorTime(one.Key.Item1, one.Key.Item2, one.Value.Executions / count, one.Value.Seconds / count)).OrderByDescending(static one => one.Seconds).ThenBy(static one => one.Operator, StringComparer.Ordinal)],
            [.. nodes.Values.OrderByDescending(static one => one.Seconds).Select(one => one with { Seconds = one.Seconds / count })]);
    }

    // The nodes of a body end before the node that holds it, and began after it.
    private static double Own(ProfiledNode node, Stack<ProfiledNode> ended)
    {
        double own = node.Duration;
        while (ended.TryPeek(out var inner) && inner.Start >= node.Start && inner != node)
            own -= ended.Pop().Duration;
        ended.Push(node);
        return Math.Max(0, own);
    }
}
