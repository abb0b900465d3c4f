using System.Globalization;

namespace ModelGate.Benchmarks;

/// <summary>Times of one thing, in milliseconds.</summary>
/// <param name="Name">What was timed.</param>
internal sealed record Sample(string Name)
{
    private readonly List<double> times = [];

    /// <summary>The middle one.</summary>
    public double Median => times.Order().ElementAt(times.Count / 2);

    /// <summary>Adds one.</summary>
    public void Add(double milliseconds) => times.Add(milliseconds);

    /// <summary>A row of a table: name, median, smallest, largest, and the median relative to another's.</summary>
    public string Row(Sample reference) => string.Create(CultureInfo.InvariantCulture,
        $"| {Name,-32} | {Median,9:0.0} | {times.Min(),9:0.0} | {times.Max(),9:0.0} | {Median / reference.Median,6:0.00} |");

    /// <summary>The head of that table.</summary>
    public static string Head => $"| {"ms",-32} | {"median",9} | {"smallest",9} | {"largest",9} | {"ratio",6} |{Environment.NewLine}|{new string('-', 34)}|----------:|----------:|----------:|-------:|";
}
