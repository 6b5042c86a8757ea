using Nephos.Contracts;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Stores;
using Nephos.Kernel.Convergence;

namespace Nephos.Image.Cache;

/// <summary>Makes the copies that are wished for, and removes those of images that are gone, those nobody wrote down, and the longest unread beyond the limit.</summary>
internal sealed class CacheSync(CacheTable table, ImageCache cache, ImageTable images, ImageStores stores, ImageOptions options, TimeProvider time) : Loop, IDisposable
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(5);
    private readonly SemaphoreSlim _one = new(1);

    public override string Name => "image.cache";

    public override TimeSpan Period => options.CacheWait > TimeSpan.Zero && options.CacheWait < Usual ? options.CacheWait : Usual;

    public override async Task<object> Run(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            var cleaned = await CleanAlone();
            var (cached, failed) = (0, 0);
            foreach (var row in (await table.All()).Where(r => r.CachedAt is null && r.QueuedAt + options.CacheWait <= time.GetUtcNow()))
                if (await Fetch(row.ImageId, ct)) cached++;
                else failed++;
            return new { cached, failed, cleaned, pruned = (await PruneAlone()).Files };
        }
        finally { _one.Release(); }
    }

    /// <summary>Removes the longest unread copies beyond the limit.</summary>
    public async Task<(int Files, long Bytes)> Prune(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try { return await PruneAlone(); }
        finally { _one.Release(); }
    }

    /// <summary>Removes what belongs to no image, or to no row.</summary>
    public async Task<int> Clean(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try { return await CleanAlone(); }
        finally { _one.Release(); }
    }

    public void Dispose() => _one.Dispose();

    private async Task<int> CleanAlone()
    {
        var rows = (await table.All()).ToDictionary(r => r.ImageId);
        var all = rows.Keys.Union(cache.Files()).ToList();
        var alive = (await images.Find(all)).Where(i => i.Row.HasData).Select(i => i.Id).ToHashSet();
        var strangers = all.Where(id => !alive.Contains(id) || !rows.ContainsKey(id)).ToList();
        foreach (var id in strangers) await cache.Remove(id);
        return strangers.Count;
    }

    private async Task<bool> Fetch(Guid id, CancellationToken ct)
    {
        if (await images.Find(id) is not { Row: { Size: not null, OsHashValue: not null } } image) return false;
        try
        {
            await using var data = await stores.Open(image, 0, ct);
            return data is not null && await cache.Keep(id, async file =>
                await DigestPipe.Copy(data, file, image.Row.OsHashAlgo!, image.Row.Size.Value, null, ct) is var facts && facts.Hash == image.Row.OsHashValue);
        }
        // The next run asks again.
        catch (Exception e) when (e is Fault or IOException) { return false; }
    }

    private async Task<(int Files, long Bytes)> PruneAlone()
    {
        var rows = (await table.All()).Where(r => r.CachedAt is not null).OrderBy(r => r.ReadAt).ToList();
        var (total, files, bytes) = (rows.Sum(r => r.Size!.Value), 0, 0L);
        foreach (var row in rows.TakeWhile(_ => total - bytes > options.CacheBytes))
        {
            await cache.Remove(row.ImageId);
            (files, bytes) = (files + 1, bytes + row.Size!.Value);
        }
        return (files, bytes);
    }
}
