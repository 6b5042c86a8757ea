using System.Text.Json.Nodes;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Tests.Cloud.Fuzz;

/// <summary>Values that follow a schema, more or less: names that point at things get ids of things that exist.</summary>
internal sealed class Examples(Random random, Things things)
{
    static readonly Dictionary<string, string> Pointers = new(StringComparer.Ordinal)
    {
        ["imageRef"] = "images", ["image_ref"] = "images", ["flavorRef"] = "flavors", ["uuid"] = "networks", ["net_id"] = "networks", ["network_id"] = "networks", ["port_id"] = "ports", ["port"] = "ports",
        ["subnet_id"] = "subnets", ["router_id"] = "routers", ["security_group_id"] = "security-groups", ["key_name"] = "os-keypairs", ["user_id"] = "users", ["project_id"] = "projects",
        ["domain_id"] = "domains", ["role_id"] = "roles", ["group_id"] = "groups", ["region_id"] = "regions", ["service_id"] = "services", ["server_id"] = "servers", ["trustor_user_id"] = "users",
    };

    public JsonNode? Of(Schema schema, string name = "", int depth = 0)
    {
        if (schema.Get("enum") is object[] values && values.Length > 0) return Plain(values[random.Next(values.Length)]);
        foreach (var keyword in (string[])["oneOf", "anyOf", "allOf"])
            if (schema.Get(keyword) is Schema[] { Length: > 0 } alternatives && schema.Get("type") is null) return Of(alternatives[random.Next(alternatives.Length)], name, depth);
        var types = schema.Get("type") switch { string one => [one], string[] many => many, _ => (string[])["string"] };
        return types[random.Next(types.Length)] switch
        {
            "object" => Object(schema, depth),
            "array" => Array(schema, name, depth),
            "integer" => JsonValue.Create(Number(schema)),
            "number" => JsonValue.Create(random.NextDouble() * 10),
            "boolean" => JsonValue.Create(random.Next(2) == 0),
            "null" => null,
            _ => JsonValue.Create(Text(schema, name)),
        };
    }

    JsonObject Object(Schema schema, int depth)
    {
        var result = new JsonObject();
        var required = schema.Get("required") as string[] ?? [];
        foreach (var (name, value) in schema.Get("properties") as SchemaMap ?? new SchemaMap([]))
            if (required.Contains(name) || depth < 1 || (depth < 5 && random.Next(3) == 0)) result[name] = Of(value, name, depth + 1);
        if (schema.Get("patternProperties") is SchemaMap patterns && patterns.FirstOrDefault() is { Value: { } any } && random.Next(2) == 0) result["key"] = Of(any, "key", depth + 1);
        return result;
    }

    JsonArray Array(Schema schema, string name, int depth)
    {
        var result = new JsonArray();
        var count = Math.Max(random.Next(3), Convert.ToInt32(schema.Get("minItems") ?? 0));
        if (schema.Get("items") is Schema items) for (var i = 0; i < count && depth < 6; i++) result.Add(Of(items, name, depth + 1));
        return result;
    }

    long Number(Schema schema)
    {
        var low = Convert.ToInt64(schema.Get("minimum") ?? 0L);
        var high = Math.Min(Convert.ToInt64(schema.Get("maximum") ?? low + 3), low + 3);
        return random.NextInt64(low, Math.Max(low, high) + 1);
    }

    string Text(Schema schema, string name)
    {
        if (Pointers.TryGetValue(name, out var collection) && things[collection] is { } id && random.Next(4) > 0) return id;
        return schema.Get("format") switch
        {
            "uuid" => Guid.NewGuid().ToString(),
            "uri" => "http://example.com/x",
            "date-time" => "2030-01-01T00:00:00Z",
            "ipv4" => "10.77.0.9",
            "ipv6" => "fd00::9",
            "cidr" => "10.77.1.0/24",
            "email" => "a@example.com",
            "base64" => "aGVsbG8=",
            _ => schema.Get("pattern") is string pattern && pattern.Contains("0-9", StringComparison.Ordinal) && random.Next(2) == 0 ? "1" : "text-" + random.Next(1000),
        };
    }

    static JsonNode? Plain(object value) => value switch { string s => JsonValue.Create(s), bool b => JsonValue.Create(b), int i => JsonValue.Create(i), long l => JsonValue.Create(l), _ => null };
}
