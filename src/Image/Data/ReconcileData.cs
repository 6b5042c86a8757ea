using Nephos.Image.Images;
using Nephos.Image.Staging;
using Nephos.Image.Stores;
using Nephos.Image.Tasks;
using Nephos.Kernel.Convergence;

namespace Nephos.Image.Data;

/// <summary>
/// Undoes uploads that died with their process: back to <c>queued</c>, and no data left. Also removes data that its image's row says
/// nothing of, and forgets rows deleted long ago.
/// </summary>
internal sealed class ReconcileData(
    ImageDb db, ImageTable images, WriterTable writers, LocationTable locations, TaskTable tasks, ImageStores stores, StagingArea staging) : Loop
{
    private static readonly TimeSpan KeepDeleted = TimeSpan.FromDays(30);

    public override string Name => "image.data";

    public override TimeSpan Period => TimeSpan.FromMinutes(5);

    public override async Task<object> Run(CancellationToken ct)
    {
        var (requeued, removed) = (0, 0);
        await writers.ReleaseDead();
        foreach (var id in await writers.Orphans())
        {
            if (!await writers.TakeOver(id)) continue;
            staging.Remove(id);
            foreach (var store in stores.All) await store.Store.Remove(id, ct);
            await writers.GiveUp(id);
            requeued++;
        }
        foreach (var store in stores.All)
            foreach (var some in (await store.Store.List(ct)).Chunk(500))
                removed += await RemoveEach(await locations.Strangers(store.Id, some), id => store.Store.Remove(id, ct));
        foreach (var some in staging.List().Chunk(500))
            removed += await RemoveEach(await writers.NotStaging(some), id => { staging.Remove(id); return Task.CompletedTask; });
        await images.Purge(db.Now - KeepDeleted);
        await tasks.Purge();
        return new { requeued, removed };
    }

    private async Task<int> RemoveEach(IReadOnlyList<Guid> strangers, Func<Guid, Task> remove)
    {
        var removed = 0;
        var alive = await writers.Alive(strangers);
        foreach (var id in strangers)
        {
            // An image that lives could get data in this very moment.
            if (alive.Contains(id) && !await writers.Claim(id)) continue;
            await remove(id);
            await writers.Release(id);
            removed++;
        }
        return removed;
    }
}
