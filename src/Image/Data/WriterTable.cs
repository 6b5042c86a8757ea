using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Image.Stores;
using Nephos.Kernel.Data;

namespace Nephos.Image.Data;

/// <summary>Who writes which image's data now. A writer is this process; one that is not heard of is dead.</summary>
internal sealed class WriterTable(ImageDb db, ImageTable images, LocationTable locations)
{
    public static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromMinutes(3);
    private readonly Guid _me = NewId.Ordered();

    public TimeProvider Time => db.Database.Time;

    public Task<bool> Begin(Guid id, string status) => db.InTransaction(async () =>
    {
        var row = await db.One<ImageRow>($"""
            UPDATE image_images SET status = {status}, writer = {_me}, writer_seen_at = {db.Now}, revision = revision + 1, updated_at = {db.Now}
            WHERE id = {id} AND status = 'queued' AND writer IS NULL AND deleted_at IS NULL RETURNING *
            """);
        if (row is not null) await images.Tell("image.prepare", row);
        return row is not null;
    });

    /// <summary>Never throws: a beat that is missed is no failure.</summary>
    public async Task Beat(Guid id)
    {
        try { await db.Execute($"UPDATE image_images SET writer_seen_at = {db.Now} WHERE id = {id} AND writer = {_me}"); }
        catch (Exception) { /* The next one may get through; if none does, the upload fails at its end. */ }
    }

    /// <summary>An upload is whole: the image is active, its data in a store.</summary>
    public Task<bool> Finish(Guid id, string store, DataFacts facts) => db.InTransaction(async () =>
    {
        var row = await db.One<ImageRow>($"""
            UPDATE image_images SET status = 'active', writer = {(string?)null}, size = {facts.Size}, virtual_size = {facts.VirtualSize}, checksum = {facts.Md5},
                os_hash_algo = {facts.Algorithm}, os_hash_value = {facts.Hash}, staged = {(string?)null}, revision = revision + 1, updated_at = {db.Now}
            WHERE id = {id} AND status = 'saving' AND writer = {_me} AND deleted_at IS NULL RETURNING *
            """);
        if (row is null) return false;
        await locations.Add(id, store);
        await images.Tell("image.upload", row);
        await images.Tell("image.activate", row);
        return true;
    });

    public Task<bool> Stage(Guid id, DataFacts facts) => db.Changed($"""
        UPDATE image_images SET writer = {(string?)null}, size = {facts.Size}, staged = {Sql.Json(facts)}, revision = revision + 1, updated_at = {db.Now}
        WHERE id = {id} AND status = 'uploading' AND writer = {_me} AND deleted_at IS NULL
        """);

    /// <summary>Back to the queue after a failure, so that the client may try again.</summary>
    public Task GiveUp(Guid id) => db.Execute($"""
        UPDATE image_images SET status = 'queued', writer = {(string?)null}, size = {(long?)null}, virtual_size = {(long?)null}, staged = {(string?)null},
            revision = revision + 1, updated_at = {db.Now}
        WHERE id = {id} AND writer = {_me} AND deleted_at IS NULL
        """);

    /// <summary>Uploads whose writer is dead: with one controller everybody but us, with several those that are silent.</summary>
    public Task<List<Guid>> Orphans() => db.Query<Guid>($"SELECT id FROM image_images WHERE {Dead()} AND status IN ('saving', 'uploading')");

    /// <summary>Becomes the writer of an orphan, so that nobody begins an upload while its data is cleared away; false when somebody else did.</summary>
    public Task<bool> TakeOver(Guid id) => db.Changed($"""
        UPDATE image_images SET status = 'saving', writer = {_me}, writer_seen_at = {db.Now}, staged = {(string?)null}, revision = revision + 1
        WHERE id = {id} AND deleted_at IS NULL AND {Dead()}
        """);

    /// <summary>Keeps uploads and imports away from an image that nobody writes; false when somebody does.</summary>
    public Task<bool> Claim(Guid id) => db.Changed($"""
        UPDATE image_images SET writer = {_me}, writer_seen_at = {db.Now} WHERE id = {id} AND writer IS NULL AND import_task IS NULL AND deleted_at IS NULL
        """);

    public Task Release(Guid id) => db.Execute($"UPDATE image_images SET writer = {(string?)null} WHERE id = {id} AND writer = {_me}");

    /// <summary>Claims that died with their process.</summary>
    public Task ReleaseDead() => db.Execute($"UPDATE image_images SET writer = {(string?)null} WHERE {Dead()} AND status NOT IN ('saving', 'uploading')");

    /// <summary>Of these images, those that are not deleted.</summary>
    public async Task<IReadOnlySet<Guid>> Alive(IReadOnlyList<Guid> ids) =>
        (await db.Query<Guid>($"SELECT id FROM image_images WHERE id IN {ids} AND deleted_at IS NULL")).ToHashSet();

    /// <summary>Of these images, those that have no data in the staging area and wait for none.</summary>
    public Task<List<Guid>> NotStaging(IReadOnlyList<Guid> ids) => db.Query<Guid>($"""
        SELECT id FROM image_images WHERE id IN {ids} AND writer IS NULL AND import_task IS NULL AND (staged IS NULL OR deleted_at IS NOT NULL)
        """);

    private SqlText Dead() => db.Database.IsPostgres
        ? $"writer IS NOT NULL AND writer <> {_me} AND writer_seen_at < {db.Now - DeadAfter}"
        : (SqlText)$"writer IS NOT NULL AND writer <> {_me}";
}
