using System.Text.Json;
using ModelGate.Gating;
using ModelGate.Measuring;

namespace ModelGate.Reporting;

/// <summary>The report for programs. Values are in base units: bytes, seconds, counts, ratios.</summary>
public static class JsonReport
{
    /// <summary>Identifies the shape of the document; it changes when a reader would have to.</summary>
    public const string Schema = "modelgate-check-1";

    /// <summary>Renders a report, ended by a newline.</summary>
    public static string Render(Report report) => JsonText.Of(json => Write(json, report));

    private static void Write(Utf8JsonWriter json, Report report)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("tool", report.ToolVersion);
        json.WriteString("policy", Untrusted.WellFormed(report.PolicyPath));
        json.WriteString("verdict", Summary.Outcome(report));
        WriteMachine(json, report.Machine);
        WriteRuntime(json, report.Runtime);
        json.WriteStartArray("timing_notes");
        foreach (string note in report.TimingNotes)
            json.WriteStringValue(Untrusted.WellFormed(note));
        json.WriteEndArray();

        json.WriteStartArray("sweeps");
        foreach (var (model, sweep) in report.Sweeps)
        {
            json.WriteStartObject();
            json.WriteString("model", Untrusted.WellFormed(model));
            SweepJson.Write(json, sweep);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("budgets");
        foreach (var budget in report.Budgets)
            WriteBudget(json, budget);
        json.WriteEndArray();

        json.WriteStartArray("diagnostics");
        foreach (var diagnostic in report.Diagnostics)
        {
            json.WriteStartObject();
            json.WriteString("severity", Summary.Name(diagnostic.Severity));
            WriteTold(json, diagnostic, diagnostic.At);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteBudget(Utf8JsonWriter json, BudgetResult result)
    {
        json.WriteStartObject();
        json.WriteString("model", Untrusted.WellFormed(result.Subject));
        WriteText(json, "path", result.Path);
        json.WriteString("metric", result.Budget.Metric.Name);
        json.WriteNumber("limit", result.Budget.Limit.Value);
        json.WriteString("bound", Figures.Key(result.Budget));
        WriteNumber(json, "warn", result.Budget.Warn?.Value);
        WriteNumber(json, "measured", result.Measured);
        if (result.Comparison is { } comparison)
        {
            json.WriteNumber("value", comparison.Value);
            json.WriteNumber("baseline_value", comparison.Baseline);
        }

        WriteNumber(json, "low", result.Interval?.Low);
        WriteNumber(json, "high", result.Interval?.High);
        json.WriteStartArray("restarts");
        foreach (double value in result.Restarts)
            json.WriteNumberValue(value);
        json.WriteEndArray();
        json.WriteString("verdict", Summary.Name(result.Verdict));
        WriteText(json, "reason", result.Reason.Length > 0 ? result.Reason : null);
        WriteTold(json, result.Diagnostic, result.Budget.At);
        json.WriteEndObject();
    }

    private static void WriteTold(Utf8JsonWriter json, Diagnostic? diagnostic, SourceLocation? at)
    {
        WriteText(json, "code", diagnostic?.Kind.Code);
        WriteText(json, "file", at?.File);
        WriteNumber(json, "line", at?.Line);
        WriteNumber(json, "column", at?.Column);
        WriteText(json, "message", diagnostic?.Message);
    }

    internal static void WriteMachine(Utf8JsonWriter json, Machine? machine)
    {
        if (machine is null)
        {
            json.WriteNull("machine");
            return;
        }

        json.WriteStartObject("machine");
        json.WriteString("cpu", Untrusted.WellFormed(machine.Cpu));
        json.WriteStartArray("isa");
        foreach (string set in machine.InstructionSets)
            json.WriteStringValue(set);
        json.WriteEndArray();
        json.WriteNumber("cores", machine.Cores);
        json.WriteNumber("usable_cores", machine.UsableCores);
        json.WriteString("affinity", machine.Affinity);
        if (machine.Quota is { } quota)
            json.WriteNumber("quota", quota);
        json.WriteNumber("memory", machine.Memory);
        json.WriteString("os", Untrusted.WellFormed(machine.Os));
        json.WriteString("architecture", machine.Architecture);
        WriteText(json, "power_governor", machine.PowerGovernor);
        json.WriteEndObject();
    }

    internal static void WriteRuntime(Utf8JsonWriter json, RuntimeInfo? runtime)
    {
        if (runtime is null)
        {
            json.WriteNull("runtime");
            return;
        }

        json.WriteStartObject("runtime");
        json.WriteString("package", Untrusted.WellFormed(runtime.Package));
        json.WriteString("version", Untrusted.WellFormed(runtime.Version));
        json.WriteString("build", Untrusted.WellFormed(runtime.Build));
        json.WriteString("provider", runtime.Provider);
        json.WriteNumber("intra_op_threads", runtime.IntraOpThreads);
        json.WriteNumber("inter_op_threads", runtime.InterOpThreads);
        json.WriteString("optimization_level", runtime.OptimizationLevel);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is null)
            json.WriteNull(name);
        else
            json.WriteString(name, Untrusted.WellFormed(value));
    }

    internal static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) // JSON knows no infinity, which is what an increase from nothing is
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
