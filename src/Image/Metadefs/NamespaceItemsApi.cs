using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;

namespace Nephos.Image.Metadefs;

/// <summary>Objects, properties and tags of a namespace: three kinds of named documents.</summary>
internal sealed class NamespaceItemsApi(ImageDb db, MetadefTable table)
{
    private sealed record Kind(string Name, string Path, Func<SchemaHistory> Schema, string Remove, Func<ItemRow, string, JsonObject> View);

    private static readonly Kind[] Kinds =
    [
        new("object", "/objects", () => MetadefSchemas.OfObject, "delete_metadef_object", MetadefView.Object),
        new("property", "/properties", () => MetadefSchemas.OfProperty, "remove_metadef_property", (row, _) => MetadefView.Property(row, named: true)),
        new("tag", "/tags", () => MetadefSchemas.OfTag, "delete_metadef_tag", (row, _) => MetadefView.Tag(row)),
    ];

    public void Map(RouteGroup v2)
    {
        var space = v2.Member("/metadefs/namespaces/{namespace}", NamespacesApi.One(table));
        foreach (var kind in Kinds)
        {
            var all = kind.Name == "property" ? "properties" : kind.Name + "s";
            space.Get(kind.Path, (call, row) => List(call, row, kind)).Policy("get_metadef_" + all, NamespacesApi.SeeText, $"List {all} of a namespace").Fails(400);
            var one = kind.Path + "/{name}";
            space.Get(one, (call, row) => Show(call, row, kind)).Policy("get_metadef_" + kind.Name, NamespacesApi.SeeText, $"Show a {kind.Name} of a namespace");
            space.Put(one, (call, row) => Update(call, row, kind)).Policy("modify_metadef_" + kind.Name, NamespacesApi.AdminText, $"Update a {kind.Name} of a namespace").Body(kind.Schema).Fails(409);
            space.Delete(one, (call, row) => Remove(call, row, kind)).Policy(kind.Remove, NamespacesApi.AdminText, $"Delete a {kind.Name} of a namespace");
            if (kind.Name == "tag") continue;
            space.Post(kind.Path, (call, row) => Add(call, row, kind, call.Json.GetProperty("name").GetString()!))
                .Policy("add_metadef_" + kind.Name, NamespacesApi.AdminText, $"Add a {kind.Name} to a namespace").Body(kind.Schema).Returns(201).Fails(409);
        }
        space.Post("/tags", AddTags).Policy("add_metadef_tags", NamespacesApi.AdminText, "Set tags of a namespace").Body(() => MetadefSchemas.OfTags).Returns(201).Fails(409);
        space.Post("/tags/{name}", (call, row) => Add(call, row, Kinds[2], call["name"])).Policy("add_metadef_tag", NamespacesApi.AdminText, "Add a tag to a namespace").Returns(201).Fails(400, 409);
    }

    private async Task<Answer> List(Call call, NamespaceRow space, Kind kind)
    {
        var list = new ListSql("image_md_items", "name") { Limit = NamespacesApi.Limit(call.Query["limit"]), Marker = call.Query["marker"], MarkerMissing = m => MetadefErrors.NoItem(kind.Name, m, space.Namespace) };
        list.Scope($"namespace_id = {space.Id}").Scope($"kind = {kind.Name}").OrderBy("created_at", descending: call.Query["sort_dir"] != "asc");
        var rows = (await table.Items(list)).Items;
        return kind.Name switch
        {
            "object" => Answer.Json(("objects", rows.Select(r => MetadefView.Object(r, space.Namespace))), ("schema", "v2/schemas/metadefs/objects")),
            "property" => Answer.Json(("properties", rows.ToDictionary(r => r.Name, r => MetadefView.Property(r, named: true)))),
            _ => Answer.Json(("tags", rows.Select(r => new { name = r.Name }))),
        };
    }

    private async Task<Answer> Show(Call call, NamespaceRow space, Kind kind)
    {
        var name = call["name"];
        if (kind.Name == "property" && call.Query["resource_type"] is { } type)
        {
            var prefix = (await table.Associations([space.Id])).Find(a => a.Name == type)?.Prefix;
            if (prefix is null || !name.StartsWith(prefix, StringComparison.Ordinal)) throw MetadefErrors.NoPrefix(name, prefix);
            name = name[prefix.Length..];
        }
        return Answer.JsonValue(kind.View(await table.Item(space.Id, kind.Name, name) ?? throw MetadefErrors.NoItem(kind.Name, name, space.Namespace), space.Namespace));
    }

    private async Task<Answer> Add(Call call, NamespaceRow space, Kind kind, string name)
    {
        if (name.Length > 80) throw Errors.Invalid("The name is longer than 80 characters.");
        var body = kind.Name == "tag" ? JsonSerializer.SerializeToElement(new { name }) : call.Json;
        NamespacesApi.RefuseReadOnly(body);
        try { return Answer.JsonValue(kind.View(await table.AddItem(space.Id, kind.Name, name, body), space.Namespace)); }
        catch (DuplicateKey) { throw MetadefErrors.ItemTaken(kind.Name, name, space.Namespace); }
    }

    private async Task<Answer> Update(Call call, NamespaceRow space, Kind kind)
    {
        NamespacesApi.RefuseReadOnly(call.Json);
        var name = call.Json.GetProperty("name").GetString()!;
        try
        {
            return Answer.JsonValue(kind.View(await table.ChangeItem(space.Id, kind.Name, call["name"], name, call.Json)
                ?? throw MetadefErrors.NoItem(kind.Name, call["name"], space.Namespace), space.Namespace));
        }
        catch (DuplicateKey) { throw MetadefErrors.ItemTaken(kind.Name, name, space.Namespace); }
    }

    private async Task<Answer> Remove(Call call, NamespaceRow space, Kind kind) =>
        await table.RemoveItem(space.Id, kind.Name, call["name"]) ? Answer.Empty : throw MetadefErrors.NoItem(kind.Name, call["name"], space.Namespace);

    private async Task<Answer> AddTags(Call call, NamespaceRow space)
    {
        var names = call.Json.GetProperty("tags").EnumerateArray().Select(t => t.GetProperty("name").GetString()!).ToList();
        if (names.Find(n => n.Length > 80) is not null) throw Errors.Invalid("The name is longer than 80 characters.");
        try
        {
            await db.InTransaction(async () =>
            {
                if (call.Header("X-Openstack-Append")?.ToLowerInvariant() is not ("true" or "1" or "yes" or "on" or "t" or "y")) await table.RemoveItems(space.Id, "tag");
                foreach (var name in names) await table.AddItem(space.Id, "tag", name, JsonSerializer.SerializeToElement(new { name }));
            });
        }
        catch (DuplicateKey) { throw MetadefErrors.ItemTaken("tag", names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1)?.Key ?? string.Join(", ", names), space.Namespace); }
        return Answer.Json(("tags", names.Select(name => new { name })));
    }
}
