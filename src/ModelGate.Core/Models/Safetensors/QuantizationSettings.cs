using System.Text.Json;

namespace ModelGate.Models.Safetensors;

/// <summary>How weights were packed.</summary>
/// <param name="Bits">Bits of each.</param>
/// <param name="Group">How many share a scale; 0 where that is not said.</param>
internal sealed record QuantizationSetting(int Bits, int Group);

/// <summary>
/// What the configuration beside a model (<c>config.json</c>, as Hugging Face's and Apple's libraries write it) says of how its weights were
/// packed. It is read when first asked for, and only where the file leaves that open; one that cannot be read says nothing.
/// </summary>
/// <param name="path">Path of the model.</param>
/// <param name="beside">The files beside it.</param>
internal sealed class QuantizationSettings(string path, FilesBeside beside)
{
    private const int Longest = 16 << 20, Deepest = 64;

    private readonly Dictionary<string, QuantizationSetting> byModule = new(StringComparer.Ordinal);
    private QuantizationSetting? general;
    private string method = "";
    private bool isRead;

    /// <summary>Name of the method that packed them (<c>quant_method</c>); empty where it is not said.</summary>
    public string Method
    {
        get
        {
            Read();
            return method;
        }
    }

    /// <summary>How the weights of a module were packed; null where that is not said.</summary>
    public QuantizationSetting? Of(string module)
    {
        Read();
        return byModule.GetValueOrDefault(module) ?? general;
    }

    private void Read()
    {
        if (isRead) return;
        isRead = true;
        try
        {
            var model = Path.GetFullPath(path);
            var config = Siblings.Locate(model, "config.json", static what => new ModelException(Diagnostics.ExternalDataRefused, what));
            if (!beside.Has(config) || beside.LengthOf(config) is not (> 0 and <= Longest)) return;
            using var document = JsonDocument.Parse(beside.Read(config, Bytes), new JsonDocumentOptions { MaxDepth = Deepest });
            Take(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ModelException or IOException)
        {
            // The model is whole without it. Half a character in a name is no error of JSON, and cannot be read either.
        }
    }

    private static byte[] Bytes(Stream stream)
    {
        var bytes = new byte[Math.Min(stream.Length, Longest)];
        stream.Position = 0;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void Take(JsonElement config)
    {
        if (config.ValueKind != JsonValueKind.Object) return;
        foreach (var member in config.EnumerateObject())
        {
            if (member.Name is "text_config" or "language_config") Take(member.Value);
            if (member.Name is not ("quantization" or "quantization_config") || member.Value.ValueKind != JsonValueKind.Object) continue;
            general = Setting(member.Value) ?? general;
            foreach (var part in member.Value.EnumerateObject())
            {
                if (part.Name == "quant_method" && part.Value.ValueKind == JsonValueKind.String) method = part.Value.GetString()!;
                else if (part.Value.ValueKind == JsonValueKind.Object && Setting(part.Value) is { } own) byModule[part.Name] = own;
            }
        }
    }

    private static QuantizationSetting? Setting(JsonElement element) => Number(element, "bits") is { } bits ? new(bits, Number(element, "group_size") ?? 0) : null;

    private static int? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
