using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Cache;
using Nephos.Image.Images;
using Nephos.Image.Quotas;
using Nephos.Image.Staging;
using Nephos.Image.Stores;

namespace Nephos.Image.Data;

/// <summary>
/// The bytes of images: a row says <c>saving</c> or <c>uploading</c> and by whom while they come, so that an upload that died is noticed
/// and undone.
/// </summary>
internal sealed class ImageData(ImageTable images, WriterTable writers, Intake intake, StagingArea staging, ImageStores stores, ImageQuotas quotas, ImageCache cache, CacheTable cached, CacheSync sync)
{
    /// <summary>Keeps the data in a store and activates the image.</summary>
    public async Task Upload(StoredImage image, Stream source, long? length, NamedStore store, CancellationToken ct)
    {
        if (image.Row.Status != "queued") throw Errors.Transition(image.Row.Status, "saving");
        image.Row.RequireFormats();
        await quotas.RequireSpace(image.Row.Owner, ct);
        await Receive(image, "saving", async () =>
        {
            await quotas.Require(image.Row.Owner, ImageQuotas.Uploading, 0, ct);
            var facts = await intake.Take(image, source, length, null, ct);
            facts = facts with { VirtualSize = await intake.Approve(image.Id, "", image.Row.DiskFormat!, image.Row.ContainerFormat!, ct) };
            await store.Store.Put(image.Id, staging.PathOf(image.Id), facts.Content(), null, ct);
            staging.Remove(image.Id);
            if (await writers.Finish(image.Id, store.Id, facts)) return;
            await store.Store.Remove(image.Id, CancellationToken.None);
            throw Errors.GoneMeanwhile(image.Id);
        });
    }

    /// <summary>Stages the data for an import.</summary>
    public async Task Stage(StoredImage image, Stream source, long? length, CancellationToken ct)
    {
        await quotas.Require(image.Row.Owner, ImageQuotas.Staged, 0, ct);
        await Receive(image, "uploading", async () =>
        {
            await quotas.Require(image.Row.Owner, ImageQuotas.Uploading, 0, ct);
            var facts = await intake.Take(image, source, length, null, ct);
            if (await writers.Stage(image.Id, facts)) return;
            staging.Remove(image.Id);
            throw Errors.GoneMeanwhile(image.Id);
        });
    }

    /// <summary>From this host, if it can be; what comes from elsewhere is wished for here.</summary>
    public async Task<Stream?> Open(StoredImage image, long from, CancellationToken ct)
    {
        if (await cache.Open(image.Id, from) is { } copy) return copy;
        if (await stores.Open(image, from, ct) is not { } data) return null;
        // What nobody knows the hash of could be other data tomorrow.
        if (image.Row.OsHashValue is not null && stores.LocalPath(image) is null && await cached.Queue(image.Id)) sync.Nudge();
        return data;
    }

    private async Task Receive(StoredImage image, string status, Func<Task> work)
    {
        if (image.Row.Status != "queued") throw Errors.Transition(image.Row.Status, status);
        if (!await writers.Begin(image.Id, status))
            throw await images.Find(image.Id) is { } now ? Errors.Transition(now.Row.Status, status) : Errors.NoImage(image.Id.ToString());
        try
        {
            using var alive = new Pulse(writers, image.Id);
            await work();
        }
        catch
        {
            // The image may be asked for again at once; the client that went away must not stop this.
            staging.Remove(image.Id);
            await writers.GiveUp(image.Id);
            // Whatever failed then: its data was removed under way.
            if (await images.Find(image.Id) is null) throw Errors.GoneMeanwhile(image.Id);
            throw;
        }
    }
}
