using System.Text.Json;
using Nephos.Kernel.Data;

namespace Nephos.Image.Metadefs;

internal sealed class MetadefTable(ImageDb db)
{
    public async Task<NamespaceRow?> Find(string name, string? project, bool everything) =>
        await db.One<NamespaceRow>($"SELECT * FROM image_md_namespaces WHERE namespace = {name}") is { } row && (everything || row.Visibility == "public" || row.Owner == project) ? row : null;

    public Task<Page<NamespaceRow>> List(ListSql list) => db.Page<NamespaceRow>(list);

    /// <summary>Adds one; <see cref="DuplicateKey"/> if the name is taken.</summary>
    public Task Insert(NamespaceRow n) => db.Execute($"""
        INSERT INTO image_md_namespaces (id, namespace, display_name, description, visibility, protected, owner, created_at, updated_at)
        VALUES ({n.Id}, {n.Namespace}, {n.DisplayName}, {n.Description}, {n.Visibility}, {n.Protected}, {n.Owner}, {n.CreatedAt}, {n.UpdatedAt})
        """);

    public Task Update(NamespaceRow n) => db.Execute($"""
        UPDATE image_md_namespaces SET namespace = {n.Namespace}, display_name = {n.DisplayName}, description = {n.Description}, visibility = {n.Visibility},
            protected = {n.Protected}, owner = {n.Owner}, updated_at = {n.UpdatedAt} WHERE id = {n.Id}
        """);

    public Task Delete(Guid id) => db.InTransaction(async () =>
    {
        await db.Execute($"DELETE FROM image_md_items WHERE namespace_id = {id}");
        await db.Execute($"DELETE FROM image_md_associations WHERE namespace_id = {id}");
        await db.Execute($"DELETE FROM image_md_namespaces WHERE id = {id}");
    });

    public Task<List<ItemRow>> Items(Guid id) => db.Query<ItemRow>($"SELECT * FROM image_md_items WHERE namespace_id = {id} ORDER BY created_at, name");

    public Task<Page<ItemRow>> Items(ListSql list) => db.Page<ItemRow>(list);

    public Task<ItemRow?> Item(Guid id, string kind, string name) => db.One<ItemRow>($"SELECT * FROM image_md_items WHERE namespace_id = {id} AND kind = {kind} AND name = {name}");

    public async Task<ItemRow> AddItem(Guid id, string kind, string name, JsonElement body) => (await db.One<ItemRow>($"""
        INSERT INTO image_md_items (namespace_id, kind, name, body, created_at, updated_at) VALUES ({id}, {kind}, {name}, {body}, {db.Now}, {db.Now}) RETURNING *
        """))!;

    public Task<ItemRow?> ChangeItem(Guid id, string kind, string name, string to, JsonElement body) => db.One<ItemRow>($"""
        UPDATE image_md_items SET name = {to}, body = {body}, updated_at = {db.Now} WHERE namespace_id = {id} AND kind = {kind} AND name = {name} RETURNING *
        """);

    public Task<bool> RemoveItem(Guid id, string kind, string name) => db.Changed($"DELETE FROM image_md_items WHERE namespace_id = {id} AND kind = {kind} AND name = {name}");

    public Task RemoveItems(Guid id, string kind) => db.Execute($"DELETE FROM image_md_items WHERE namespace_id = {id} AND kind = {kind}");

    public Task<List<AssociationRow>> Associations(IReadOnlyList<Guid> namespaces) =>
        db.Query<AssociationRow>($"SELECT * FROM image_md_associations WHERE namespace_id IN {namespaces} ORDER BY created_at, name");

    public async Task<AssociationRow> Associate(Guid id, string name, string? prefix, string? target) => await db.InTransaction(async () =>
    {
        await db.Execute($"INSERT INTO image_md_resource_types (name, created_at, updated_at) VALUES ({name}, {db.Now}, {db.Now}) ON CONFLICT DO NOTHING");
        return (await db.One<AssociationRow>($"""
            INSERT INTO image_md_associations (namespace_id, name, prefix, properties_target, created_at, updated_at) VALUES ({id}, {name}, {prefix}, {target}, {db.Now}, {db.Now}) RETURNING *
            """))!;
    });

    public Task<bool> Dissociate(Guid id, string name) => db.Changed($"DELETE FROM image_md_associations WHERE namespace_id = {id} AND name = {name}");

    public Task<List<(string Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)>> ResourceTypes() =>
        db.Query<(string, DateTimeOffset, DateTimeOffset)>($"SELECT name, created_at, updated_at FROM image_md_resource_types ORDER BY name");
}
