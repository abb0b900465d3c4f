using System.Text.Json;
using ModelGate.Measuring;
using ModelGate.Models;

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
        for (int index = 0; index < inspection.Model.Tensors.Count; index++) Write(json, inspection.Model.Tensors[index], inspection.Model.Layers?.Kinds[index]);
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
        if (inspection.Content is { } content) Write(json, content, inspection.Duplicates);
        if (inspection.Against is { } against) Write(json, against);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, WeightContent content, IReadOnlyList<DuplicateWeight> duplicates)
    {
        json.WriteStartObject("content");
        json.WriteNumber("values", content.Values);
        json.WriteNumber("zeros", content.Zeros);
        json.WriteNumber("groups", content.Groups);
        json.WriteNumber("sparse_groups", content.SparseGroups);
        json.WriteNumber("denormals", content.Denormals);
        json.WriteNumber("not_looked_at", content.Unread);
        json.WriteNumber("bytes", content.BytesRead);
        json.WriteNumber("entropy_bound", content.EntropyBound);
        json.WriteStartArray("duplicates");
        foreach (var duplicate in duplicates)
        {
            json.WriteStartObject();
            WriteText(json, "name", duplicate.First.Name);
            json.WriteStartArray("again_as");
            foreach (var repeat in duplicate.Repeats) json.WriteStringValue(Untrusted.WellFormed(repeat.Name));
            json.WriteEndArray();
            json.WriteNumber("wasted_bytes", duplicate.WastedBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, InspectedDifferences against)
    {
        json.WriteStartObject("against");
        WriteText(json, "path", against.Path);
        json.WriteStartArray("changes");
        foreach (var change in against.Changes)
        {
            json.WriteStartObject();
            WriteText(json, "name", change.Tensor.Name);
            WriteText(json, "graph", change.Tensor.Graph);
            json.WriteString("change", change.Change);
            json.WriteNumber("parameters", change.Parameters);
            json.WriteNumber("bytes", change.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Tensor tensor, LayerKind? kind)
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
        json.WriteString("kind", kind is { } told && tensor.IsParameter ? LayerGraph.Name(told) : null);
        WriteText(json, "layer", tensor.Layer);
        WriteText(json, "operator", tensor.Operator);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text) => json.WriteString(name, Untrusted.WellFormed(text));
}
