using Nephos.Kernel.Data;

namespace Nephos.Image.Cache;

/// <summary>A copy of an image's data on this host, or the wish for one.</summary>
internal sealed record CacheRow(string Keeper, Guid ImageId, long? Size, long Hits, DateTimeOffset QueuedAt, DateTimeOffset? CachedAt, DateTimeOffset? ReadAt);

internal sealed class CacheTable(ImageDb db)
{
    // Each controller has copies of its own.
    private readonly string _me = Environment.MachineName;

    public Task<bool> Queue(Guid image) => db.Changed($"""
        INSERT INTO image_cache (keeper, image_id, hits, queued_at) VALUES ({_me}, {image}, 0, {db.Now}) ON CONFLICT DO NOTHING
        """);

    /// <summary>Everything, oldest wish first.</summary>
    public Task<List<CacheRow>> All() => db.Query<CacheRow>($"SELECT * FROM image_cache WHERE keeper = {_me} ORDER BY queued_at, image_id");

    /// <summary>A copy is whole; false when nobody wants it any more.</summary>
    public Task<bool> Kept(Guid image, long size) => db.Changed($"""
        UPDATE image_cache SET size = {size}, cached_at = {db.Now}, read_at = {db.Now} WHERE keeper = {_me} AND image_id = {image} AND cached_at IS NULL
        """);

    public Task Read(Guid image) => db.Execute($"UPDATE image_cache SET hits = hits + 1, read_at = {db.Now} WHERE keeper = {_me} AND image_id = {image}");

    public Task<bool> Remove(Guid image) => db.Changed($"DELETE FROM image_cache WHERE keeper = {_me} AND image_id = {image}");
}
