using System.Collections.ObjectModel;
using Nephos.Image.Data;
using Nephos.Image.Stores;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Image.Images;

/// <summary>Rows of images with their properties, tags and locations.</summary>
internal sealed class ImageTable(ImageDb db, LocationTable locations, EventLog<ImageDb> events, Operations<ImageDb> operations)
{
    /// <summary>The image if the caller may know of it: its own, public, community, or shared with its project.</summary>
    public async Task<StoredImage?> FindVisible(string id, string? project, bool everything)
    {
        if (!Guid.TryParseExact(id, "D", out var guid)) return null;
        var row = await db.One<ImageRow>($"SELECT * FROM image_images WHERE id = {guid} AND deleted_at IS NULL");
        if (row is null) return null;
        string? member = null;
        if (row.Visibility == "shared" && project is not null && row.Owner != project)
        {
            member = await db.Scalar<string>($"SELECT member FROM image_members WHERE image_id = {guid} AND member = {project}");
            if (member is null && !everything) return null;
        }
        if (row.Visibility == "private" && row.Owner != project && !everything) return null;
        return (await Complete([row]))[0] with { Member = member };
    }

    public async Task<StoredImage?> Find(Guid id) =>
        await db.One<ImageRow>($"SELECT * FROM image_images WHERE id = {id} AND deleted_at IS NULL") is { } row ? (await Complete([row]))[0] : null;

    public async Task<IReadOnlyList<StoredImage>> Find(IReadOnlyList<Guid> ids) =>
        await Complete(await db.Query<ImageRow>($"SELECT * FROM image_images WHERE id IN {ids} AND deleted_at IS NULL"));

    /// <summary>Adds properties, tags and locations to rows.</summary>
    public async Task<IReadOnlyList<StoredImage>> Complete(IReadOnlyList<ImageRow> rows)
    {
        var ids = rows.Select(r => r.Id).ToArray();
        StoredImage[] images = [.. rows.Select(r => new StoredImage(r, ReadOnlyDictionary<string, string>.Empty, [], []))];
        await db.Fill(images,
            Part.Of((StoredImage i) => i.Id, ((Guid Image, string Name, string Value) p) => p.Image, $"SELECT image_id, name, value FROM image_properties WHERE image_id IN {ids} ORDER BY name",
                (image, found) => image.Properties = found.ToDictionary(p => p.Name, p => p.Value)),
            Part.Of((StoredImage i) => i.Id, ((Guid Image, string Tag) t) => t.Image, $"SELECT image_id, tag FROM image_tags WHERE image_id IN {ids} ORDER BY tag",
                (image, found) => image.Tags = [.. found.Select(t => t.Tag)]),
            Part.Of((StoredImage i) => i.Id, (LocationRow l) => l.ImageId, LocationTable.Of(ids), (image, found) => image.Locations = found));
        return images;
    }

    /// <summary>Adds an image; <see cref="DuplicateKey"/> if the id was ever used.</summary>
    public Task Insert(StoredImage image) => db.InTransaction(async () =>
    {
        var r = image.Row;
        await db.Execute($"""
            INSERT INTO image_images (id, name, status, visibility, protected, os_hidden, owner, disk_format, container_format, min_disk, min_ram, revision, created_at, updated_at)
            VALUES ({r.Id}, {r.Name}, {r.Status}, {r.Visibility}, {r.Protected}, {r.OsHidden}, {r.Owner}, {r.DiskFormat}, {r.ContainerFormat}, {r.MinDisk}, {r.MinRam}, 1, {r.CreatedAt}, {r.UpdatedAt})
            """);
        await AddProperties(r.Id, image.Properties);
        await AddTags(r.Id, image.Tags);
        await Tell("image.create", image.Row);
    });

    /// <summary>Writes what changed; false when somebody else changed the image since <paramref name="before"/> was read.</summary>
    public Task<bool> Save(StoredImage before, StoredImage after) => db.InTransaction(async () =>
    {
        var r = after.Row;
        var same = await db.Changed($"""
            UPDATE image_images SET name = {r.Name}, visibility = {r.Visibility}, protected = {r.Protected}, os_hidden = {r.OsHidden}, owner = {r.Owner},
                disk_format = {r.DiskFormat}, container_format = {r.ContainerFormat}, min_disk = {r.MinDisk}, min_ram = {r.MinRam},
                revision = revision + 1, updated_at = {db.Now}
            WHERE id = {r.Id} AND revision = {before.Row.Revision} AND deleted_at IS NULL
            """);
        if (!same) return false;
        var gone = before.Properties.Keys.Where(name => !after.Properties.TryGetValue(name, out var value) || value != before.Properties[name]).ToList();
        if (gone.Count > 0) await db.Execute($"DELETE FROM image_properties WHERE image_id = {r.Id} AND name IN {gone}");
        await AddProperties(r.Id, after.Properties.Where(p => !before.Properties.TryGetValue(p.Key, out var value) || value != p.Value));
        var untagged = before.Tags.Except(after.Tags).ToList();
        if (untagged.Count > 0) await db.Execute($"DELETE FROM image_tags WHERE image_id = {r.Id} AND tag IN {untagged}");
        await AddTags(r.Id, after.Tags.Except(before.Tags));
        if (!after.Locations.SequenceEqual(before.Locations)) await Locate(after);
        await Tell("image.update", after.Row);
        if (after.Row.Status != before.Row.Status) await Tell("image.activate", after.Row);
        return true;
    });

    /// <summary>What an import makes of an image besides its data; in the transaction that does.</summary>
    public async Task<ImageRow> Change(ImageRow row, ImageChanges changes)
    {
        foreach (var (name, value) in changes.Properties)
            await db.Execute($"""
                INSERT INTO image_properties (image_id, name, value) VALUES ({row.Id}, {name}, {value}) ON CONFLICT (image_id, name) DO UPDATE SET value = excluded.value
                """);
        return (await db.One<ImageRow>($"""
            UPDATE image_images SET disk_format = {changes.DiskFormat ?? row.DiskFormat}, container_format = {changes.ContainerFormat ?? row.ContainerFormat},
                min_disk = {Math.Max(row.MinDisk, changes.MinDisk)}, min_ram = {Math.Max(row.MinRam, changes.MinRam)}
            WHERE id = {row.Id} RETURNING *
            """))!;
    }

    /// <summary>Moves from one status to another; false when it is no longer in the first.</summary>
    public Task<bool> Move(Guid id, string from, string to, string eventType) => db.InTransaction(async () =>
    {
        var moved = await db.One<ImageRow>($"""
            UPDATE image_images SET status = {to}, revision = revision + 1, updated_at = {db.Now} WHERE id = {id} AND status = {from} AND deleted_at IS NULL RETURNING *
            """);
        if (moved is not null) await Tell(eventType, moved);
        return moved is not null;
    });

    /// <summary>Marks as deleted and lets its data be removed, an import into it unwinding first; false when it is protected or gone.</summary>
    public Task<bool> Delete(Guid id, bool evenProtected = false) => db.InTransaction(async () =>
    {
        var row = await db.One<ImageRow>($"""
            UPDATE image_images SET status = 'deleted', deleted_at = {db.Now}, updated_at = {db.Now}, writer = {(string?)null}, import_task = {(string?)null}, revision = revision + 1
            WHERE id = {id} AND deleted_at IS NULL AND (NOT protected OR {evenProtected}) RETURNING *
            """);
        if (row is null) return false;
        await db.Execute($"DELETE FROM image_members WHERE image_id = {id}");
        await operations.RequestDelete($"image/{id}", new DeleteData.State(id));
        await Tell("image.delete", row);
        return true;
    });

    public async Task AddTag(Guid id, string tag) => await db.InTransaction(async () =>
    {
        await AddTags(id, [tag]);
        await db.Execute($"UPDATE image_images SET updated_at = {db.Now}, revision = revision + 1 WHERE id = {id}");
    });

    public async Task<bool> RemoveTag(Guid id, string tag) => await db.InTransaction(async () =>
    {
        if (!await db.Changed($"DELETE FROM image_tags WHERE image_id = {id} AND tag = {tag}")) return false;
        await db.Execute($"UPDATE image_images SET updated_at = {db.Now}, revision = revision + 1 WHERE id = {id}");
        return true;
    });

    /// <summary>Projects that images are shared with and that did not reject them.</summary>
    public Task<List<(Guid Image, string Member)>> Members(IReadOnlyList<Guid> images) =>
        db.Query<(Guid, string)>($"SELECT image_id, member FROM image_members WHERE image_id IN {images} AND status <> 'rejected' ORDER BY member");

    /// <summary>Forgets rows deleted before a time.</summary>
    public Task Purge(DateTimeOffset before) => db.InTransaction(async () =>
    {
        await db.Execute($"DELETE FROM image_properties WHERE image_id IN (SELECT id FROM image_images WHERE deleted_at < {before})");
        await db.Execute($"DELETE FROM image_tags WHERE image_id IN (SELECT id FROM image_images WHERE deleted_at < {before})");
        await db.Execute($"DELETE FROM image_locations WHERE image_id IN (SELECT id FROM image_images WHERE deleted_at < {before})");
        await db.Execute($"DELETE FROM image_images WHERE deleted_at < {before}");
    });

    /// <summary>Logs an event; the last statement of the transaction.</summary>
    public Task Tell(string type, ImageRow row) => events.Append(new NewEvent(type, $"image/{row.Id}", new
    {
        row.Id, row.Name, row.Status, row.Visibility, row.Owner, row.Size, row.Checksum, row.DiskFormat, row.ContainerFormat, row.CreatedAt, row.UpdatedAt,
    })
    { ProjectId = row.Owner });

    private async Task Locate(StoredImage image)
    {
        var r = image.Row;
        await db.Execute($"""
            UPDATE image_images SET status = {r.Status}, size = {r.Size}, checksum = {r.Checksum}, os_hash_algo = {r.OsHashAlgo}, os_hash_value = {r.OsHashValue} WHERE id = {r.Id}
            """);
        await locations.Replace(r.Id, image.Locations);
    }

    private async Task AddProperties(Guid id, IEnumerable<KeyValuePair<string, string>> properties)
    {
        foreach (var (name, value) in properties) await db.Execute($"INSERT INTO image_properties (image_id, name, value) VALUES ({id}, {name}, {value})");
    }

    private async Task AddTags(Guid id, IEnumerable<string> tags)
    {
        foreach (var tag in tags) await db.Execute($"INSERT INTO image_tags (image_id, tag) VALUES ({id}, {tag}) ON CONFLICT DO NOTHING");
    }
}
