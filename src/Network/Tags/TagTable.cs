using Nephos.Kernel.Data;
using Nephos.Network.Attributes;

namespace Nephos.Network.Tags;

/// <summary>Tags of things, by kind and id.</summary>
internal sealed class TagTable(NetworkDb db)
{
    /// <summary>Tags of rows.</summary>
    public static Part<T> Of<T>(string kind, IReadOnlyList<T> rows) where T : IResourceRow => Part.Of((T row) => row.Id, ((Guid Id, string Tag) tag) => tag.Id,
        $"SELECT id, tag FROM network_tags WHERE kind = {kind} AND id IN {rows.Select(r => r.Id)} ORDER BY tag",
        (row, tags) => { if (row is TaggedRow tagged) tagged.Tags = [.. tags.Select(t => t.Tag)]; });

    public Task Add(string kind, Guid id, string tag) =>
        db.Execute($"INSERT INTO network_tags (kind, id, tag) VALUES ({kind}, {id}, {tag}) ON CONFLICT (kind, id, tag) DO NOTHING");

    public Task<bool> Remove(string kind, Guid id, string tag) => db.Changed($"DELETE FROM network_tags WHERE kind = {kind} AND id = {id} AND tag = {tag}");

    public Task Clear(string kind, Guid id) => db.Execute($"DELETE FROM network_tags WHERE kind = {kind} AND id = {id}");

    public async Task Replace(string kind, Guid id, IReadOnlyList<string> tags)
    {
        await Clear(kind, id);
        foreach (var tag in tags.Distinct()) await Add(kind, id, tag);
    }
}
