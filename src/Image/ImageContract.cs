using System.Security.Cryptography;
using Nephos.Contracts;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Quotas;
using Nephos.Image.Stores;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Image;

/// <summary>What other services ask of images: the same tables and the same upload as the API's.</summary>
internal sealed class ImageContract(ImageDb db, ImageTable images, ImageData data, ImageStores stores, ImageQuotas quotas, ImageOptions options, Tombstones<ImageDb> tombstones) : IImages
{
    public async Task<IReadOnlyList<ImageInfo>> Get(IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        var found = await images.Find(ids);
        if (found.Count == 0) return [];
        var members = (await images.Members([.. found.Where(i => i.Row.Visibility == "shared").Select(i => i.Id)])).ToLookup(m => m.Image, m => m.Member);
        return [.. found.Select(i => Info(i, [.. members[i.Id]]))];
    }

    public async Task<Stream?> Open(Guid image, CancellationToken ct) =>
        await images.Find(image) is { Row.HasData: true } stored ? await data.Open(stored, 0, ct) : null;

    public async Task Create(NewImage image, long epoch, CancellationToken ct)
    {
        options.Counts.Check(image.Properties.Count, 0);
        await quotas.Require(image.ProjectId, ImageQuotas.Count, 1, ct);
        var now = db.Now;
        var row = new ImageRow
        {
            Id = image.Id, Name = image.Name, Status = "queued", Visibility = "private", Owner = image.ProjectId, DiskFormat = image.DiskFormat,
            ContainerFormat = image.ContainerFormat, MinDisk = image.MinDisk, MinRam = image.MinRam, CreatedAt = now, UpdatedAt = now,
        };
        try
        {
            await db.InTransaction(async () =>
            {
                await tombstones.Refuse("image", image.Id, epoch);
                if (await images.Find(image.Id) is null) await images.Insert(new StoredImage(row, image.Properties, [], []));
            });
        }
        // Deleted by a user since it was made, or made by the same call a moment ago.
        catch (DuplicateKey) when (!ct.IsCancellationRequested)
        {
            if (await images.Find(image.Id) is null) throw Errors.DeletedBefore(image.Id);
        }
    }

    public async Task PutData(Guid image, Stream source, CancellationToken ct)
    {
        var stored = await images.Find(image) ?? throw Errors.NoImage(image.ToString());
        if (stored.Row.HasData) return;
        await data.Upload(stored, source, null, stores.Default, ct);
    }

    public Task Delete(Guid image, long epoch, CancellationToken ct) => db.InTransaction(async () =>
    {
        await tombstones.Bury("image", image, epoch);
        await images.Delete(image, evenProtected: true);
    });

    // What hosts keep the data under. Of data that others keep only somebody says the hash: by that of another's image they would be given that image's
    // data, so it has a name that no other image has. So has data whose hash is a weak one, which others can make data for.
    private static string? NameOf(StoredImage image) => image.Locations.Count > 0 && (image.Locations.All(l => l.Url.Length > 0) || !DataFacts.IsStrong(image.Row.OsHashAlgo))
        ? Convert.ToHexStringLower(SHA256.HashData(image.Id.ToByteArray())) : image.Row.OsHashValue;

    internal static ImageInfo Info(StoredImage image, IReadOnlyList<string> members) => new()
    {
        Id = image.Id,
        Name = image.Row.Name,
        Status = image.Row.Status,
        Owner = image.Row.Owner,
        Visibility = image.Row.Visibility,
        Members = members,
        DiskFormat = image.Row.DiskFormat,
        ContainerFormat = image.Row.ContainerFormat,
        Size = image.Row.Size,
        VirtualSize = image.Row.VirtualSize,
        MinDisk = (int)image.Row.MinDisk,
        MinRam = (int)image.Row.MinRam,
        Hash = NameOf(image),
        CreatedAt = image.Row.CreatedAt,
        UpdatedAt = image.Row.UpdatedAt,
        Properties = image.Properties,
    };
}
