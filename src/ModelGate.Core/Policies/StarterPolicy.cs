using System.Globalization;
using System.Text;
using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>A model that was measured for a starter policy.</summary>
/// <param name="Path">Path relative to the policy's folder, with forward slashes.</param>
/// <param name="Values">What was measured, in the order it is to be written.</param>
public sealed record StarterModel(string Path, IReadOnlyList<Measurement.Exact> Values);

/// <summary>Writes the policy that a team begins with: what its models weigh today, and a tenth more.</summary>
public static class StarterPolicy
{
    /// <summary>Share of a measured value that its limit lies above it, at least; rounding to a figure that people can remember adds up to 5 %.</summary>
    public const double Headroom = 0.1;

    /// <summary>The policy as YAML text with line feeds. It parses, and the models measured pass it without a warning.</summary>
    /// <param name="models">The models; where there are none, the policy shows the form for models to come.</param>
    /// <param name="schema">Path or address of the JSON schema that editors are to use.</param>
    public static string Write(IReadOnlyList<StarterModel> models, string schema)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""
            # yaml-language-server: $schema={{schema}}
            #
            # What the models of this repository may weigh. `modelgate check` judges it, and so do the build and the pull request.
            # Each limit is about 10 % above what was measured when `modelgate init` wrote this file: lower it where you can,
            # and say why in the commit where you raise it. `modelgate metrics` lists everything that can have a limit.
            version: 1

            defaults:
              warn_at: 95%               # a warning once 95 % of a ceiling is used

            models:

            """);
        if (models.Count == 0)
            text.Append("  - path: \"models/**/*.onnx\"   # no model was found yet: say where yours will be\n    budgets:\n      size.on_disk: 50 MB\n");
        foreach (var (model, name) in models.Zip(Names(models)))
            AppendModel(text, model, name);
        AppendTotal(text, models);
        text.Append("""

            # A deployed model that no entry above matches: ignore, warn or error.
            unmatched: warn

            # Time and memory are measured by running the model, in CI or with `modelgate check`. To gate them, see what
            # `modelgate bench MODEL` prints and add budgets such as these to an entry above:
            #   latency.p95: 20 ms
            #   startup.ready: 1.5 s
            #   memory.peak_rss: 300 MB

            """);
        return text.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>The smallest limit that leaves the headroom and has at most three digits, the last of them 0 or 5.</summary>
    /// <param name="value">The measured value, in the metric's base unit.</param>
    /// <param name="unit">Its base unit.</param>
    public static double LimitFor(double value, Unit unit)
    {
        var target = value * (1 + Headroom);
        if (target <= 0)
            return 0;
        var step = 5 * Math.Pow(10, Math.Floor(Math.Log10(target)) - 2);
        var limit = Math.Ceiling(target / step) * step;
        // Fewer than a thousand bytes or things are written without a prefix, and those cannot be divided.
        return unit is Unit.Bytes or Unit.Count && limit < 1000 ? Math.Ceiling(limit) : limit;
    }

    private static void AppendModel(StringBuilder text, StarterModel model, string? name)
    {
        text.Append(CultureInfo.InvariantCulture, $"  - path: {Quoted(model.Path)}\n");
        if (name is not null)
            text.Append(CultureInfo.InvariantCulture, $"    name: {name}\n");
        text.Append("    budgets:\n");
        foreach (var value in model.Values)
            AppendBudget(text, "      ", value.Metric, value.Value);
    }

    /// <summary>Several models share one download, one package and one disk.</summary>
    private static void AppendTotal(StringBuilder text, IReadOnlyList<StarterModel> models)
    {
        var sizes = models.SelectMany(model => model.Values).Where(value => value.Metric.Name == "size.on_disk").ToArray();
        if (models.Count < 2 || sizes.Length < models.Count)
            return;
        text.Append("\ntotal:                       # all models together\n  budgets:\n");
        AppendBudget(text, "    ", sizes[0].Metric, sizes.Sum(size => size.Value));
    }

    private static void AppendBudget(StringBuilder text, string indent, Metric metric, double value)
    {
        var line = $"{metric.Name}: {Quantity.Format(LimitFor(value, metric.Unit), metric.Unit)}";
        text.Append(CultureInfo.InvariantCulture, $"{indent}{line,-36} # measured {Quantity.FormatExact(value, metric.Unit)}\n");
    }

    /// <summary>The models' file names as entry names, where they can be one and are not taken.</summary>
    private static IEnumerable<string?> Names(IReadOnlyList<StarterModel> models)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var model in models)
        {
            var name = Path.GetFileNameWithoutExtension(model.Path).Replace('.', '-');
            // What YAML takes for something else than text would have to be quoted.
            var isText = name.Any(char.IsAsciiLetter) && name.ToLowerInvariant() is not ("null" or "true" or "false");
            yield return isText && PolicyValues.ModelName.Refuse(name) is null && taken.Add(name) ? name : null;
        }
    }

    /// <summary>A path in double quotes; characters that a policy's path cannot hold become <c>*</c>, which matches them.</summary>
    private static string Quoted(string path)
    {
        var text = new StringBuilder("\"");
        foreach (var rune in path.EnumerateRunes())
        {
            if (rune.Value is not ('?' or '*' or '\\' or '\t') && rune != Rune.ReplacementChar && !PolicyText.IsHidden(rune.ToString()[0]))
                text.Append(rune.Value == '"' ? "\\\"" : rune.ToString());
            else if (text[^1] != '*')
                text.Append('*');
        }

        return text.Append('"').ToString();
    }
}
