using System.Globalization;
using System.Text;

namespace ModelGate.TestModels;

/// <summary>A safetensors file in the making: a header of JSON and zeros behind it.</summary>
public sealed class SafetensorsFile
{
    private readonly List<string> entries = [];
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

    /// <summary>Adds a member of the header as it is.</summary>
    public SafetensorsFile Entry(string json)
    {
        entries.Add(json);
        return this;
    }

    /// <summary>Bytes of the file.</summary>
    public byte[] ToArray() => Of($"{{{string.Join(',', entries)}}}", end);

    /// <summary>A file with any header and so many bytes of data.</summary>
    public static byte[] Of(string header, long data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. new byte[data]];
    }
}
