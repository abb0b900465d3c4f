using System.Globalization;

namespace ModelGate.Benchmarks.Study;

/// <summary>
/// The recorded lines of a cell, tab-separated, in a file that only ever grows: a recorder that is killed leaves at most half a line, which
/// is not read and is cut off before the next one.
/// </summary>
internal sealed class Recording
{
    private readonly string path;
    private readonly List<double[]> lines = [];

    /// <summary>Reads what has been recorded so far.</summary>
    public Recording(string folder, Cell cell)
    {
        Cell = cell;
        path = Path.Combine(folder, cell.FileName);
        if (!File.Exists(path))
            return;
        string text = File.ReadAllText(path);
        foreach (string line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            lines.Add([.. line.Split('\t').Select(field => double.Parse(field, NumberStyles.Float, CultureInfo.InvariantCulture))]);
    }

    /// <summary>Every cell of a machine's folder, recorded or not.</summary>
    public static IReadOnlyList<Recording> AllOf(string folder) => [.. Cell.All.Select(cell => new Recording(folder, cell))];

    /// <summary>What is recorded.</summary>
    public Cell Cell { get; }

    /// <summary>The lines.</summary>
    public IReadOnlyList<double[]> Lines => lines;

    /// <summary>The share that is recorded of what should be.</summary>
    public double Done => (double)lines.Count / Cell.Target;

    /// <summary>Adds a line, and has it on disk before this returns.</summary>
    public void Add(params double[] fields)
    {
        using (var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite))
        {
            CutOffHalfALine(file);
            using var writer = new StreamWriter(file) { NewLine = "\n" };
            writer.WriteLine(string.Join('\t', fields.Select(field => field.ToString("G6", CultureInfo.InvariantCulture))));
        }

        lines.Add(fields);
    }

    private static void CutOffHalfALine(FileStream file)
    {
        long end = file.Length;
        while (end > 0)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n')
                break;
            end--;
        }

        file.SetLength(end);
        file.Position = end;
    }
}
