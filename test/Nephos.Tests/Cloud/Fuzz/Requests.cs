using System.Text.Json.Nodes;
using Nephos.Kernel.Api;

namespace Nephos.Tests.Cloud.Fuzz;

/// <summary>Requests for a route: mostly right, wrong in one place.</summary>
internal sealed class Requests(Random random, Things things)
{
    readonly Examples examples = new(random, things);

    public (string Path, string? Body, string? Version) Of(ServiceApi api, Route route)
    {
        var wrong = random.Next(4);
        var version = Version(api, route);
        var path = api.Type + Path(api, route, hostile: wrong == 0);
        if (wrong == 1 || (route.Method is "GET" or "HEAD" && random.Next(2) == 0)) path += "?" + Hostile.Query(random) + (random.Next(3) == 0 ? "&" + Hostile.Query(random) : "");
        if (route.Method is "GET" or "HEAD" or "DELETE" && route.DeclaredBody is null) return (path, random.Next(20) == 0 ? Hostile.Body(random) : null, Header(api, version));
        if (wrong == 2 && random.Next(3) == 0) return (path, Hostile.Body(random), Header(api, version));
        var body = Body(api, route, version);
        if (wrong >= 2 && body is not null) Hostile.Mutate(body, random);
        return (path, body?.ToJsonString() ?? "{}", Header(api, version));
    }

    public JsonNode? Body(ServiceApi api, Route route, Microversion version)
    {
        if (random.Next(2) == 0 && Known(route) is { } known) return known;
        if (route.DeclaredBody is { } schema) return examples.Of(schema.For(version));
        if (route.ActionName is { } action) return new JsonObject { [action] = random.Next(2) == 0 ? null : new JsonObject() };
        // Without a schema: what such a thing looks like when shown, in parts.
        var collection = route.Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(s => s[0] != '{' && things.Views.ContainsKey(s));
        if (collection is null) return new JsonObject();
        var kind = collection.Replace('-', '_') switch { var c when c.EndsWith("ies", StringComparison.Ordinal) => c[..^3] + "y", var c => c[..^1] };
        var view = new JsonObject(things.Views[collection].Where(_ => random.Next(3) > 0).Select(p => new KeyValuePair<string, JsonNode?>(p.Key, p.Value?.DeepClone())));
        foreach (var shown in (string[])["id", "status", "created_at", "updated_at", "revision_number", "tags", "subnets", "availability_zones"]) if (random.Next(10) > 0) view.Remove(shown);
        return new JsonObject { [kind] = view };
    }

    /// <summary>What is too much to guess from a schema.</summary>
    JsonNode? Known(Route route) => (route.Method, route.Pattern[(route.Pattern.LastIndexOf('/') + 1)..]) switch
    {
        ("POST", "servers") => JsonNode.Parse($$$"""{"server": {"name": "f", "imageRef": "{{{things["guest"]}}}", "flavorRef": "84", "networks": [{"uuid": "{{{things["networks"]}}}"}], "metadata": {"a": "b"}, "user_data": "aGVsbG8="}}"""),
        ("POST", "images") => JsonNode.Parse("""{"name": "f", "disk_format": "raw", "container_format": "bare", "visibility": "private", "tags": ["a"], "min_disk": 1, "min_ram": 1, "hw_disk_bus": "virtio"}"""),
        ("PATCH", "{image_id}") => JsonNode.Parse("""[{"op": "replace", "path": "/name", "value": "g"}, {"op": "add", "path": "/mine", "value": "x"}]"""),
        ("POST", "flavors") => JsonNode.Parse($$$"""{"flavor": {"name": "f{{{random.Next()}}}", "ram": 64, "vcpus": 1, "disk": 0}}"""),
        ("POST", "ports") => JsonNode.Parse($$$"""{"port": {"network_id": "{{{things["networks"]}}}", "fixed_ips": [{"subnet_id": "{{{things["subnets"]}}}"}], "allowed_address_pairs": [{"ip_address": "10.77.0.77"}]}}"""),
        _ => null,
    };

    string Path(ServiceApi api, Route route, bool hostile)
    {
        var segments = route.Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var holes = segments.Count(s => s[0] == '{');
        var bad = hostile && holes > 0 ? random.Next(holes) : -1;
        var at = 0;
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i][0] != '{') continue;
            // What tests stand on must stay.
            var spare = api.Type == "identity" && route.Method is "DELETE";
            // A region's id is what its maker chose, also "'; DROP TABLE x; --".
            segments[i] = at++ == bad || spare ? Hostile.Segment(random) : Uri.EscapeDataString(Id(i > 0 ? segments[i - 1] : ""));
        }
        return "/" + string.Join('/', segments);
    }

    public string Id(string collection) => random.Next(5) > 0 && things[collection] is { } id ? id : Guid.NewGuid().ToString();

    Microversion Version(ServiceApi api, Route route)
    {
        if (api.Versions is not { } range) return default;
        var (low, high) = (route.First ?? range.Minimum, route.Last ?? range.Maximum);
        return random.Next(2) == 0 ? low : high;
    }

    static string? Header(ServiceApi api, Microversion version) => api.Versions is null ? null : $"{api.Versions.ServiceType} {version}";
}
