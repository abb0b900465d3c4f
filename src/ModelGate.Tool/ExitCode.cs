namespace ModelGate.Tool;

/// <summary>What the process says of itself when it ends. The classes are disjoint.</summary>
internal enum ExitCode
{
    /// <summary>Everything that was judged is within its budget.</summary>
    Pass = 0,

    /// <summary>At least one budget is breached.</summary>
    Breach = 1,

    /// <summary>The policy or the command line is wrong; nothing was judged.</summary>
    PolicyOrUsage = 2,

    /// <summary>Something could not be judged: a model unreadable, unmeasured, nothing matched, or inconclusive where the policy calls that an error.</summary>
    NotJudged = 3,

    /// <summary>ModelGate itself failed, or a report that was asked for could not be written.</summary>
    Internal = 4,

    /// <summary>Ended because its terminal was closed (128 + SIGHUP).</summary>
    HungUp = 129,

    /// <summary>Ended by Ctrl-C (128 + SIGINT).</summary>
    Interrupted = 130,

    /// <summary>Ended by a request to terminate (128 + SIGTERM).</summary>
    Terminated = 143,
}
