using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>What <c>modelgate bench --against</c> and <c>--noise-floor</c> have to say of a model and the one it is compared with.</summary>
/// <param name="ToolVersion">Version of ModelGate.</param>
/// <param name="Model">Path of the model, as it was asked for.</param>
/// <param name="Baseline">Path of the other model, as it was asked for; the same path where a model is compared with itself.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Result">What comparing them led to: one measurement.</param>
/// <param name="Confidence">Confidence of the interval, per side.</param>
/// <param name="Seed">Seed of the coin that decided which session was created first.</param>
public sealed record LatencyRatioReport(string ToolVersion, string Model, string Baseline, Machine Machine, LatencyResult Result, double Confidence, int Seed)
{
    /// <summary>The increase that is allowed, as a share; null where nothing is to be judged.</summary>
    public double? Limit { get; init; }

    /// <summary>The smallest increase that can be told from none, as a share, measured beforehand on a model and itself; null where it was not asked for.</summary>
    public double? NoiseFloor { get; init; }

    /// <summary>What the restarts say; null where the models could not be compared.</summary>
    public IncreaseJudgement? Judgement => Result.Measurements[0] is not Measurement.Compared compared ? null
        : Limit is { } limit ? IncreaseJudgement.Of(compared.LogRatios, limit, Confidence)
        : IncreaseJudgement.WithoutLimit(compared.LogRatios, Confidence);

    /// <summary>For people: ratio and interval, a plain sentence, then what it was measured on.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        switch (Result.Measurements[0])
        {
            case Measurement.Compared compared:
                AppendFigures(text, compared, Judgement!);
                break;
            case Measurement.Failed failed:
                text.Append(CultureInfo.InvariantCulture, $"error {failed.Kind.Code}: {Untrusted.Inert(failed.Reason)}\n{failed.Kind.Fix}\n");
                break;
        }

        if (NoiseFloor is { } floor)
            text.Append(CultureInfo.InvariantCulture, $"Noise floor of this machine for this model: {Increase.Size(floor)}. {Increase.BelowFloor(Limit, floor)}\n");
        if (Result.Waited >= 1)
            text.Append(CultureInfo.InvariantCulture, $"Waited {Result.Waited:0} s for another benchmark on this machine.\n");
        foreach (string note in Result.Notes)
            text.Append("Note: ").Append(Untrusted.Inert(note)).Append(".\n");
        if (Summary.TimedOn(Machine, Result.Runtime) is { } timedOn)
            text.Append(Untrusted.Inert(timedOn)).Append(CultureInfo.InvariantCulture, $", order of creation from seed {Seed}\n");
        return text.ToString();
    }

    /// <summary>For programs: ratios and base units.</summary>
    public string Json() => JsonText.Of(Write);

    private void AppendFigures(StringBuilder text, Measurement.Compared compared, IncreaseJudgement judgement)
    {
        var unit = compared.Metric.Unit;
        string restarts = $"{judgement.Restarts.ToString(CultureInfo.InvariantCulture)} {(judgement.Restarts == 1 ? "restart" : "restarts")}";
        text.Append(CultureInfo.InvariantCulture, $"{Untrusted.Inert(Model)} against {(Baseline == Model ? "itself" : Untrusted.Inert(Baseline))}\n");
        text.Append(CultureInfo.InvariantCulture, $"  {compared.Metric}  {Quantity.Format(compared.Value, unit)} against {Quantity.Format(compared.Baseline, unit)}\n");
        text.Append(CultureInfo.InvariantCulture, $"  ratio        {Ratio(judgement.Estimate)}, ");
        text.Append(judgement.Interval is { } interval ? $"between {Ratio(interval.Low)} and {Ratio(interval.High)} ({restarts})\n"
            : compared.NeededTime is { } needed ? $"no interval ({restarts}): one needs about {Duration.Text(needed)}, see --max-time\n"
            : $"no interval ({restarts})\n");
        text.Append(Sentence(compared, judgement)).Append('\n');
    }

    private string Sentence(Measurement.Compared compared, IncreaseJudgement judgement)
    {
        string model = Baseline == Model ? "A second session of the model" : "The model";
        if (judgement.Interval is not { } interval)
            return $"{model} took {Increase.Slower(judgement.Estimate)} so far; that is too little to say anything by.";
        string percent = (Confidence * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";
        string range = $"between {Increase.Slower(interval.Low)} and {Increase.Slower(interval.High)}, at {percent} confidence per side";
        if (Limit is not { } limit)
            return interval.Low > 0 || interval.High < 0 ? $"{model} is {Increase.Slower(judgement.Estimate)} ({range})." : $"{model} cannot be told from {(Baseline == Model ? "the first" : "its baseline")} by {compared.Metric}: it is {range}.";
        return judgement.Verdict switch
        {
            Verdict.Pass => $"{model} is not more than {Increase.Size(limit)} slower: it is {range}.",
            Verdict.Breach => $"{model} is more than {Increase.Size(limit)} slower: it is {range}.",
            _ => $"Whether {model.ToLowerInvariant()} is more than {Increase.Size(limit)} slower cannot be told: it is {range}.",
        };
    }

    private static string Ratio(double increase) => (1 + increase).ToString("0.0000", CultureInfo.InvariantCulture);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", "modelgate-comparison-1");
        json.WriteString("tool", ToolVersion);
        json.WriteString("model", Untrusted.WellFormed(Model));
        json.WriteString("baseline", Untrusted.WellFormed(Baseline));
        JsonReport.WriteMachine(json, Machine);
        JsonReport.WriteRuntime(json, Result.Runtime);
        json.WriteNumber("confidence", Confidence);
        json.WriteNumber("seed", Seed);
        json.WriteNumber("waited", Result.Waited);
        json.WriteString("metric", Result.Measurements[0].Metric.Name);
        JsonReport.WriteNumber(json, "max_increase", Limit);
        JsonReport.WriteNumber(json, "noise_floor", NoiseFloor);
        if (Result.Measurements[0] is Measurement.Compared compared && Judgement is { } judgement)
        {
            if (Limit is not null)
                json.WriteString("verdict", Summary.Name(judgement.Verdict));
            json.WriteString("clock", compared.OfProcessor ? "processor" : "elapsed");
            json.WriteNumber("value", compared.Value);
            json.WriteNumber("baseline_value", compared.Baseline);
            json.WriteNumber("ratio", 1 + judgement.Estimate);
            JsonReport.WriteNumber(json, "low", 1 + judgement.Interval?.Low);
            JsonReport.WriteNumber(json, "high", 1 + judgement.Interval?.High);
            JsonReport.WriteNumber(json, "needed_time", compared.NeededTime);
            json.WriteStartArray("restarts");
            foreach (double logRatio in compared.LogRatios)
                json.WriteNumberValue(Math.Exp(logRatio));
            json.WriteEndArray();
        }
        else if (Result.Measurements[0] is Measurement.Failed failed)
        {
            json.WriteString("code", failed.Kind.Code);
            json.WriteString("reason", Untrusted.WellFormed(failed.Reason));
        }

        json.WriteStartArray("notes");
        foreach (string note in Result.Notes)
            json.WriteStringValue(Untrusted.WellFormed(note));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
