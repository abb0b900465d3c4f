using ModelGate.Advising;
using ModelGate.Measuring;
using ModelGate.Policies;

namespace ModelGate.Reporting;

/// <summary>Candidates on hardware: whether they fit, how fast they can be at best, how long they take to arrive.</summary>
internal static class TargetTable
{
    /// <summary>Headings of the columns, one for each cell of a row.</summary>
    public static readonly IReadOnlyList<string> Columns = ["scheme", "memory", "share", "bound", "download"];

    /// <summary>The target with what is known of it.</summary>
    public static string Title(Target target)
    {
        string[] known =
        [
            .. Known(target.Memory, Unit.Bytes, ""), .. Known(target.Bandwidth, Unit.Bandwidth, ""), .. Known(target.Compute, Unit.Compute, ""), .. Known(target.Downlink, Unit.BitRate, $" in {target.Codec}"),
        ];
        return $"On {target.Name} ({string.Join(", ", known)})";

        static IEnumerable<string> Known(double? value, Unit unit, string more) => value is { } amount ? [Quantity.Format(amount, unit) + more] : [];
    }

    /// <summary>The cells of a candidate; a dash for what is not known.</summary>
    public static string[] Row(Candidate candidate, Target target) =>
    [
        candidate.Name,
        candidate.Demand?.Memory is { } memory ? Quantity.Format(memory, Unit.Bytes) : "-",
        MemoryShare(candidate, target) is { } share ? Quantity.Percent(share) : "-",
        Bound(candidate, target) is { } bound ? Quantity.Format(bound, Unit.Seconds) : "-",
        DownloadTime(candidate, target) is { } time ? Quantity.Format(time, Unit.Seconds) : "-",
    ];

    /// <summary>The rows of a target, for Markdown.</summary>
    public static ReportTable Of(Advice advice, Target target) => new(Title(target), [.. Columns.Select(static (name, index) => new TableColumn(name, index > 0)), new("fits")],
        [.. advice.Candidates.Where(static candidate => candidate.IsWhole).Select(candidate => (IReadOnlyList<string>)[.. Row(candidate, target), Fits(candidate, target) ? "yes" : "no"])]);

    /// <summary>False where it is known to take more memory than there is.</summary>
    public static bool Fits(Candidate candidate, Target target) => !(MemoryShare(candidate, target) > 1);

    /// <summary>Share of the target's memory that it takes; null where that is not known.</summary>
    public static double? MemoryShare(Candidate candidate, Target target) => candidate.Demand?.Memory / target.Memory;

    /// <summary>Seconds that an inference takes at least; null where that is not known.</summary>
    public static double? Bound(Candidate candidate, Target target) => target is { Compute: { } compute, Bandwidth: { } bandwidth } ? candidate.Demand?.Roofline?.Seconds(compute, bandwidth) : null;

    /// <summary>Seconds that it takes to arrive; null where that is not known. Of codecs only brotli is measured here.</summary>
    public static double? DownloadTime(Candidate candidate, Target target) => target.Codec == "brotli" ? candidate.OnWire * 8 / target.Downlink : null;
}
