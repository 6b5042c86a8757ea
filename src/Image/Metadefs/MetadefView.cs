using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Kernel.Api.Views;

namespace Nephos.Image.Metadefs;

/// <summary>Definitions in answers: what is not set is left out.</summary>
internal static class MetadefView
{
    public static JsonObject Namespace(NamespaceRow row, IEnumerable<AssociationRow> associations, IReadOnlyList<ItemRow> items, string? prefix = null)
    {
        var json = new JsonObject { ["namespace"] = row.Namespace };
        if (row.DisplayName is { } display) json["display_name"] = display;
        if (row.Description is { } description) json["description"] = description;
        json["visibility"] = row.Visibility;
        json["protected"] = row.Protected;
        if (row.Owner is { } owner) json["owner"] = owner;
        Times(json, row.CreatedAt, row.UpdatedAt);
        var types = new JsonArray([.. associations.Select(Association)]);
        if (types.Count > 0) json["resource_type_associations"] = types;
        var properties = items.Where(i => i.Kind == "property").ToList();
        if (properties.Count > 0) json["properties"] = new JsonObject(properties.Select(p => new KeyValuePair<string, JsonNode?>(prefix + p.Name, Property(p, named: false))));
        var objects = items.Where(i => i.Kind == "object").ToList();
        if (objects.Count > 0) json["objects"] = new JsonArray([.. objects.Select(o => Prefixed(Object(o, row.Namespace), prefix))]);
        var tags = items.Where(i => i.Kind == "tag").ToList();
        if (tags.Count > 0) json["tags"] = new JsonArray([.. tags.Select(t => new JsonObject { ["name"] = t.Name })]);
        json["self"] = $"/v2/metadefs/namespaces/{row.Namespace}";
        json["schema"] = "/v2/schemas/metadefs/namespace";
        return json;
    }

    public static JsonObject Object(ItemRow row, string space)
    {
        var json = Body(row);
        Times(json, row.CreatedAt, row.UpdatedAt);
        json["self"] = $"/v2/metadefs/namespaces/{space}/objects/{row.Name}";
        json["schema"] = "/v2/schemas/metadefs/object";
        return json;
    }

    public static JsonObject Property(ItemRow row, bool named)
    {
        var json = Body(row);
        if (!named) json.Remove("name");
        return json;
    }

    public static JsonObject Tag(ItemRow row)
    {
        var json = new JsonObject { ["name"] = row.Name };
        Times(json, row.CreatedAt, row.UpdatedAt);
        return json;
    }

    public static JsonObject Association(AssociationRow row)
    {
        var json = new JsonObject { ["name"] = row.Name };
        if (row.Prefix is { } prefix) json["prefix"] = prefix;
        if (row.PropertiesTarget is { } target) json["properties_target"] = target;
        Times(json, row.CreatedAt, row.UpdatedAt);
        return json;
    }

    public static void Times(JsonObject json, DateTimeOffset created, DateTimeOffset updated)
    {
        json["created_at"] = Wire.Seconds(created);
        json["updated_at"] = Wire.Seconds(updated);
    }

    private static JsonObject Body(ItemRow row)
    {
        var json = JsonSerializer.SerializeToNode(row.Body)!.AsObject();
        json["name"] = row.Name;
        return json;
    }

    private static JsonObject Prefixed(JsonObject item, string? prefix)
    {
        if (prefix is null) return item;
        if (item["properties"] is JsonObject properties)
            item["properties"] = new JsonObject(properties.Select(p => new KeyValuePair<string, JsonNode?>(prefix + p.Key, p.Value?.DeepClone())));
        if (item["required"] is JsonArray required) item["required"] = new JsonArray([.. required.Select(r => (JsonNode)(prefix + r))]);
        return item;
    }
}
