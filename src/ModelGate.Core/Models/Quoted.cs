namespace ModelGate.Models;

/// <summary>Names from a file as messages show them: quoted, and cut where they are very long.</summary>
internal static class Quoted
{
    private const int Longest = 120;

    public static string Name(string name) => name.Length <= Longest ? $"'{name}'" : $"'{name[..Longest]}…'";
}
