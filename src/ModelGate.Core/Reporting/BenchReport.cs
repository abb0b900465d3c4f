using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Models;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>What <c>modelgate bench</c> has to say of one model.</summary>
/// <param name="ToolVersion">Version of ModelGate.</param>
/// <param name="Model">Path of the model, as it was asked for.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Result">What running it led to.</param>
/// <param name="Confidence">Confidence of the intervals.</param>
public sealed record BenchReport(string ToolVersion, string Model, Machine Machine, LatencyResult Result, double Confidence)
{
    private const int WidthOfName = 26;

    /// <summary>For people: a line per metric with its interval, then what it was measured on.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        text.Append(Untrusted.Inert(Model)).Append('\n');
        var failures = Result.Measurements.OfType<Measurement.Failed>().GroupBy(static failed => (failed.Kind, failed.Reason)).ToArray();
        bool isNothingKnown = failures.Length == 1 && failures[0].Count() == Result.Measurements.Count;
        int width = Result.Measurements.Select(static measurement => measurement.Metric.Name.Length).Append(WidthOfName - 1).Max() + 1; // a growth is called by its dimension, which may have a long name
        foreach (var measurement in isNothingKnown ? [] : Result.Measurements)
            text.Append("  ").Append(measurement.Metric.Name.PadRight(width)).Append(Line(measurement)).Append('\n');
        if (DistanceFromBound() is { } distance)
            text.Append("  ").Append(distance).Append('\n');
        foreach (var failure in failures)
            text.Append(MSBuildReport.Line(new ModelException(failure.Key.Kind, failure.Key.Reason.TrimEnd('.')).At(Model))).Append('\n');
        foreach (var table in BenchTables.Of(Result))
            AlignedTable.Append(text, table);
        if (Result.Macs is not null || Result.Operators is not null || Result.Sweeps.Count > 0)
            text.Append('\n');
        if (Result.Waited >= 1)
            text.Append(CultureInfo.InvariantCulture, $"Waited {Result.Waited:0} s for another benchmark on this machine.\n");
        foreach (string note in Result.Notes)
            text.Append("Note: ").Append(Untrusted.Inert(note)).Append(".\n");
        if (Summary.TimedOn(Machine, Result.Runtime) is { } timedOn)
            text.Append(Untrusted.Inert(timedOn)).Append('\n').Append(Untrusted.Inert($"{string.Join(' ', Machine.InstructionSets)}; {Result.Runtime!.Build}")).Append('\n');
        return text.ToString();
    }

    /// <summary>For a pull request or a job summary.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append("## ").Append(Untrusted.Markdown(Model)).Append("\n\n| metric | value |\n|---|---|");
        foreach (var measurement in Result.Measurements)
            text.Append("\n| `").Append(measurement.Metric.Name).Append("` | ").Append(string.Join(' ', Line(measurement).Split(' ', StringSplitOptions.RemoveEmptyEntries))).Append(" |");
        text.Append("\n\n");
        if (DistanceFromBound() is { } distance)
            text.Append(distance).Append("\n\n");
        foreach (var failed in Result.Measurements.OfType<Measurement.Failed>().DistinctBy(static failed => (failed.Kind, failed.Reason)))
            text.Append("- **").Append(failed.Kind.Code).Append("** ").Append(Untrusted.Markdown(failed.Reason)).Append('\n');
        foreach (var table in BenchTables.Of(Result))
            InspectionMarkdown.Append(text, table);
        foreach (string note in Result.Notes)
            text.Append("- ").Append(Untrusted.Markdown(note)).Append(".\n");
        if (Summary.TimedOn(Machine, Result.Runtime) is { } timedOn)
            text.Append('\n').Append(Untrusted.Markdown(timedOn)).Append('\n');
        return text.ToString();
    }

    /// <summary>For programs: base units.</summary>
    public string Json() => JsonText.Of(Write);

    // How much of what the machine can do the model leaves unused.
    private string? DistanceFromBound()
    {
        if (Result.Bound is not { } bound || Result.Measurements.OfType<Measurement.Sampled>().FirstOrDefault(static sampled => sampled.Metric.Name == "latency.p50") is not { } median)
            return null;
        double times = RestartJudgement.WithoutLimit(median.Restarts, Confidence).Estimate / bound.Seconds;
        string arithmetic = string.Create(CultureInfo.InvariantCulture, $"{Quantity.Format(bound.Roofline.Macs, Unit.Count)} multiply-accumulates at {bound.Peak / 1e9:0.#} GFLOP/s");
        string weights = string.Create(CultureInfo.InvariantCulture, $"{Quantity.Format(bound.Roofline.Bytes, Unit.Bytes)} of weights at {bound.Bandwidth / 1e9:0.#} GB/s");
        return string.Create(CultureInfo.InvariantCulture, $"latency.p50 is {times:0.#} times what {(bound.IsOfMemory ? weights : arithmetic)} take at least (and {(bound.IsOfMemory ? arithmetic : weights)})");
    }

    private string Line(Measurement measurement) => measurement switch
    {
        Measurement.Sampled sampled => Line(sampled),
        Measurement.Exact exact => Quantity.Format(exact.Value, exact.Metric.Unit).PadRight(12) + Quantity.FormatExact(exact.Value, exact.Metric.Unit),
        _ => "not measured",
    };

    private string Line(Measurement.Sampled sampled)
    {
        var unit = sampled.Metric.Unit;
        var judgement = RestartJudgement.WithoutLimit(sampled.Restarts, Confidence);
        string value = Quantity.Format(judgement.Estimate, unit).PadRight(12), restarts = $"{judgement.Restarts.ToString(CultureInfo.InvariantCulture)} {(judgement.Restarts == 1 ? "restart" : "restarts")}";
        return judgement.Interval is { } interval
            ? $"{value}between {Quantity.Format(interval.Low, unit)} and {Quantity.Format(interval.High, unit)} ({restarts})"
            : sampled.NeededTime is { } needed
                ? $"{value}no interval ({restarts}): one needs about {needed.ToString("0", CultureInfo.InvariantCulture)} s, see --max-time"
                : $"{value}no interval ({restarts})";
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", "modelgate-bench-1");
        json.WriteString("tool", ToolVersion);
        json.WriteString("model", Untrusted.WellFormed(Model));
        JsonReport.WriteMachine(json, Machine);
        JsonReport.WriteRuntime(json, Result.Runtime);
        json.WriteNumber("confidence", Confidence);
        json.WriteNumber("waited", Result.Waited);
        json.WriteStartArray("metrics");
        foreach (var measurement in Result.Measurements)
            Write(json, measurement);
        json.WriteEndArray();
        if (Result.Macs is { } macs)
        {
            json.WriteStartArray("macs");
            foreach (var one in (IEnumerable<OperatorMacs>)[.. macs.Operators, .. macs.WithoutFormula])
            {
                json.WriteStartObject();
                json.WriteString("operator", one.Operator);
                json.WriteNumber("executions", one.Executions);
                if (!macs.WithoutFormula.Contains(one))
                    json.WriteNumber("macs", one.Macs);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (Result.Bound is { } bound)
        {
            json.WriteStartObject("bound");
            json.WriteNumber("seconds", bound.Seconds);
            json.WriteNumber("macs_at_float_rate", bound.Roofline.Macs);
            json.WriteNumber("weight_bytes", bound.Roofline.Bytes);
            json.WriteNumber("operations_per_second", bound.Peak);
            json.WriteNumber("bytes_per_second", bound.Bandwidth);
            json.WriteEndObject();
        }

        foreach (var sweep in Result.Sweeps)
        {
            json.WriteStartObject("sweep");
            SweepJson.Write(json, sweep);
            json.WriteEndObject();
        }

        if (Result.Operators is { } times)
        {
            json.WriteStartObject("profile");
            json.WriteNumber("runs", times.Runs);
            json.WriteStartArray("operators");
            foreach (var one in times.Operators)
            {
                json.WriteStartObject();
                json.WriteString("operator", one.Operator);
                json.WriteString("provider", one.Provider);
                json.WriteNumber("executions", one.Executions);
                json.WriteNumber("seconds", one.Seconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("nodes");
            foreach (var one in times.Nodes.Take(BenchTables.MostNodes))
            {
                json.WriteStartObject();
                json.WriteString("name", Untrusted.WellFormed(one.Name));
                json.WriteString("operator", one.Operator);
                json.WriteString("output", one.Output);
                json.WriteNumber("seconds", one.Seconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteStartArray("notes");
        foreach (string note in Result.Notes)
            json.WriteStringValue(Untrusted.WellFormed(note));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, Measurement measurement)
    {
        json.WriteStartObject();
        json.WriteString("name", measurement.Metric.Name);
        if (measurement is Measurement.Sampled sampled)
        {
            var judgement = RestartJudgement.WithoutLimit(sampled.Restarts, Confidence);
            json.WriteNumber("value", judgement.Estimate);
            if (judgement.Interval is { } interval)
            {
                json.WriteNumber("low", interval.Low);
                json.WriteNumber("high", interval.High);
            }

            json.WriteNumber("runs_per_restart", sampled.RunsPerRestart);
            json.WriteStartArray("restarts");
            foreach (double restart in sampled.Restarts)
                json.WriteNumberValue(restart);
            json.WriteEndArray();
        }
        else if (measurement is Measurement.Exact exact)
        {
            json.WriteNumber("value", exact.Value);
        }
        else if (measurement is Measurement.Failed failed)
        {
            json.WriteString("code", failed.Kind.Code);
            json.WriteString("reason", Untrusted.WellFormed(failed.Reason));
        }

        json.WriteEndObject();
    }
}
