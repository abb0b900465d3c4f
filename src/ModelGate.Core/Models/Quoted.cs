namespace ModelGate.Models;

/// <summary>Names from a file as messages show them: quoted, and cut where they are very long.</summary>
internal static class Quoted
{
    private const int Longest = 120, LongestLayer = 512;

    /// <summary>
    /// The name of a layer or an operator, cut where it is longer than any real one: every tensor that a node uses names it again, and a
    /// report could otherwise be many thousand times as long as the file.
    /// </summary>
    public static string Layer(string name) => name.Length <= LongestLayer ? name : name[..LongestLayer] + "…";

    public static string Name(string name) => name.Length <= Longest ? $"'{name}'" : $"'{name[..Longest]}…'";
}
