using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Nephos.Cli;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Nephos.Configuration;

/// <summary>Reads a file that an operator wrote (YAML, of which JSON is a part) into a record; what the record does not know is refused by name.</summary>
static class OperatorFile
{
    static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static T Read<T>(string file, string text) where T : class, new()
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            if (yaml.Documents is not [var document]) return new T();
            return Json(document.RootNode) is { } json ? json.Deserialize<T>(Strict) ?? new T() : new T();
        }
        catch (YamlException e) { throw new Refusal($"{file}:{e.Start.Line}: {e.Message}"); }
        catch (JsonException e) { throw new Refusal($"{file}: {(e.Path is { Length: > 1 } path ? path[2..] + ": " : "")}{Plain(e.Message)}"); }
    }

    static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Select(p => new KeyValuePair<string, JsonNode?>(((YamlScalarNode)p.Key).Value ?? "", Json(p.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any } scalar => scalar.Value switch
        {
            null or "" or "~" or "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            var text => JsonValue.Create(text),
        },
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new YamlException(node.Start, node.End, "expected a value, a list or a map"),
    };

    // The serializer speaks of .NET's types.
    static string Plain(string message)
    {
        var name = message.Split('\'') is [_, var member, ..] ? member : null;
        return message.Contains("could not be mapped", StringComparison.Ordinal) ? $"there is no setting '{name}'"
            : message.Contains("missing required", StringComparison.Ordinal) ? "a setting is missing: " + message[(message.LastIndexOf(':') + 1)..].Trim().TrimEnd('.')
            : "the value is not of the kind this setting has";
    }
}
