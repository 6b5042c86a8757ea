using System.Globalization;
using System.Text.Json;
using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using SortKey = Nephos.Kernel.Data.SortKey;

namespace Nephos.Image.Metadefs;

/// <summary><c>/v2/metadefs/namespaces</c>: definitions of metadata that clients offer to users.</summary>
internal sealed class NamespacesApi(ImageDb db, MetadefTable table)
{
    public const string Get = "get_metadef_namespace", SeeText = "role:admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))", AdminText = "rule:metadef_admin";

    private static readonly Dictionary<string, string> SortColumns =
        ((string[])["created_at", "updated_at", "namespace", "id"]).ToDictionary(k => k, StringComparer.Ordinal);

    /// <summary>What a body may bring along, and who may add such.</summary>
    private static readonly (string Part, string Rule)[] Parts =
        [("resource_type_associations", "add_metadef_resource_type_association"), ("objects", "add_metadef_object"), ("properties", "add_metadef_property"), ("tags", "add_metadef_tag")];

    public void Map(RouteGroup v2)
    {
        v2.Get("/metadefs/namespaces", List).Policy("get_metadef_namespaces", Rules.Reader, "List namespaces").Fails(400, 404);
        v2.Post("/metadefs/namespaces", Create).Policy("add_metadef_namespace", AdminText, "Create a namespace").Body(() => MetadefSchemas.OfNamespace).Returns(201).Fails(409)
            .Also("add_metadef_resource_type_association", AdminText, "Mean a namespace for a resource type").Also("add_metadef_object", AdminText, "Add a object to a namespace")
            .Also("add_metadef_property", AdminText, "Add a property to a namespace").Also("add_metadef_tag", AdminText, "Add a tag to a namespace");
        var one = v2.Member("/metadefs/namespaces/{namespace}", One(table, MetadefErrors.NoNamespace));
        one.Get("", Show).Policy(Get, SeeText, "Show a namespace");
        one.Put("", Update).Policy("modify_metadef_namespace", AdminText, "Update a namespace").Body(() => MetadefSchemas.OfNamespace).Fails(409);
        one.Delete("", Delete).Policy("delete_metadef_namespace", AdminText, "Delete a namespace");
        foreach (var (path, kind) in (ReadOnlySpan<(string, string)>)[("/objects", "object"), ("/properties", "property"), ("/tags", "tag")])
            one.Delete(path, (_, row) => Clear(row, kind)).Policy("delete_metadef_namespace", AdminText, "Delete a namespace");
    }

    /// <summary>Loads the namespace of a path.</summary>
    public static MemberOf<NamespaceRow> One(MetadefTable table, Func<string, Fault>? missing = null) => new(
        call => table.Find(call["namespace"], call.Caller.ProjectId, ImagesApi.IsAdmin(call)),
        call => (missing ?? MetadefErrors.NamespaceNotFound)(call["namespace"]), row => row.Target, Get);

    private async Task<Answer> List(Call call)
    {
        var query = call.Query;
        var limit = Math.Min(1000, Limit(query["limit"]) ?? 25);
        var descending = (query["sort_dir"] ?? "desc") switch { "desc" => true, "asc" => false, var other => throw Errors.Invalid($"Invalid sort direction: {other}") };
        var list = new ListSql("image_md_namespaces", "namespace") { Limit = limit, Marker = query["marker"], MarkerMissing = MetadefErrors.NoNamespace };
        if (!ImagesApi.IsAdmin(call)) list.Scope($"(visibility = 'public' OR owner = {call.Caller.ProjectId})");
        if (query["visibility"] is { } visibility)
            list.Where(visibility is "public" or "private" ? (SqlText)$"visibility = {visibility}" : throw Errors.Invalid($"Invalid visibility value: {visibility}"));
        if (query["resource_types"] is { } types)
            list.Where($"EXISTS (SELECT 1 FROM image_md_associations a WHERE a.namespace_id = image_md_namespaces.id AND a.name IN {types.Split(',')})");
        list.OrderBy([new SortKey(query["sort_key"] ?? "created_at", descending)], SortColumns, _ => Errors.Invalid("Sort key supplied was not valid."));
        var page = await table.List(list);
        var associations = (await table.Associations([.. page.Items.Select(n => n.Id)])).ToLookup(a => a.NamespaceId);
        var next = page.Items.Count > 0 && page.Items.Count == limit ? "/v2/metadefs/namespaces" + query.With(("marker", page.Items[^1].Namespace)) : null;
        return Answer.Json(("namespaces", page.Items.Select(n => MetadefView.Namespace(n, associations[n.Id], []))), ("next", next),
            ("schema", "/v2/schemas/metadefs/namespaces"), ("first", "/v2/metadefs/namespaces" + query.With(("marker", null))));
    }

    /// <summary>A limit as the query has it, or null.</summary>
    public static int? Limit(string? text) => text is null ? null
        : !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) ? throw Errors.Invalid("limit param must be an integer")
        : limit < 0 ? throw Errors.Invalid("limit param must be positive") : limit;

    private async Task<Answer> Create(Call call)
    {
        RefuseReadOnly(call.Json);
        var row = Read(call, NewId.Uuid(), db.Now);
        foreach (var (part, rule) in Parts) if (call.Json.TryGetProperty(part, out _)) call.Authorize(rule, row.Target);
        try { await db.InTransaction(() => Write(call.Json, row)); }
        catch (DuplicateKey) { throw MetadefErrors.NamespaceTaken(row.Namespace); }
        return (await View(row)).With("Location", $"{call.ServiceUrl}/v2/metadefs/namespaces/{row.Namespace}");
    }

    private async Task Write(JsonElement body, NamespaceRow row)
    {
        await table.Insert(row);
        foreach (var type in Each(body, "resource_type_associations")) await table.Associate(row.Id, Text(type, "name")!, Text(type, "prefix"), Text(type, "properties_target"));
        foreach (var item in Each(body, "objects")) await table.AddItem(row.Id, "object", Text(item, "name")!, item);
        foreach (var tag in Each(body, "tags")) await table.AddItem(row.Id, "tag", Text(tag, "name")!, tag);
        if (body.TryGetProperty("properties", out var properties))
            foreach (var property in properties.EnumerateObject()) await table.AddItem(row.Id, "property", property.Name, property.Value);
    }

    private async Task<Answer> Show(Call call, NamespaceRow row)
    {
        var associations = await table.Associations([row.Id]);
        var prefix = call.Query["resource_type"] is { } type ? associations.Find(a => a.Name == type)?.Prefix : null;
        return Answer.JsonValue(MetadefView.Namespace(row, associations, await table.Items(row.Id), prefix));
    }

    private async Task<Answer> Update(Call call, NamespaceRow row)
    {
        RefuseReadOnly(call.Json);
        var after = Read(call, row.Id, row.CreatedAt) with { UpdatedAt = db.Now };
        try { await table.Update(after); }
        catch (DuplicateKey) { throw MetadefErrors.NamespaceTaken(after.Namespace); }
        return Answer.JsonValue(MetadefView.Namespace(after, [], []));
    }

    private async Task<Answer> Delete(Call call, NamespaceRow row)
    {
        if (row.Protected) throw MetadefErrors.NamespaceProtected(row.Namespace);
        await table.Delete(row.Id);
        return Answer.Empty;
    }

    private async Task<Answer> Clear(NamespaceRow row, string kind)
    {
        if (row.Protected) throw MetadefErrors.NamespaceProtected(row.Namespace);
        await table.RemoveItems(row.Id, kind);
        return Answer.Empty;
    }

    private async Task<Answer> View(NamespaceRow row) => Answer.JsonValue(MetadefView.Namespace(row, await table.Associations([row.Id]), await table.Items(row.Id)));

    private static NamespaceRow Read(Call call, Guid id, DateTimeOffset created) => new(id, Text(call.Json, "namespace")!, Text(call.Json, "display_name"), Text(call.Json, "description"),
        Text(call.Json, "visibility") ?? "private", call.Json.TryGetProperty("protected", out var flag) && flag.GetBoolean(), Text(call.Json, "owner") ?? call.Caller.ProjectId, created, created);

    private static IEnumerable<JsonElement> Each(JsonElement body, string name) => body.TryGetProperty(name, out var list) ? list.EnumerateArray() : [];

    public static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static void RefuseReadOnly(JsonElement body)
    {
        foreach (var name in (ReadOnlySpan<string>)["self", "schema", "created_at", "updated_at"]) if (body.TryGetProperty(name, out _)) throw Errors.ReadOnly(name);
    }
}
