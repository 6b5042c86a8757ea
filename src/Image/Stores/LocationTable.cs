using Nephos.Kernel.Data;

namespace Nephos.Image.Stores;

/// <summary>Where an image's data is.</summary>
/// <param name="ImageId">The image.</param>
/// <param name="Store">The store's name.</param>
/// <param name="Url">Of data that others keep; empty for the store's own.</param>
/// <param name="CreatedAt">The order they are shown in.</param>
/// <param name="Metadata">What clients say of it besides: an object.</param>
internal sealed record LocationRow(Guid ImageId, string Store, string Url, DateTimeOffset CreatedAt, string Metadata);

internal sealed class LocationTable(ImageDb db)
{
    public static SqlText Of(IReadOnlyList<Guid> images) => $"SELECT * FROM image_locations WHERE image_id IN {images} ORDER BY created_at, store";

    public Task<List<LocationRow>> Of(Guid image) => db.Query<LocationRow>(Of([image]));

    /// <summary>Notes that a store has an image's data now.</summary>
    public Task Add(Guid image, string store, string url = "") => db.Execute($"""
        INSERT INTO image_locations (image_id, store, url, created_at) VALUES ({image}, {store}, {url}, {db.Now}) ON CONFLICT DO NOTHING
        """);

    /// <summary>Puts others in their place, in this order; in the transaction that changes the image.</summary>
    public async Task Replace(Guid image, IReadOnlyList<LocationRow> locations)
    {
        await Forget(image);
        foreach (var (place, l) in locations.Index())
            await db.Execute($"""
                INSERT INTO image_locations (image_id, store, url, created_at, metadata) VALUES ({image}, {l.Store}, {l.Url}, {db.Now.AddMicroseconds(place)}, {l.Metadata})
                """);
    }

    public Task Remove(Guid image, IReadOnlyList<string> stores) => db.Execute($"DELETE FROM image_locations WHERE image_id = {image} AND store IN {stores}");

    public Task Forget(Guid image) => db.Execute($"DELETE FROM image_locations WHERE image_id = {image}");

    /// <summary>Takes a store away from an active image that has another one; false if it is the only one, or not one.</summary>
    public Task<bool> RemoveOne(Guid image, string store) => db.InTransaction(async () =>
        // The image's row is locked by this: two that take away at once see each other.
        await db.Changed($"UPDATE image_images SET revision = revision + 1, updated_at = {db.Now} WHERE id = {image} AND status = 'active' AND deleted_at IS NULL")
        && await db.Scalar<long>($"SELECT COUNT(*) FROM image_locations WHERE image_id = {image} AND store <> {store}") > 0
        && await db.Changed($"DELETE FROM image_locations WHERE image_id = {image} AND store = {store}"));

    /// <summary>Of these images, those that have no data in a store and wait for none. An id that no row has is not among them: absence is never an order.</summary>
    public Task<List<Guid>> Strangers(string store, IReadOnlyList<Guid> images) => db.Query<Guid>($"""
        SELECT i.id FROM image_images i WHERE i.id IN {images} AND i.writer IS NULL AND i.import_task IS NULL
            AND NOT EXISTS (SELECT 1 FROM image_locations l WHERE l.image_id = i.id AND l.store = {store})
        """);
}
