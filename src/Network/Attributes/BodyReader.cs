using System.Text.Json;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Network.Attributes;

/// <summary>Makes checked values of a body, in upstream's order: shape, unknown names, required ones, then each value.</summary>
internal static class BodyReader
{
    /// <summary>The items of a POST: one, or several in a bulk request.</summary>
    public static (List<JsonElement> Items, bool Bulk) Items(JsonElement body, string name, string collection)
    {
        if (body.ValueKind == JsonValueKind.Undefined) throw Errors.BadRequest("Resource body required");
        if (body.ValueKind != JsonValueKind.Object) throw Errors.BadRequest("Body contains invalid data");
        if (body.TryGetProperty(collection, out var list))
        {
            if (list.ValueKind != JsonValueKind.Array) throw Errors.BadRequest("Body contains invalid data");
            if (list.GetArrayLength() == 0) throw Errors.BadRequest("Resources required");
            return ([.. list.EnumerateArray().Select(i => Unwrap(i, name))], true);
        }
        return ([One(body, name)], false);
    }

    /// <summary>The item of a PUT.</summary>
    public static JsonElement One(JsonElement body, string name)
    {
        if (body.ValueKind == JsonValueKind.Undefined) throw Errors.BadRequest("Resource body required");
        if (body.ValueKind != JsonValueKind.Object) throw Errors.BadRequest("Body contains invalid data");
        if (!body.TryGetProperty(name, out var item)) throw Errors.BadRequest($"Unable to find '{name}' in request body");
        return item.ValueKind == JsonValueKind.Object ? item : throw Errors.BadRequest($"Object '{name}' contains invalid data");
    }

    public static Values ForCreate<T>(JsonElement item, IReadOnlyList<Attribute<T>> attributes, Viewer viewer)
    {
        var values = Parse(item, attributes, a => a.Post, a => $"Attribute '{a}' not allowed in POST");
        Own(values, viewer);
        foreach (var attribute in attributes)
        {
            if (!attribute.Post || values.ContainsKey(attribute.Name)) continue;
            if (attribute.Default == Unset.Required) throw Errors.BadRequest($"Failed to parse request. Required attribute '{attribute.Name}' not specified");
            if (attribute.Default is not Unset) values[attribute.Name] = attribute.Default;
        }
        return values;
    }

    public static Values ForUpdate<T>(JsonElement item, IReadOnlyList<Attribute<T>> attributes) =>
        Parse(item, attributes, a => a.Put, a => $"Cannot update read-only attribute {a}");

    private static Values Parse<T>(JsonElement item, IReadOnlyList<Attribute<T>> attributes, Func<Attribute<T>, bool> allowed, Func<string, string> refused)
    {
        var unknown = item.EnumerateObject().Where(p => !attributes.Any(a => a.Name == p.Name)).Select(p => p.Name).ToList();
        foreach (var attribute in attributes)
            if (!allowed(attribute) && item.TryGetProperty(attribute.Name, out _)) throw Errors.BadRequest(refused(attribute.Name));
        if (unknown.Count > 0) throw Errors.BadRequest($"Unrecognized attribute(s) '{string.Join(", ", unknown)}'");
        var values = new Values();
        foreach (var attribute in attributes)
        {
            if (!item.TryGetProperty(attribute.Name, out var json)) continue;
            try { values[attribute.Name] = attribute.Read(json); }
            catch (InvalidValue e) { throw Errors.BadRequest($"Invalid input for {attribute.Name}. Reason: {e.Message}."); }
            values.Said.Add(attribute.Name);
        }
        return values;
    }

    private static void Own(Values values, Viewer viewer)
    {
        var (project, tenant) = (values.Get<string>("project_id"), values.Get<string>("tenant_id"));
        if (project is not null && tenant is not null && project != tenant) throw Errors.BadRequest("'project_id' and 'tenant_id' do not match");
        var asked = project ?? tenant;
        if (asked is not null && asked != viewer.ProjectId && !viewer.IsAdmin)
            throw Errors.BadRequest("Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin or advsvc privileges");
        if (asked is null && viewer.ProjectId.Length == 0) throw Errors.BadRequest("Running without keystone AuthN requires that tenant_id is specified");
        values["project_id"] = values["tenant_id"] = asked ?? viewer.ProjectId;
    }

    private static JsonElement Unwrap(JsonElement item, string name)
    {
        // A bulk item may be the thing itself, or wrapped in its name once more.
        if (item.ValueKind != JsonValueKind.Object) throw Errors.BadRequest($"Invalid input: {PythonRepr.Of(item)}");
        return item.TryGetProperty(name, out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : item;
    }
}
