using System.Globalization;

namespace ModelGate.MSBuild;

/// <summary>
/// The 64-bit FNV-1a hash (Fowler, Noll, Vo; draft-eastlake-fnv) over UTF-16 code units: names files and tells damaged ones.
/// Not for secrets, and no verdict rests on it: what a receipt answers is compared in full.
/// </summary>
internal static class Fnv1a
{
    /// <summary>Sixteen hexadecimal digits.</summary>
    public static string Of(string text)
    {
        const ulong Basis = 14695981039346656037, Prime = 1099511628211;
        ulong hash = Basis;
        foreach (char c in text)
            hash = unchecked((hash ^ c) * Prime);
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}
