using System.Text.Json;
using ModelGate.Compressing;

namespace ModelGate.Reporting;

/// <summary>What became of a model that was compressed, for programs. Values are in base units: bytes, counts, dB.</summary>
public static class CompressionJson
{
    /// <summary>Identifies the shape of the document; it changes when a reader would have to.</summary>
    public const string Schema = "modelgate-compress-1";

    /// <summary>Renders it, ended by a newline.</summary>
    public static string Render(string toolVersion, Compression compression) => JsonText.Of(json =>
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("tool", toolVersion);
        json.WriteString("model", Untrusted.WellFormed(compression.Model));
        json.WriteString("scheme", compression.Scheme.Name);
        json.WriteString("output", Untrusted.WellFormed(compression.Output));
        json.WriteNumber("size_before", compression.SizeBefore);
        json.WriteNumber("size_after", compression.SizeAfter);
        json.WriteNumber("ratio", compression.Ratio);
        json.WriteStartObject("fidelity");
        Write(json, compression.Total());
        json.WriteEndObject();
        if (compression.Pruning is { } pruning) Write(json, pruning);
        json.WriteStartArray("converted");
        foreach (var weight in compression.Converted)
        {
            json.WriteStartObject();
            json.WriteString("name", Untrusted.WellFormed(weight.Name));
            json.WriteNumber("bytes", weight.Bytes);
            Write(json, weight.Fidelity);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("left");
        foreach (var left in compression.Left)
        {
            json.WriteStartObject();
            json.WriteString("name", Untrusted.WellFormed(left.Name));
            json.WriteNumber("bytes", left.Bytes);
            json.WriteString("reason", Untrusted.WellFormed(left.Reason));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, PruningOutcome pruning)
    {
        json.WriteStartObject("pruning");
        json.WriteNumber("gzip_before", pruning.WireBefore);
        json.WriteNumber("gzip_after", pruning.WireAfter);
        json.WriteNumber("sparse_size", pruning.SparseSize);
        json.WriteStartArray("curve");
        foreach (var point in pruning.Curve)
        {
            json.WriteStartObject();
            json.WriteNumber("percent", point.Percent);
            json.WriteNumber("below", point.Magnitude);
            WriteSqnr(json, point.Sqnr);
            json.WriteNumber("cosine", point.Cosine);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, WeightFidelity fidelity)
    {
        json.WriteNumber("elements", fidelity.Elements);
        WriteSqnr(json, fidelity.Sqnr);
        json.WriteNumber("cosine", fidelity.Cosine);
        json.WriteNumber("max_error", fidelity.MaxError);
        json.WriteNumber("sparsity", fidelity.Sparsity);
        json.WriteNumber("entropy", fidelity.Entropy);
    }

    // JSON has no infinity: a weight that is not changed at all has no SQNR.
    private static void WriteSqnr(Utf8JsonWriter json, double sqnr)
    {
        if (double.IsFinite(sqnr)) json.WriteNumber("sqnr", sqnr);
        else json.WriteNull("sqnr");
    }
}
