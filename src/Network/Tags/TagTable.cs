using Nephos.Kernel.Data;

namespace Nephos.Network.Tags;

/// <summary>Tags of things, by kind and id.</summary>
internal sealed class TagTable(NetworkDb db)
{
    /// <summary>Tags of several things in one statement; every id has an entry.</summary>
    public async Task<Dictionary<Guid, List<string>>> Of(string kind, IReadOnlyCollection<Guid> ids)
    {
        var result = ids.ToDictionary(id => id, _ => new List<string>());
        if (ids.Count == 0) return result;
        foreach (var (id, tag) in await db.Query<(Guid, string)>($"SELECT id, tag FROM network_tags WHERE kind = {kind} AND id IN {ids} ORDER BY tag")) result[id].Add(tag);
        return result;
    }

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
