namespace ModelGate.Measuring;

/// <summary>How much memory the tensors between the nodes take.</summary>
public static class ActivationMemory
{
    /// <summary>
    /// Most bytes that intermediate tensors and outputs take at once in the first run of a profile, as the allocator was asked for them;
    /// weights are there before and do not count. Space that a node takes for itself while it runs counts where it makes a new peak:
    /// only then does the profile show it.
    /// </summary>
    /// <returns>Bytes; null where this runtime's profile does not tell memory.</returns>
    public static double? Of(IEnumerable<(int Run, ProfiledNode Node)> profile)
    {
        long before = 0, most = 0, peak = long.MaxValue;
        bool first = true;
        foreach (var (run, node) in profile)
        {
            if (run > 0)
                break;
            if (node.Memory is not { } memory)
                return null;
            if (first)
                before = memory.Requested - memory.RequestedChange;
            long own = memory.Peak > peak ? Math.Max(0, memory.Peak - memory.Held) : 0;
            most = Math.Max(most, memory.Requested - before + own);
            (first, peak) = (false, memory.Peak);
        }

        return most;
    }
}
