using System.Globalization;
using ModelGate.Comparing;
using ModelGate.Gating;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>The tables of a comparison of two models: sizes, tensors, outputs.</summary>
internal static class CompareTables
{
    private const int MostTensors = 15;
    private const string Hundredths = "0.##";

    /// <summary>Those that there is something for.</summary>
    public static IEnumerable<ReportTable> Of(ModelComparison comparison)
    {
        yield return Sizes(comparison);
        if (comparison.Tensors is { } tensors)
        {
            yield return Changes(tensors);
            if (tensors.Tensors.Any(static one => one.Change != TensorChange.Identical))
                yield return Heaviest(tensors);
        }

        if (comparison.Outputs?.Fidelity is { } fidelity)
            yield return Outputs(fidelity);
    }

    /// <summary>What could not be told, and what else there is to say, in sentences.</summary>
    public static IEnumerable<string> Remarks(ModelComparison comparison)
    {
        if (comparison.Tensors is null)
            yield return $"Tensors are not compared: {comparison.Before.WhyNotWeighable ?? comparison.After.WhyNotWeighable}.";
        if (comparison.Tensors?.Of(TensorChange.Unread).Count > 0)
            yield return "Unread: both models have the tensor, but its values are not compared: those of a sparse tensor that shares external bytes with another, or that stand in many pieces.";
        if (comparison.Outputs is { Failure: { } failure })
            yield return $"Outputs are not compared: {failure.Kind.Code}: {failure.Reason.TrimEnd('.')}. Next: {failure.Kind.Fix}";
        foreach (var output in comparison.Outputs?.Fidelity?.Outputs ?? [])
        {
            if (output.Obstacle is { } obstacle)
                yield return $"Output '{output.Name}' is not compared: {obstacle}.";
            if (output.Broken > 0)
                yield return string.Create(CultureInfo.InvariantCulture, $"Output '{output.Name}': {output.Broken} values are NaN or infinite in one model and not in the other.");
            if (output.NotFinite > 0)
                yield return string.Create(CultureInfo.InvariantCulture, $"Output '{output.Name}': {output.NotFinite} values are NaN or infinite in both models alike.");
        }

        if (comparison.Outputs?.Fidelity?.Accuracy is { } accuracy)
            yield return string.Create(CultureInfo.InvariantCulture, $"Accuracy on {accuracy.Labels} labels: {Quantity.Percent(accuracy.ShareOfOther, Hundredths)} before, {Quantity.Percent(accuracy.Share, Hundredths)} after.");
    }

    /// <summary>The ratio of the latencies in a sentence; null where they were not measured.</summary>
    public static string? Latency(ModelComparison comparison, double confidence) => comparison.Latency?.Measurements[0] switch
    {
        Measurement.Compared compared => Latency(compared, IncreaseJudgement.WithoutLimit(compared.LogRatios, confidence)),
        Measurement.Failed failed => $"Latency is not compared: {failed.Kind.Code}: {failed.Reason.TrimEnd('.')}. Next: {failed.Kind.Fix}",
        _ => null,
    };

    private static string Latency(Measurement.Compared compared, IncreaseJudgement known)
    {
        string interval = known.Interval is { } between ? string.Create(CultureInfo.InvariantCulture, $"between {1 + between.Low:0.000} and {1 + between.High:0.000} over {known.Restarts} restarts") : "no interval yet: give it more time with --max-time";
        return string.Create(CultureInfo.InvariantCulture, $"Latency (p50, in turns): {Quantity.Format(compared.Baseline, Unit.Seconds)} before, {Quantity.Format(compared.Value, Unit.Seconds)} after, ratio {1 + known.Estimate:0.000} ({interval}).");
    }

    private static ReportTable Sizes(ModelComparison comparison) => new("Sizes", [new(""), new("before", true), new("after", true), new("ratio", true)],
    [
        ["on disk", Bytes(comparison.SizeBefore), Bytes(comparison.SizeAfter), Ratio(comparison.SizeRatio)],
        .. comparison is { ParametersBefore: { } before, ParametersAfter: { } after }
            ? (IReadOnlyList<string>[])[["parameters", Quantity.Format(before, Unit.Count), Quantity.Format(after, Unit.Count), before == 0 ? "" : Ratio((double)after / before)]]
            : [],
    ]);

    private static ReportTable Changes(TensorComparison tensors) => new("Tensors", [new(""), new("tensors", true), new("bytes", true)],
    [
        .. Enum.GetValues<TensorChange>().Where(change => tensors.Of(change).Count > 0)
            .Select(change => (IReadOnlyList<string>)[Name(change), tensors.Of(change).Count.ToString(CultureInfo.InvariantCulture), Bytes(tensors.Of(change).Bytes)]),
    ]);

    private static ReportTable Heaviest(TensorComparison tensors)
    {
        ComparedTensor[] different = [.. tensors.Tensors.Where(static one => one.Change != TensorChange.Identical).OrderByDescending(static one => one.Tensor.Bytes)];
        string more = different.Length > MostTensors ? string.Create(CultureInfo.InvariantCulture, $" (the heaviest {MostTensors} of {different.Length})") : "";
        return new("Tensors that differ" + more, [new("tensor"), new("change"), new("type"), new("shape"), new("values changed", true), new("SQNR", true), new("max error", true)],
            [.. different.Take(MostTensors).Select(Row)]);
    }

    private static IReadOnlyList<string> Row(ComparedTensor one) =>
    [
        one.Tensor.Name,
        one.NameBefore is { } before ? $"{Name(one.Change)} from {before}" : Name(one.Change),
        Both(one, static tensor => tensor.Type.Name),
        Both(one, static tensor => $"[{string.Join(", ", tensor.Dims)}]"),
        one.ValuesChanged is { } values ? Quantity.Percent((double)values / one.Tensor.Elements, Hundredths) : "",
        one.Fidelity is { } fidelity && double.IsFinite(fidelity.Sqnr) ? Quantity.Format(fidelity.Sqnr, Unit.Decibels) : "",
        one.Fidelity is { } error ? error.MaxError.ToString("0.##e+0", CultureInfo.InvariantCulture) : "",
    ];

    private static string Both(ComparedTensor one, Func<Models.Tensor, string> told)
    {
        string now = told(one.Tensor), before = one.Before is null ? now : told(one.Before);
        return before == now ? now : $"{now}, was {before}";
    }

    private static ReportTable Outputs(ModelFidelity fidelity) => new($"Outputs on {fidelity.Inputs}", [new("output"), new("values", true), new("cosine", true), new("relative error", true), new("max error", true), new("top-1", true)],
        [.. fidelity.Outputs.Where(static output => output.Obstacle is null).Select(Row), .. fidelity.Outputs.Count > 1 ? (IReadOnlyList<string>[])[Row(fidelity.Total)] : []]);

    private static IReadOnlyList<string> Row(OutputFidelity output) =>
    [
        // Of no values nothing is known, not even that they agree.
        output.Name, output.Elements.ToString(CultureInfo.InvariantCulture), output.Elements == 0 ? "" : output.Cosine.ToString("0.000000", CultureInfo.InvariantCulture),
        output.Elements == 0 ? "" : output.RelativeError.ToString("0.##e+0", CultureInfo.InvariantCulture), output.Elements == 0 ? "" : output.MaxError.ToString("0.##e+0", CultureInfo.InvariantCulture), output.Top1 is { } top1 ? Quantity.Percent(top1, Hundredths) : "",
    ];

    /// <summary>The name of a change in reports.</summary>
    public static string Name(TensorChange change) => change.ToString().ToLowerInvariant();

    private static string Bytes(long bytes) => Quantity.Format(bytes, Unit.Bytes);

    private static string Ratio(double ratio) => ratio.ToString("0.000", CultureInfo.InvariantCulture);
}
