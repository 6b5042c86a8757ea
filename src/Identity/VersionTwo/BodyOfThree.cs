using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Identity.Shared;

namespace Nephos.Identity.VersionTwo;

/// <summary>Bodies of v2.0 under v3's names.</summary>
internal static class BodyOfThree
{
    public static Fields Tenant(Fields given) => Of(given, without: ["domain_id", "parent_id", "is_domain", "tags", "options"]);

    /// <summary>A tenant of null says nothing; a name may be called username.</summary>
    public static Fields User(Fields given)
    {
        var user = Object(Of(given, without: ["domain_id", "default_project_id", "options"]));
        Rename(user, "tenantId", "default_project_id");
        Rename(user, "username", "name");
        Rename(user, "OS-KSADM:password", "password");
        return Fields(user);
    }

    public static Fields Role(Fields given) => Of(given, without: ["domain_id", "options"]);

    public static Fields Fields(JsonObject body) => new(JsonSerializer.SerializeToElement(body));

    private static void Rename(JsonObject body, string from, string to)
    {
        if (!body.Remove(from, out var value)) return;
        if (value is not null) body.TryAdd(to, value);
    }

    private static Fields Of(Fields given, string[] without)
    {
        var body = Object(given);
        foreach (var name in without) body.Remove(name);
        return Fields(body);
    }

    private static JsonObject Object(Fields given) => JsonObject.Create(given.Json) ?? [];
}
