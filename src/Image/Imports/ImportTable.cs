using Nephos.Image.Images;
using Nephos.Image.Stores;
using Nephos.Image.Tasks;
using Nephos.Kernel.Data;

namespace Nephos.Image.Imports;

/// <summary>How an image's row follows an import.</summary>
internal sealed class ImportTable(ImageDb db, ImageTable images, LocationTable locations, TaskTable tasks)
{
    /// <summary>False when the image is in another status, or an import is under way.</summary>
    public Task<bool> Begin(Guid image, string from, Guid task, IReadOnlyList<string> stores) => db.Changed($"""
        UPDATE image_images SET status = {(from == "active" ? from : "importing")}, import_task = {task}, importing = {Sql.Json(new ImportProgress(stores, []))},
            revision = revision + 1, updated_at = {db.Now}
        WHERE id = {image} AND status = {from} AND import_task IS NULL AND writer IS NULL AND deleted_at IS NULL
        """);

    /// <summary>A store has the data now, or could not take it. False when the import is no longer wanted.</summary>
    public Task<bool> Tried(Guid image, Guid task, string store, bool kept) => db.InTransaction(async () =>
    {
        var row = await Locked(image, task);
        if (row is null) return false;
        if (kept) await locations.Add(image, store);
        await Write(image, new ImportProgress([.. row.Importing!.To.Where(s => s != store)], kept ? row.Importing.Failed : [.. row.Importing.Failed, store]));
        return true;
    });

    /// <summary>The image has its data: active, if it was not so before.</summary>
    public async Task Finish(Guid image, Guid task, DataFacts facts, ImageChanges? changes)
    {
        var before = await Locked(image, task);
        if (before is null) return;
        var row = (await db.One<ImageRow>($"""
            UPDATE image_images SET status = CASE WHEN status = 'deactivated' THEN status ELSE 'active' END, import_task = {(string?)null}, size = {facts.Size}, virtual_size = {facts.VirtualSize}, checksum = {facts.Md5},
                os_hash_algo = {facts.Algorithm}, os_hash_value = {facts.Hash}, staged = {(string?)null}, updated_at = {db.Now}
            WHERE id = {image} RETURNING *
            """))!;
        if (changes is not null) row = await images.Change(row, changes);
        await tasks.End(task, "success", null);
        if (before.HasData) return;
        await images.Tell("image.upload", row);
        await images.Tell("image.activate", row);
    }

    /// <summary>It came to nothing: what waited for data waits again, and the task says why.</summary>
    public async Task Fail(Guid image, Guid task, IReadOnlyList<string> stores, string why)
    {
        await tasks.End(task, "failure", why);
        if (await Locked(image, task) is not { } row) return;
        // No store in particular failed: none of them has the data.
        await Write(image, new ImportProgress([], row.Importing!.Failed.Count > 0 ? row.Importing.Failed : stores));
        await db.Execute($"UPDATE image_images SET import_task = {(string?)null} WHERE id = {image}");
        await db.Execute($"""
            UPDATE image_images SET status = 'queued', size = {(long?)null}, virtual_size = {(long?)null}, staged = {(string?)null} WHERE id = {image} AND status = 'importing'
            """);
    }

    private Task<ImageRow?> Locked(Guid image, Guid task) => db.One<ImageRow>($"""
        UPDATE image_images SET revision = revision + 1, updated_at = {db.Now} WHERE id = {image} AND import_task = {task} AND deleted_at IS NULL RETURNING *
        """);

    private Task Write(Guid image, ImportProgress progress) => db.Execute($"UPDATE image_images SET importing = {Sql.Json(progress)} WHERE id = {image}");
}
