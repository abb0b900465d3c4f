using System.Text;
using System.Text.Json;
using ModelGate.Comparing;
using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Reporting;

/// <summary>What <c>modelgate compare</c> has to say of two models.</summary>
/// <param name="ToolVersion">Version of ModelGate.</param>
/// <param name="Comparison">What was found.</param>
/// <param name="Machine">The machine; null where nothing was run.</param>
/// <param name="Confidence">Confidence of the interval of the latency's ratio, per side.</param>
public sealed record CompareReport(string ToolVersion, ModelComparison Comparison, Machine? Machine, double Confidence)
{
    /// <summary>Identifies the shape of the JSON document; it changes when a reader would have to.</summary>
    public const string Schema = "modelgate-compare-1";

    private const string NotTimed = "Latency is not compared: --time does it in turns, which takes ten seconds to a minute.";

    /// <summary>For people.</summary>
    /// <param name="style">What the place it goes to can show.</param>
    public string Text(TextStyle style)
    {
        var text = new StringBuilder();
        var page = new Page(text, style);
        page.Line($"{Untrusted.Inert(Comparison.Before.Path)} -> {Untrusted.Inert(Comparison.After.Path)}");
        foreach (var table in CompareTables.Of(Comparison))
            AlignedTable.Append(text, table, style);
        page.Line();
        foreach (string remark in Remarks())
            page.Wrapped(remark, "", "  ", style.Width);
        return text.ToString();
    }

    /// <summary>For a pull request or a job summary.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append("## ").Append(Untrusted.Markdown(Comparison.Before.Path)).Append(" → ").Append(Untrusted.Markdown(Comparison.After.Path)).Append("\n\n");
        foreach (var table in CompareTables.Of(Comparison))
            InspectionMarkdown.Append(text, table);
        foreach (string remark in Remarks())
            text.Append("- ").Append(Untrusted.Markdown(remark)).Append('\n');
        return text.ToString();
    }

    /// <summary>For programs: bytes, counts, ratios, seconds.</summary>
    public string Json() => JsonText.Of(Write);

    private IEnumerable<string> Remarks()
    {
        foreach (string remark in CompareTables.Remarks(Comparison))
            yield return remark;
        yield return CompareTables.Latency(Comparison, Confidence) ?? NotTimed;
        foreach (string note in (Comparison.Outputs?.Notes ?? []).Union(Comparison.Latency?.Notes ?? []))
            yield return $"Note: {note}.";
        if (Summary.TimedOn(Machine, Comparison.Latency?.Runtime) is { } timedOn)
            yield return timedOn + ".";
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("tool", ToolVersion);
        json.WriteString("before", Untrusted.WellFormed(Comparison.Before.Path));
        json.WriteString("after", Untrusted.WellFormed(Comparison.After.Path));
        json.WriteNumber("size_before", Comparison.SizeBefore);
        json.WriteNumber("size_after", Comparison.SizeAfter);
        json.WriteNumber("size_ratio", Comparison.SizeRatio);
        JsonReport.WriteNumber(json, "parameters_before", Comparison.ParametersBefore);
        JsonReport.WriteNumber(json, "parameters_after", Comparison.ParametersAfter);
        WriteTensors(json, Comparison.Tensors);
        WriteOutputs(json, Comparison.Outputs);
        WriteLatency(json, Comparison.Latency);
        json.WriteEndObject();
    }

    private static void WriteTensors(Utf8JsonWriter json, TensorComparison? tensors)
    {
        if (tensors is null)
        {
            json.WriteNull("tensors");
            return;
        }

        json.WriteStartObject("tensors");
        foreach (var change in Enum.GetValues<TensorChange>())
            json.WriteNumber(CompareTables.Name(change), tensors.Of(change).Count);
        json.WriteNumber("changed_parameters", tensors.ChangedParameters);
        json.WriteNumber("shared_share", tensors.SharedShare);
        json.WriteNumber("delta_size", tensors.DeltaSize);
        json.WriteStartArray("different");
        foreach (var one in tensors.Tensors.Where(static one => one.Change != TensorChange.Identical))
        {
            json.WriteStartObject();
            json.WriteString("name", Untrusted.WellFormed(one.Tensor.Name));
            json.WriteString("change", CompareTables.Name(one.Change));
            if (one.NameBefore is { } before)
                json.WriteString("name_before", Untrusted.WellFormed(before));
            json.WriteNumber("bytes_before", one.Before?.Bytes ?? 0);
            json.WriteNumber("bytes_after", one.After?.Bytes ?? 0);
            JsonReport.WriteNumber(json, "values_changed", one.ValuesChanged);
            JsonReport.WriteNumber(json, "sqnr", one.Fidelity?.Sqnr);
            JsonReport.WriteNumber(json, "max_error", one.Fidelity?.MaxError);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOutputs(Utf8JsonWriter json, OutputResult? result)
    {
        if (result is null)
        {
            json.WriteNull("outputs");
            return;
        }

        json.WriteStartObject("outputs");
        if (result.Fidelity is { } fidelity)
        {
            json.WriteString("inputs", Untrusted.WellFormed(fidelity.Inputs));
            json.WriteNumber("samples", fidelity.Samples);
            json.WriteBoolean("seeded", fidelity.SampleFile is null);
            JsonReport.WriteNumber(json, "accuracy_before", fidelity.Accuracy?.ShareOfOther);
            JsonReport.WriteNumber(json, "accuracy_after", fidelity.Accuracy?.Share);
            json.WriteStartArray("each");
            foreach (var output in fidelity.Outputs)
                WriteOutput(json, output);
            json.WriteEndArray();
            json.WritePropertyName("all");
            WriteOutput(json, fidelity.Total);
            json.WriteStartArray("notes");
            foreach (string note in result.Notes)
                json.WriteStringValue(Untrusted.WellFormed(note));
            json.WriteEndArray();
        }
        else
        {
            json.WriteString("code", result.Failure!.Kind.Code);
            json.WriteString("reason", Untrusted.WellFormed(result.Failure.Reason));
        }

        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, OutputFidelity output)
    {
        json.WriteStartObject();
        json.WriteString("name", Untrusted.WellFormed(output.Name));
        if (output.Obstacle is { } obstacle)
            json.WriteString("not_compared", Untrusted.WellFormed(obstacle));
        json.WriteNumber("values", output.Elements);
        json.WriteNumber("not_finite", output.NotFinite);
        json.WriteNumber("broken", output.Broken);
        json.WriteNumber("cosine", output.Cosine);
        JsonReport.WriteNumber(json, "relative_error", output.RelativeError);
        json.WriteNumber("max_error", output.MaxError);
        JsonReport.WriteNumber(json, "top1", output.Top1);
        json.WriteEndObject();
    }

    private void WriteLatency(Utf8JsonWriter json, LatencyResult? result)
    {
        JsonReport.WriteMachine(json, Machine);
        JsonReport.WriteRuntime(json, result?.Runtime ?? Comparison.Outputs?.Runtime);
        if (result?.Measurements[0] is not Measurement.Compared compared)
        {
            json.WriteNull("latency");
            return;
        }

        var known = IncreaseJudgement.WithoutLimit(compared.LogRatios, Confidence);
        json.WriteStartObject("latency");
        json.WriteNumber("before", compared.Baseline);
        json.WriteNumber("after", compared.Value);
        json.WriteNumber("ratio", 1 + known.Estimate);
        JsonReport.WriteNumber(json, "low", 1 + known.Interval?.Low);
        JsonReport.WriteNumber(json, "high", 1 + known.Interval?.High);
        json.WriteNumber("confidence", Confidence);
        json.WriteEndObject();
    }
}
