using System.Text.Json;
using ModelGate.Measuring;

namespace ModelGate.Reporting;

/// <summary>What a model costs over a dimension, for programs.</summary>
internal static class SweepJson
{
    /// <summary>Writes the properties of a sweep; what is not known is left out.</summary>
    public static void Write(Utf8JsonWriter json, SweepResult sweep)
    {
        json.WriteString("dimension", Untrusted.WellFormed(sweep.Dimension));
        WriteKnown("growth_activations", sweep.GrowthOfActivations);
        WriteKnown("growth_macs", sweep.GrowthOfMacs);
        json.WriteStartArray("points");
        foreach (var point in sweep.Points)
        {
            json.WriteStartObject();
            json.WriteNumber("size", point.Size);
            json.WriteNumber("latency", point.Latency);
            WriteKnown("activations", point.Activations);
            WriteKnown("macs", point.Macs);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void WriteKnown(string name, double? value)
        {
            if (value is { } known)
                json.WriteNumber(name, known);
        }
    }
}
