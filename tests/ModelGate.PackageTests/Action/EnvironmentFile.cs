namespace ModelGate.PackageTests.Action;

/// <summary>What a step wrote to GITHUB_OUTPUT or GITHUB_ENV, read as the runner reads it.</summary>
internal static class EnvironmentFile
{
    /// <summary>The values of lines <c>name=value</c> and of blocks <c>name&lt;&lt;DELIMITER … DELIMITER</c>, in the order of the file.</summary>
    public static IEnumerable<(string Name, string Value)> Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        for (int i = 0; i < lines.Length; i++)
        {
            int equals = lines[i].IndexOf('=', StringComparison.Ordinal), block = lines[i].IndexOf("<<", StringComparison.Ordinal);
            if (block >= 0 && (equals < 0 || block < equals))
            {
                string name = lines[i][..block], delimiter = lines[i][(block + 2)..];
                int end = Array.IndexOf(lines, delimiter, i + 1);
                if (end < 0)
                    throw new InvalidDataException($"the delimiter '{delimiter}' of '{name}' does not come again");
                yield return (name, string.Join('\n', lines[(i + 1)..end]));
                i = end;
            }
            else if (equals > 0)
            {
                yield return (lines[i][..equals], lines[i][(equals + 1)..]);
            }
            else if (lines[i].Length > 0)
            {
                throw new InvalidDataException($"neither name=value nor a block: {lines[i]}");
            }
        }
    }
}
