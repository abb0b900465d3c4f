using System.Text;
using System.Text.Json;
using ModelGate.Measuring;
using ModelGate.Reporting;

namespace ModelGate.Benchmarks.Study;

/// <summary>
/// A folder of recordings of one machine and one runtime. A file beside them holds the whole fingerprint, and recordings of another
/// fingerprint go to another folder: they are never judged together.
/// </summary>
internal static class RecordedMachine
{
    private const string FileName = "machine.json", TitleName = "timed_on";

    /// <summary>The folder of a machine and a runtime, which is made where it is not there yet.</summary>
    /// <param name="recordings">Folder of all recordings.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="runtime">The runtime.</param>
    public static string FolderOf(string recordings, Machine machine, RuntimeInfo runtime)
    {
        string name = NameOf(machine, runtime), fingerprint = Fingerprint(machine, runtime);
        for (int i = 1; ; i++)
        {
            string folder = Path.Combine(recordings, i == 1 ? name : $"{name}-{i}"), file = Path.Combine(folder, FileName);
            if (!File.Exists(file))
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(file, fingerprint);
                return folder;
            }

            if (File.ReadAllText(file) == fingerprint)
                return folder;
        }
    }

    /// <summary>Folders of machines that something is recorded of, by name.</summary>
    /// <param name="recordings">Folder of all recordings.</param>
    public static IEnumerable<string> Folders(string recordings) =>
        Directory.Exists(recordings) ? Directory.EnumerateDirectories(recordings).Where(folder => File.Exists(Path.Combine(folder, FileName))).Order(StringComparer.Ordinal) : [];

    /// <summary>The machine of a folder, in a line.</summary>
    public static string Title(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, FileName)));
        return json.RootElement.GetProperty(TitleName).GetString()!;
    }

    private static string NameOf(Machine machine, RuntimeInfo runtime)
    {
        var name = new StringBuilder();
        foreach (char letter in $"{machine.Cpu} {machine.Cores} cores onnxruntime {runtime.Version}".ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter == '.')
                name.Append(letter);
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
        }

        return name.ToString();
    }

    private static string Fingerprint(Machine machine, RuntimeInfo runtime)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new() { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString(TitleName, Summary.TimedOn(machine, runtime));
            JsonReport.WriteMachine(json, machine);
            JsonReport.WriteRuntime(json, runtime);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.ToArray()) + "\n";
    }
}
