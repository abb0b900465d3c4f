using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ModelGate.Tests.Policies;

/// <summary>The keywords of JSON schema draft-07 that <see cref="ModelGate.Policies.PolicySchema"/> uses, checked as the specification defines them. An unknown keyword throws, so none is silently ignored.</summary>
internal static class JsonSchemaCheck
{
    // The schema has more patterns than .NET keeps by itself.
    private static readonly ConcurrentDictionary<string, Regex> Patterns = new();

    internal static bool Accepts(JsonNode schema, JsonNode? value) => Accepts(schema, value, schema);

    private static bool Accepts(JsonNode schema, JsonNode? value, JsonNode root)
    {
        var keywords = schema.AsObject();
        // Draft-07, core 8.3: all other properties beside $ref are ignored.
        if (keywords["$ref"] is { } reference)
            return Accepts(root["definitions"]![reference.GetValue<string>().Split('/')[^1]]!, value, root);
        return keywords.All(keyword => Holds(keyword.Key, keyword.Value!, value, keywords, root));
    }

    private static bool Holds(string keyword, JsonNode operand, JsonNode? value, JsonObject keywords, JsonNode root) => (keyword, value) switch
    {
        ("$schema" or "title" or "description" or "definitions", _) => true,
        ("type", _) => (operand is JsonArray types ? types : [operand.DeepClone()]).Any(type => IsOfType(type!.GetValue<string>(), value)),
        ("enum", _) => operand.AsArray().Any(choice => JsonNode.DeepEquals(choice, value)),
        ("anyOf", _) => operand.AsArray().Any(branch => Accepts(branch!, value, root)),
        ("pattern", JsonValue text) when IsOfType("string", text) => Matches(text.GetValue<string>(), operand.GetValue<string>()),
        ("minimum", JsonValue number) when IsOfType("number", number) => number.GetValue<double>() >= operand.GetValue<double>(),
        ("maximum", JsonValue number) when IsOfType("number", number) => number.GetValue<double>() <= operand.GetValue<double>(),
        ("items", JsonArray array) => array.All(item => Accepts(operand, item, root)),
        ("minItems", JsonArray array) => array.Count >= operand.GetValue<int>(),
        ("maxItems", JsonArray array) => array.Count <= operand.GetValue<int>(),
        ("properties", JsonObject map) => operand.AsObject().All(property => !map.ContainsKey(property.Key) || Accepts(property.Value!, map[property.Key], root)),
        ("required", JsonObject map) => operand.AsArray().All(key => map.ContainsKey(key!.GetValue<string>())),
        ("minProperties", JsonObject map) => map.Count >= operand.GetValue<int>(),
        ("propertyNames", JsonObject map) => map.All(entry => Accepts(operand, JsonValue.Create(entry.Key), root)),
        ("dependencies", JsonObject map) => operand.AsObject().All(rule => !map.ContainsKey(rule.Key) || rule.Value!.AsArray().All(key => map.ContainsKey(key!.GetValue<string>()))),
        ("patternProperties", JsonObject map) => map.All(entry => operand.AsObject().All(pattern => !Matches(entry.Key, pattern.Key) || Accepts(pattern.Value!, entry.Value, root))),
        ("additionalProperties", JsonObject map) => map.All(entry =>
            keywords["properties"]?.AsObject().ContainsKey(entry.Key) == true || keywords["patternProperties"]?.AsObject().Any(pattern => Matches(entry.Key, pattern.Key)) == true || (operand is JsonValue ? operand.GetValue<bool>() : Accepts(operand, entry.Value, root))),
        ("pattern" or "minimum" or "maximum" or "items" or "minItems" or "maxItems" or "properties" or "required" or "minProperties" or "propertyNames" or "dependencies" or "additionalProperties" or "patternProperties", _) => true,
        _ => throw new NotSupportedException(keyword),
    };

    private static bool Matches(string text, string pattern) => Patterns.GetOrAdd(pattern, static pattern => new(pattern, RegexOptions.None, TimeSpan.FromSeconds(10))).IsMatch(text);

    private static bool IsOfType(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value is JsonValue text && text.TryGetValue<string>(out _),
        "number" => value is JsonValue number && number.TryGetValue<double>(out _),
        "integer" => value is JsonValue integer && integer.TryGetValue<double>(out var whole) && Math.Floor(whole).Equals(whole),
        _ => throw new NotSupportedException(type),
    };

    /// <summary>YAML as an editor sees it: scalars resolved by YAML 1.2's core schema. Null where the text is no single YAML document.</summary>
    internal static (bool IsYaml, JsonNode? Value) FromYaml(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 1 ? (true, FromYaml(stream.Documents[0].RootNode)) : (false, null);
        }
        catch (Exception exception) when (exception is YamlException or InvalidOperationException or ArgumentException)
        {
            return (false, null);
        }
    }

    /// <summary>JSON has no keys but text.</summary>
    private static string KeyOf(YamlNode key) => key is YamlScalarNode scalar ? scalar.Value! : throw new InvalidOperationException();

    private static JsonNode? FromYaml(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create(KeyOf(child.Key), FromYaml(child.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(FromYaml)]),
        YamlScalarNode { Style: not ScalarStyle.Plain } quoted => JsonValue.Create(quoted.Value),
        YamlScalarNode { Value: "" or "~" or "null" or "Null" or "NULL" } => null,
        YamlScalarNode { Value: "true" or "True" or "TRUE" } => JsonValue.Create(true),
        YamlScalarNode { Value: "false" or "False" or "FALSE" } => JsonValue.Create(false),
        YamlScalarNode { Value: var text } when Regex.IsMatch(text!, @"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$") => JsonValue.Create(double.Parse(text!, CultureInfo.InvariantCulture)),
        YamlScalarNode { Value: var text } => JsonValue.Create(text),
        _ => throw new NotSupportedException(node.GetType().Name),
    };
}
