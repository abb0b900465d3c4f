namespace ModelGate.Compressing;

/// <summary>Reasons for leaving a weight in floating point that more than one scheme has.</summary>
internal static class Reasons
{
    public const string NotSmaller = "it would not get smaller";
}
