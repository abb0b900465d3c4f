namespace ModelGate.Gating;

/// <summary>What the gate says of one budget, or of all together.</summary>
public enum Verdict
{
    /// <summary>Measured and within its limit.</summary>
    Pass,

    /// <summary>Not this run's to judge: another machine, door or moment. Always listed with the reason.</summary>
    Deferred,

    /// <summary>Measured, and the interval straddles the limit.</summary>
    Inconclusive,

    /// <summary>Should have been measured and was not.</summary>
    Unmeasured,

    /// <summary>Measured and beyond its limit.</summary>
    Breach,
}
