using Nephos.Image.Images;
using Nephos.Image.Stores;
using Nephos.Image.Tasks;

namespace Nephos.Image.Imports;

/// <summary>How an image's row follows the import of a location.</summary>
internal sealed class LocationImportTable(ImageDb db, ImageTable images, LocationTable locations, TaskTable tasks)
{
    /// <summary>False when the image has data by now, or something is done to it.</summary>
    public Task<bool> Begin(Guid image, Guid task) => db.Changed($"""
        UPDATE image_images SET status = 'importing', import_task = {task}, importing = {(string?)null}, revision = revision + 1, updated_at = {db.Now}
        WHERE id = {image} AND status = 'queued' AND import_task IS NULL AND writer IS NULL AND deleted_at IS NULL
        """);

    /// <summary>The data is there: the image is active, unless the hash that somebody said has to be compared first.</summary>
    public async Task Place(Guid image, Guid task, NewPlace place, long size)
    {
        var status = place is { Measured: true, Hash: not null } ? "importing" : "active";
        var row = await db.One<ImageRow>($"""
            UPDATE image_images SET status = {status}, size = {size}, os_hash_algo = {(place.Measured || place.Hash is not null ? place.Algorithm : null)},
                os_hash_value = {(place.Measured ? null : place.Hash)}, import_task = {(place.Measured ? task : (Guid?)null)}, revision = revision + 1, updated_at = {db.Now}
            WHERE id = {image} AND import_task = {task} AND deleted_at IS NULL RETURNING *
            """);
        if (row is null) return;
        await locations.Add(image, place.Store, place.Url);
        if (!place.Measured) await tasks.End(task, "success", null);
        if (row.HasData) await images.Tell("image.activate", row);
    }

    /// <summary>The data is measured.</summary>
    public async Task Finish(Guid image, Guid task, DataFacts facts)
    {
        if (await Locked(image, task) is not { } before) return;
        await tasks.End(task, "success", null);
        var row = (await db.One<ImageRow>($"""
            UPDATE image_images SET status = CASE WHEN status = 'importing' THEN 'active' ELSE status END, import_task = {(string?)null}, size = {facts.Size},
                checksum = {facts.Md5}, os_hash_algo = {facts.Algorithm}, os_hash_value = {facts.Hash}
            WHERE id = {image} RETURNING *
            """))!;
        if (!before.HasData) await images.Tell("image.activate", row);
    }

    /// <summary>It came to nothing: an image without data waits for some again; one that is active stays so, and nobody knows its hash.</summary>
    public async Task Fail(Guid image, Guid task, string why)
    {
        var row = await Locked(image, task);
        if (row is not { HasData: true }) await tasks.End(task, "failure", why);
        if (row is null) return;
        if (row.HasData) await tasks.End(task, "success", $"The image has no hash: {why}");
        else await locations.Forget(image);
        await db.Execute($"""
            UPDATE image_images SET status = {(row.HasData ? row.Status : "queued")}, size = {(row.HasData ? row.Size : null)}, import_task = {(string?)null}, os_hash_algo = {(string?)null}
            WHERE id = {image}
            """);
    }

    private Task<ImageRow?> Locked(Guid image, Guid task) => db.One<ImageRow>($"""
        UPDATE image_images SET revision = revision + 1, updated_at = {db.Now} WHERE id = {image} AND import_task = {task} AND deleted_at IS NULL RETURNING *
        """);
}
