using System.Globalization;
using System.Text.Json;

namespace ModelGate.Measuring;

/// <summary>
/// Reads the profile that ONNX Runtime writes: a JSON array with one event on each line. Names of nodes stand in it unescaped, so only
/// what follows them is read as JSON. Nothing is kept: a profile may hold a million events.
/// </summary>
public static class ProfileReader
{
    /// <summary>Events that the runtime writes at most; it stops there without a word (Profiler::global_max_num_events_).</summary>
    public const int MostEvents = 1_000_000;

    private const int MostCharactersOfALine = 1 << 20;
    private const string Arguments = "\"args\" : {", Name = "\"name\" :\"", OfKernel = "_kernel_time";
    private const double MicrosecondsPerSecond = 1e6;

    /// <summary>Every execution of a node, in the order they ended, with the number of the run it belongs to, from 0.</summary>
    /// <exception cref="InvalidDataException">It is no profile, was not written to its end, or ended where the runtime stops writing.</exception>
    public static IEnumerable<(int Run, ProfiledNode Node)> Read(TextReader profile)
    {
        var lines = new BoundedLineReader(profile, MostCharactersOfALine);
        int run = 0, events = 0;
        bool isWhole = false;
        while (lines.ReadLine() is { } line)
        {
            isWhole = line.TrimEnd() == "]";
            if (!line.StartsWith('{'))
                continue; // the brackets around it
            if (++events >= MostEvents)
                throw new InvalidDataException($"the runtime stops writing its profile after {MostEvents} events, and this model has more");
            if (line.Contains("\"model_run\"", StringComparison.Ordinal) && line.StartsWith("{\"cat\" : \"Session\"", StringComparison.Ordinal))
                run++;
            else if (Node(line) is { } node)
                yield return (run, node);
        }

        // On a full disk the runtime stops without a word, and what is missing would count as nothing.
        if (!isWhole)
            throw new InvalidDataException("it ends before its last event: there was no room for the rest of it");
    }

    private static ProfiledNode? Node(string line)
    {
        int arguments = line.LastIndexOf(Arguments, StringComparison.Ordinal), name = line.IndexOf(Name, StringComparison.Ordinal) + Name.Length;
        if (!line.StartsWith("{\"cat\" : \"Node\"", StringComparison.Ordinal) || arguments < 0 || name < Name.Length)
            return null;
        int end = line.LastIndexOf(OfKernel, arguments, StringComparison.Ordinal);
        if (end < name)
            return null; // a fence, not the kernel
        try
        {
            using var json = JsonDocument.Parse(line.AsMemory(arguments + Arguments.Length - 1, line.LastIndexOf('}') - arguments - Arguments.Length + 1));
            var told = json.RootElement;
            return new(
                line[name..end], (int)(Number(told, "node_index") ?? -1), Text(told, "op_name"), Text(told, "provider"), Tensors(told, "input_type_shape"), Tensors(told, "output_type_shape"),
                Microseconds(line, "\"ts\" :") / MicrosecondsPerSecond, Microseconds(line, "\"dur\" :") / MicrosecondsPerSecond)
            {
                Memory = Number(told, "mem_bytes_in_use") is { } held && Number(told, "mem_bytes_requested_in_use") is { } requested && Number(told, "mem_in_use_peak") is { } peak
                    ? new(held, Number(told, "mem_in_use_delta") ?? 0, requested, Number(told, "mem_requested_in_use_delta") ?? 0, peak)
                    : null,
            };
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"the runtime's profile has an event that is not understood: {line[..Math.Min(line.Length, 200)]}", e);
        }
    }

    // [{"float":[1,3,224,224]},{"int64":[]}]
    private static IReadOnlyList<ProfiledTensor> Tensors(JsonElement arguments, string name) =>
        !arguments.TryGetProperty(name, out var list) ? [] :
        [
            .. list.EnumerateArray().SelectMany(static tensor => tensor.EnumerateObject())
                .Select(static tensor => new ProfiledTensor(tensor.Name, [.. tensor.Value.EnumerateArray().Select(static dim => dim.GetInt64())])),
        ];

    private static string Text(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static long? Number(JsonElement arguments, string name) =>
        long.TryParse(Text(arguments, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static long Microseconds(string line, string name)
    {
        int from = line.IndexOf(name, StringComparison.Ordinal) + name.Length, to = from;
        while (to < line.Length && char.IsAsciiDigit(line[to]))
            to++;
        return long.Parse(line.AsSpan(from, to - from), NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
