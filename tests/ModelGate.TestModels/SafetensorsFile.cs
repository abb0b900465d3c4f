using System.Globalization;
using System.Text;

namespace ModelGate.TestModels;

/// <summary>A safetensors file in the making: a header of JSON and, but for the values of small integers, zeros behind it.</summary>
public sealed class SafetensorsFile
{
    private readonly List<string> entries = [];
    private readonly List<(long Offset, long[] Values)> filled = [];
    private long end;

    /// <summary>Adds a tensor of zeros behind the last.</summary>
    /// <param name="name">Its name, as JSON writes it.</param>
    /// <param name="type">Its element type, as safetensors calls it.</param>
    /// <param name="bytes">Bytes that it takes.</param>
    /// <param name="dims">Its dimensions.</param>
    public SafetensorsFile Tensor(string name, string type, long bytes, params long[] dims)
    {
        Entry($"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(',', dims)}],\"data_offsets\":[{end.ToString(CultureInfo.InvariantCulture)},{(end + bytes).ToString(CultureInfo.InvariantCulture)}]}}");
        end += bytes;
        return this;
    }

    /// <summary>Adds a tensor of integers behind the last.</summary>
    public SafetensorsFile Numbers(string name, params long[] values)
    {
        filled.Add((end, values));
        return Tensor(name, "I64", values.Length * sizeof(long), values.Length);
    }

    /// <summary>Adds a member of the header as it is.</summary>
    public SafetensorsFile Entry(string json)
    {
        entries.Add(json);
        return this;
    }

    /// <summary>Bytes of the file.</summary>
    public byte[] ToArray()
    {
        var file = Of($"{{{string.Join(',', entries)}}}", end);
        foreach (var (offset, values) in filled) Buffer.BlockCopy(values, 0, file, (int)(file.Length - end + offset), values.Length * sizeof(long));
        return file;
    }

    /// <summary>A file with any header and so many bytes of data.</summary>
    public static byte[] Of(string header, long data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. new byte[data]];
    }
}
