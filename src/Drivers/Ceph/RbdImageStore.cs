using System.Numerics;
using System.Runtime.InteropServices;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Ceph;

/// <summary>
/// Images as block devices named by their ids. One is whole when it has the protected snapshot <c>snap</c>, of which servers and volumes are
/// cloned. One that clones still need goes to the trash, and from there when they are gone.
/// </summary>
public sealed class RbdImageStore(RbdOptions options) : IImageStore, IDisposable
{
    const string Snap = "snap";
    readonly CephCluster cluster = new(options.Cluster);

    /// <summary>Whether Ceph's libraries are on this host.</summary>
    public static bool IsSupported => NativeLibrary.TryLoad(Librbd.Library, out _);

    public string Type => "rbd";

    public IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string>
    {
        ["chunk_size"] = $"{options.ChunkSize}", ["pool"] = options.Pool, ["thin_provisioning"] = "True", ["user"] = options.Cluster.User ?? "admin",
    };

    public string UrlOf(Guid image) => cluster.Fsid is { } fsid ? $"rbd://{fsid}/{Uri.EscapeDataString(options.Pool)}/{image}/{Snap}" : $"rbd://{image}";

    public async Task Put(Guid image, string path, string? content, Action<long>? written, CancellationToken ct)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        ct.ThrowIfCancellationRequested();
        using var pool = await cluster.Pool(options.Pool, ct);
        await cluster.Call(() => Remove(pool, image), ct);
        try
        {
            using var device = await cluster.Call(() => pool.Create($"{image}", file.Length, BitOperations.Log2((uint)options.ChunkSize)), ct);
            await Copy(file, device, written, ct);
            await cluster.Call(() =>
            {
                CephErrors.Check(Librbd.Flush(device), "flush an image");
                CephErrors.Check(Librbd.Snapshot(device, Snap), "make a snapshot");
                CephErrors.Check(Librbd.Protect(device, Snap), "protect a snapshot");
            }, ct);
        }
        catch
        {
            // What cannot be removed now has no snapshot: it is found again.
            try { await cluster.Call(() => Remove(pool, image), CancellationToken.None); }
            catch (Fault) { /* The failure that led here says more. */ }
            throw;
        }
        written?.Invoke(file.Length);
    }

    public async Task<Stream?> Open(Guid image, long from, CancellationToken ct)
    {
        using var pool = await cluster.Pool(options.Pool, ct);
        return await cluster.Call(() =>
        {
            if (pool.Snapshot($"{image}", Snap) is not { } device) return null;
            CephErrors.Check(Librbd.Size(device, out var size), "measure an image");
            return new RbdStream(cluster, device, (long)size, from, options.ChunkSize);
        }, ct);
    }

    public string? LocalPath(Guid image) => null;

    public async Task Remove(Guid image, CancellationToken ct)
    {
        using var pool = await cluster.Pool(options.Pool, ct);
        await cluster.Call(() => Remove(pool, image), ct);
    }

    public async Task<IReadOnlyList<Guid>> List(CancellationToken ct)
    {
        using var pool = await cluster.Pool(options.Pool, ct);
        return await cluster.Call(() => pool.Names().Concat(pool.Trash().Select(t => t.Name))
            .Select(n => Guid.TryParseExact(n, "D", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty).Distinct().ToList(), ct);
    }

    public void Dispose() => cluster.Dispose();

    async Task Copy(FileStream file, ImageHandle device, Action<long>? written, CancellationToken ct)
    {
        var chunk = new byte[options.ChunkSize];
        for (var at = 0L; at < file.Length;)
        {
            var read = await file.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, ct);
            if (read == 0) throw new EndOfStreamException("The file became shorter while it was kept.");
            // What was never written is read as zeros and takes no space.
            if (chunk.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                var offset = (ulong)at;
                await cluster.Call(() => CephErrors.Check(Librbd.Write(device, offset, (nuint)read, chunk), "write an image"), ct);
            }
            at += read;
            written?.Invoke(at);
        }
    }

    static void Remove(PoolHandle pool, Guid image)
    {
        var name = $"{image}";
        if (pool.Image(name) is { } device && !Removed(device, () => Librbd.Remove(pool, name))) Tolerate(Librbd.MoveToTrash(pool, name, 0), "move an image to the trash");
        foreach (var (id, _) in pool.Trash().Where(t => t.Name == name))
            if (pool.Trashed(id) is { } trashed) Removed(trashed, () => Librbd.RemoveFromTrash(pool, id, force: true));
    }

    /// <summary>Closes an image, and removes it with its snapshot; false while clones need it.</summary>
    static bool Removed(ImageHandle image, Func<int> remove)
    {
        using (image)
        {
            if (Librbd.IsProtected(image, Snap, out var isProtected) >= 0)
            {
                if (isProtected != 0 && InUse(Librbd.Unprotect(image, Snap), "release a snapshot")) return false;
                if (InUse(Librbd.RemoveSnapshot(image, Snap), "remove a snapshot")) return false;
            }
        }
        return !InUse(remove(), "remove an image");
    }

    static bool InUse(int result, string doing)
    {
        if (result is CephErrors.Busy or CephErrors.NotEmpty) return true;
        Tolerate(result, doing);
        return false;
    }

    /// <summary>What is gone already need not be removed.</summary>
    static void Tolerate(int result, string doing)
    {
        if (result != CephErrors.Absent) CephErrors.Check(result, doing);
    }
}
