using System.Text.Json;

namespace ModelGate.Reporting;

/// <summary>Models and all their tensors for programs. Values are in base units: bytes, counts, bits.</summary>
public static class InspectionJson
{
    /// <summary>Identifies the shape of the document; it changes when a reader would have to.</summary>
    public const string Schema = "modelgate-inspect-1";

    /// <summary>Renders inspections, ended by a newline.</summary>
    /// <param name="toolVersion">Version of ModelGate.</param>
    /// <param name="inspections">Models that could be read.</param>
    /// <param name="failures">What went wrong with the others.</param>
    public static string Render(string toolVersion, IReadOnlyList<Inspection> inspections, IReadOnlyList<Diagnostic> failures) =>
        JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteString("tool", toolVersion);
            json.WriteStartArray("models");
            foreach (var inspection in inspections) Write(json, inspection);
            json.WriteEndArray();
            json.WriteStartArray("diagnostics");
            foreach (var failure in failures)
            {
                json.WriteStartObject();
                WriteText(json, "path", failure.At?.File ?? "");
                json.WriteString("code", failure.Kind.Code);
                WriteText(json, "message", failure.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    private static void Write(Utf8JsonWriter json, Inspection inspection)
    {
        json.WriteStartObject();
        WriteText(json, "path", inspection.Model.Path);
        json.WriteString("format", Inspection.Name(inspection.Model.Format));

        json.WriteStartObject("metrics");
        foreach (var measured in inspection.Metrics) json.WriteNumber(measured.Metric.Name, measured.Value);
        json.WriteEndObject();

        json.WriteStartArray("tensors");
        foreach (var tensor in inspection.Model.Tensors) Write(json, tensor);
        json.WriteEndArray();

        json.WriteStartArray("external_files");
        foreach (var file in inspection.Model.ExternalFiles)
        {
            json.WriteStartObject();
            WriteText(json, "name", Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(inspection.Model.Path))!, file.Path).Replace('\\', '/'));
            json.WriteNumber("bytes", file.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        json.WriteStartArray("notes");
        foreach (var note in inspection.Model.Notes)
        {
            json.WriteStartObject();
            json.WriteString("code", note.Kind.Code);
            WriteText(json, "message", note.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Models.Tensor tensor)
    {
        json.WriteStartObject();
        WriteText(json, "name", tensor.Name);
        json.WriteString("dtype", tensor.Type.Name);
        json.WriteStartArray("dims");
        foreach (long dim in tensor.Dims) json.WriteNumberValue(dim);
        json.WriteEndArray();
        json.WriteNumber("elements", tensor.Elements);
        json.WriteNumber("logical_elements", tensor.LogicalElements);
        json.WriteNumber("bytes", tensor.Bytes);
        json.WriteString("place", Inspection.Name(tensor.Place));
        WriteText(json, "graph", tensor.Graph);
        json.WriteString("role", Inspection.Name(tensor.Role));
        WriteText(json, "layer", tensor.Layer);
        WriteText(json, "operator", tensor.Operator);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text) => json.WriteString(name, Untrusted.WellFormed(text));
}
