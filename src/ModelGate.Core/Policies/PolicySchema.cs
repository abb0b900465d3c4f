using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using ModelGate.Compressing;
using ModelGate.Measuring;

namespace ModelGate.Policies;

/// <summary>
/// The JSON schema (draft-07, which editors know best) of the policy language, made from the validator's own table and the catalogue of
/// metrics. It accepts every policy that <see cref="PolicyReader"/> accepts; what a schema cannot see (a machine that is not defined, a
/// <c>warn</c> beyond its <c>max</c>, the version of the tool) only the reader refuses.
/// </summary>
public static class PolicySchema
{
    /// <summary>The schema as indented JSON that ends with a line feed; the same bytes each time.</summary>
    public static string Write()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            json.WriteString("title", "ModelGate policy, version 1");
            WriteMembers(json, PolicyGrammar.Root);
            WriteWhatIsJudged(json);
            WriteDefinitions(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteMembers(Utf8JsonWriter json, PolicyShape shape)
    {
        switch (shape)
        {
            case PolicyShape.Value value:
                WriteValue(json, value);
                break;
            case PolicyShape.Mapping mapping:
                WriteKeys(json, mapping.Keys);
                break;
            case PolicyShape.Named named:
                json.WriteString("type", "object");
                json.WriteStartObject("propertyNames");
                json.WriteString("pattern", named.Key.Pattern);
                json.WriteEndObject();
                json.WriteStartObject("additionalProperties");
                WriteMembers(json, named.Item);
                json.WriteEndObject();
                break;
            case PolicyShape.List list:
                json.WriteString("type", "array");
                json.WriteNumber("minItems", list.Fewest);
                json.WriteNumber("maxItems", list.Most);
                json.WriteStartObject("items");
                WriteMembers(json, list.Item);
                json.WriteEndObject();
                break;
            case PolicyShape.Budgets budgets:
                WriteBudgets(json, budgets.Scope);
                break;
            default:
                throw new InvalidOperationException($"No schema for {shape}.");
        }
    }

    private static void WriteKeys(Utf8JsonWriter json, IReadOnlyList<PolicyKey> keys)
    {
        json.WriteString("type", "object");
        json.WriteStartObject("properties");
        foreach (var key in keys)
        {
            if (key.Shape is null)
                continue;
            json.WriteStartObject(key.Name);
            json.WriteString("description", key.Description);
            WriteMembers(json, key.Shape);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        WriteStrings(json, "required", keys.Where(key => key.Required).Select(key => key.Name));
        json.WriteBoolean("additionalProperties", false);
    }

    private static void WriteBudgets(Utf8JsonWriter json, Scopes scope)
    {
        json.WriteString("type", "object");
        json.WriteNumber("minProperties", 1);
        json.WriteStartObject("properties");
        foreach (var metric in MetricCatalogue.All.Where(metric => metric.Scopes.HasFlag(scope)))
            WriteBudget(json, metric.Name, metric);
        json.WriteEndObject();
        if (scope == Scopes.Model)
        {
            json.WriteStartObject("patternProperties");
            WriteBudget(json, "^latency\\.growth\\.[A-Za-z0-9_.-]+$", MetricCatalogue.Growth("any"));
            foreach (var metric in RelatedMetrics.Pattern)
                WriteBudget(json, $"^quantized\\.({Schemes.NamePattern})\\.{Regex.Escape(metric.Quality)}$", metric);
            foreach (var metric in RelatedMetrics.PatternOfTargets)
                WriteBudget(json, $"^target\\.[A-Za-z0-9_-]+\\.{metric.Quality}$", metric);
            json.WriteEndObject();
        }

        json.WriteBoolean("additionalProperties", false);
    }

    private static void WriteBudget(Utf8JsonWriter json, string name, Metric metric)
    {
        json.WriteStartObject(name);
        json.WriteString("description", metric.Definition);
        // Beside a $ref draft-07 ignores everything else, so the reference is wrapped.
        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        json.WriteString("$ref", "#/definitions/" + DefinitionName(metric.Unit, metric.Direction, metric.TakesIncrease));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A policy names models or a package; a total needs models to add up.</summary>
    private static void WriteWhatIsJudged(Utf8JsonWriter json)
    {
        json.WriteStartArray("anyOf");
        foreach (var key in new[] { "models", "package" })
        {
            json.WriteStartObject();
            WriteStrings(json, "required", [key]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("dependencies");
        WriteStrings(json, "total", ["models"]);
        json.WriteEndObject();
    }

    /// <summary>The limits of each unit and direction that the catalogue has: the short form, where there is one, and the long one.</summary>
    private static void WriteDefinitions(Utf8JsonWriter json)
    {
        json.WriteStartObject("definitions");
        foreach (var (unit, direction, takesIncrease) in MetricCatalogue.All.Append(MetricCatalogue.Growth("")).Concat(RelatedMetrics.Pattern).Concat(RelatedMetrics.PatternOfTargets).Select(metric => (metric.Unit, metric.Direction, metric.TakesIncrease)).Distinct())
        {
            var (used, unused) = direction == Direction.LowerIsBetter ? ("max", "min") : ("min", "max");
            var limit = new PolicyShape.Value("", _ => null, Quantity.Pattern(unit))
            {
                Number = unit switch
                {
                    Unit.Count => new(true, 0, Quantity.Largest),
                    Unit.Bits or Unit.Ratio => new(false, 0, Quantity.Largest),
                    _ => null,
                },
            };
            json.WriteStartObject(DefinitionName(unit, direction, takesIncrease));
            json.WriteStartArray("anyOf");
            if (direction == Direction.LowerIsBetter)
            {
                json.WriteStartObject();
                WriteMembers(json, limit);
                json.WriteEndObject();
            }

            // A ceiling, an allowed increase, or both.
            foreach (string required in takesIncrease ? new[] { used, "max_increase" } : [used])
            {
                json.WriteStartObject();
                WriteKeys(json,
                [
                    .. PolicyGrammar.Budget.Where(key => key.Name != unused && (key.Name != "max_increase" || takesIncrease))
                        .Select(key => (key.Shape == PolicyValues.Limit ? key with { Shape = limit } : key) with { Required = key.Name == required }),
                ]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, PolicyShape.Value value)
    {
        if (value.Choices.Count > 0)
        {
            json.WriteStartArray("enum");
            foreach (var choice in value.Choices)
            {
                if (int.TryParse(choice, out _) || choice is "true" or "false")
                    json.WriteRawValue(choice);
                json.WriteStringValue(choice);
            }

            json.WriteEndArray();
        }
        else if (value.Number is not { } number)
        {
            json.WriteString("type", "string");
            json.WriteString("pattern", value.Pattern);
        }
        else
        {
            // Keywords of one type say nothing about values of another.
            WriteStrings(json, "type", [number.Whole ? "integer" : "number", "string"]);
            if (number.Low is { } low)
                json.WriteNumber("minimum", low);
            if (number.High is { } high)
                json.WriteNumber("maximum", high);
            json.WriteString("pattern", value.Pattern);
        }
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static string DefinitionName(Unit unit, Direction direction, bool takesIncrease) =>
        unit.ToString().ToLowerInvariant() + (direction == Direction.LowerIsBetter ? "_at_most" : "_at_least") + (takesIncrease ? "_or_increase" : "");
}
