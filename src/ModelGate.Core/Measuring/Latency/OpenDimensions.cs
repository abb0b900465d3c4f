using System.Globalization;
using ModelGate.Models;

namespace ModelGate.Measuring;

/// <summary>Dimensions of a model's inputs that nobody says the size of: they are 1 while it runs, and figures that grow with them are those of the smallest inputs.</summary>
internal static class OpenDimensions
{
    private const int Listed = 8, Longest = 240;

    /// <summary>Which they are, for a note; null where there are none, or the model's format does not tell.</summary>
    /// <param name="request">The model, and what is said of its inputs.</param>
    /// <param name="beside">A model that has to take the same inputs, and may fix what this one leaves open; null where there is none.</param>
    public static string? Note(LatencyRequest request, ModelFile? beside = null)
    {
        var sizes = new InputSizes(request, beside);
        string[] unknown = [.. sizes.Unknown().Distinct()], open = [.. unknown.Where(name => sizes.Sums.Of(name) is null)];
        if (open.Length == 0)
            return null;
        // How long what comes from a file is, is not known here, and what a sweep varies is many things.
        string[] following = request.Sweeps.Count > 0 || request.Inputs.Any(static input => input.Data is not null) ? [] : [.. unknown.Where(name => sizes.Sums.Of(name) is not null).Select(name => Follows(name, sizes))];
        return $"nobody says how large these open dimensions are, so they were set to 1: {Some(open.Select(Told))}{(following.Length == 0 ? "" : "; " + Some(following))}";
    }

    private static string Follows(string name, InputSizes sizes)
    {
        string sum = sizes.Sums.Of(name)!.Text;
        return string.Create(CultureInfo.InvariantCulture, $"{Told(name)}{(sum == name ? "" : $" is {Cut(sum)}, which")} is {sizes.SizeOf(name)}");
    }

    // Those without a name are called by their place, with the input's name in quotes.
    private static string Told(string name) => name.StartsWith("dimension ", StringComparison.Ordinal) ? Cut(name) : Quoted.Name(name);

    private static string Cut(string text) => text.Length <= Longest ? text : text[..Longest] + "…";

    private static string Some(IEnumerable<string> all)
    {
        string[] each = [.. all];
        return string.Join(", ", each.Take(Listed)) + (each.Length > Listed ? string.Create(CultureInfo.InvariantCulture, $" and {each.Length - Listed} more") : "");
    }
}
