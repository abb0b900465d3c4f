using System.Globalization;

namespace ModelGate.MSBuild;

/// <summary>What tells one state of a file from another without reading it.</summary>
internal static class FileStamp
{
    /// <summary>A stamp that no file ever has: a receipt that holds it is never cited.</summary>
    public const string Never = "never";

    /// <summary>
    /// Length, time of the last write and time of creation. The last tells a file from another of equal length and time that has taken
    /// its place, except on Linux, where .NET does not know it: there such two count as one.
    /// </summary>
    public static string Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists
            ? file.Length.ToString(CultureInfo.InvariantCulture) + " " +
              file.LastWriteTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture) + " " +
              file.CreationTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture)
            : "absent";
    }
}
