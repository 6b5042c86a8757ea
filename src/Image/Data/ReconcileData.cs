using Nephos.Contracts.Drivers;
using Nephos.Image.Images;
using Nephos.Kernel.Convergence;

namespace Nephos.Image.Data;

/// <summary>
/// Undoes uploads that died with their process: back to <c>queued</c>, and no data left. Also removes data of deleted images, and
/// forgets rows deleted long ago.
/// </summary>
internal sealed class ReconcileData(ImageDb db, ImageTable images, WriterTable writers, IImageStore store) : Loop
{
    private static readonly TimeSpan KeepDeleted = TimeSpan.FromDays(30);

    public override string Name => "image.data";

    public override TimeSpan Period => TimeSpan.FromMinutes(5);

    public override async Task<object> Run(CancellationToken ct)
    {
        var (requeued, removed) = (0, 0);
        foreach (var id in await writers.Orphans()) if (await Clear(id, ct)) requeued++;
        foreach (var some in (await store.List(ct)).Chunk(500))
        {
            var alive = await writers.Alive(some);
            foreach (var id in some.Where(id => !alive.Contains(id)))
            {
                await store.Remove(id, ct);
                removed++;
            }
            foreach (var id in await writers.Queued(some)) if (await Clear(id, ct)) removed++;
        }
        await images.Purge(db.Now - KeepDeleted);
        return new { requeued, removed };
    }

    private async Task<bool> Clear(Guid id, CancellationToken ct)
    {
        if (!await writers.TakeOver(id)) return false;
        await store.Remove(id, ct);
        await writers.GiveUp(id);
        return true;
    }
}
