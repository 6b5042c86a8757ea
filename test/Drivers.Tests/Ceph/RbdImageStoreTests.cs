using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Ceph;
using Nephos.Testing;
using Xunit;

namespace Nephos.Drivers.Tests.Ceph;

/// <summary>The store's promises, kept over a real Ceph.</summary>
public sealed class RbdImageStoreTests(CephNode ceph) : ImageStoreContract, IClassFixture<CephNode>
{
    readonly Guid id = NewId.Uuid();
    readonly List<RbdImageStore> opened = [];

    public override async ValueTask DisposeAsync()
    {
        if (CephNode.Missing is null)
        {
            using var store = Store(o => o);
            foreach (var image in await store.List(default)) await store.Remove(image, default);
            Assert.Empty(await store.List(default));
        }
        opened.ForEach(s => s.Dispose());
        await base.DisposeAsync();
    }

    protected override Task<IImageStore> Open() => Task.FromResult<IImageStore>(Store(o => o));

    RbdImageStore Store(Func<RbdOptions, RbdOptions> change)
    {
        if (CephNode.Missing is { } why) Assert.Skip(why);
        var store = new RbdImageStore(change(new RbdOptions { ChunkSize = 1 << 20, Cluster = new CephOptions { ConfFile = ceph.ConfFile, User = "glance", ConnectTimeout = TimeSpan.FromMinutes(2), AnswerTimeout = TimeSpan.FromMinutes(2) } }));
        opened.Add(store);
        return store;
    }

    string Source(byte[] bytes)
    {
        var path = Path.Combine(Folder, NewId.Hex());
        File.WriteAllBytes(path, bytes);
        return path;
    }

    static async Task<byte[]> All(IImageStore store, Guid image)
    {
        await using var data = (await store.Open(image, 0, default))!;
        using var all = new MemoryStream();
        await data.CopyToAsync(all);
        return all.ToArray();
    }

    [Fact]
    public async Task Ceph_itself_finds_a_protected_snapshot_where_the_location_says()
    {
        var store = Store(o => o);
        var bytes = new byte[5_000_000];
        // Zeros between two pieces of data are never sent, and are read all the same.
        RandomNumberGenerator.Fill(bytes.AsSpan(0, 100));
        RandomNumberGenerator.Fill(bytes.AsSpan(4_500_000));
        await store.Put(id, Source(bytes), null, null, default);
        var parts = store.UrlOf(id).Split('/');
        Assert.Equal((await ceph.Run("ceph", "fsid")).Trim(), parts[2]);
        Assert.Equal(["images", $"{id}", "snap"], parts[3..]);
        Assert.Contains("\"protected\":\"true\"", await ceph.Run("rbd", "snap", "ls", $"images/{id}", "--format", "json"), StringComparison.Ordinal);
        var info = await ceph.Run("rbd", "info", $"images/{id}", "--format", "json");
        Assert.Contains("\"size\":5000000", info, StringComparison.Ordinal);
        Assert.Contains("\"features\":[\"layering\"]", info, StringComparison.Ordinal);
        Assert.Equal(bytes, await All(store, id));
        Assert.Equal(2, (await ceph.Run("rados", "--pool", "images", "ls")).Split('\n').Count(o => o.StartsWith("rbd_data.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_clones_need_stays_until_they_are_gone()
    {
        var store = Store(o => o);
        var bytes = RandomNumberGenerator.GetBytes(2_000_000);
        await store.Put(id, Source(bytes), null, null, default);
        await ceph.Run("rbd", "clone", $"images/{id}@snap", "images/clone");
        await store.Remove(id, default);
        Assert.Null(await store.Open(id, 0, default));
        Assert.Equal([id], await store.List(default));
        var copy = Path.Combine(Folder, "copy");
        await ceph.Run("rbd", "export", "--no-progress", "images/clone", copy);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(copy));
        // The same image again, beside the one that waits.
        await store.Put(id, Source([1, 2, 3]), null, null, default);
        Assert.Equal([1, 2, 3], await All(store, id));
        await ceph.Run("rbd", "rm", "--no-progress", "images/clone");
        await store.Remove(id, default);
        Assert.Empty(await store.List(default));
    }

    [Fact]
    public async Task Half_an_image_of_a_process_that_died_is_found_and_removed()
    {
        var store = Store(o => o);
        await ceph.Run("rbd", "create", "--size", "4M", $"images/{id}");
        Assert.Null(await store.Open(id, 0, default));
        Assert.Equal([id], await store.List(default));
        await ceph.Run("rbd", "snap", "create", "--no-progress", $"images/{id}@snap");
        await store.Remove(id, default);
        Assert.Empty(await store.List(default));
    }

    [Fact]
    public async Task A_write_that_is_stopped_in_the_middle_leaves_nothing()
    {
        var store = Store(o => o);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Put(id, Source(RandomNumberGenerator.GetBytes(3 << 20)), null, _ => stop.Cancel(), stop.Token));
        Assert.Empty(await store.List(default));
    }

    [Fact]
    public async Task A_full_cluster_refuses_at_once_and_keeps_nothing()
    {
        var store = Store(o => o);
        var (there, source) = (NewId.Uuid(), Source(RandomNumberGenerator.GetBytes(4 << 20)));
        await store.Put(there, source, null, null, default);
        await Ratios("0.0001", "0.0001", "0.0001", true);
        try
        {
            // The disk may hear of it a moment after the monitor.
            Fault? fault;
            while ((fault = await Failure(store, source)) is null) { }
            Assert.Equal((FaultKind.TooLarge, "StorageFull"), (fault.Kind, fault.Name));
            Assert.Equal([there], await store.List(default));
            // Removing needs no space.
            await store.Remove(there, default);
        }
        finally { await Ratios("0.85", "0.9", "0.95", false); }
        while (await Failure(store, source) is { } still) Assert.Equal("StorageFull", still.Name);
        Assert.Equal([id], await store.List(default));
    }

    async Task<Fault?> Failure(RbdImageStore store, string source)
    {
        try { await store.Put(id, source, null, null, default); }
        catch (Fault e) { return e; }
        return null;
    }

    /// <summary>Sets from where on the disk is full, and waits until the cluster knows whether it is.</summary>
    async Task Ratios(string near, string backfill, string full, bool isFull)
    {
        foreach (var (name, ratio) in ((string, string)[])[("nearfull", near), ("backfillfull", backfill), ("full", full)]) await ceph.Run("ceph", "osd", $"set-{name}-ratio", ratio);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while ((await ceph.Run("ceph", "osd", "dump")).Split('\n').Any(line => line.StartsWith("pool ", StringComparison.Ordinal) && line.Contains("full", StringComparison.Ordinal)) != isFull)
            await Task.Delay(200, limit.Token);
    }

    [Fact]
    public async Task Who_is_not_let_in_is_told_so()
    {
        var keyring = Path.Combine(Folder, "keyring");
        await File.WriteAllTextAsync(keyring, "[client.glance]\nkey = AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA==\n");
        var conf = Path.Combine(Folder, "ceph.conf");
        if (CephNode.Missing is null) await File.WriteAllTextAsync(conf, (await File.ReadAllTextAsync(ceph.ConfFile)).Replace(Path.Combine(Path.GetDirectoryName(ceph.ConfFile)!, "keyring"), keyring, StringComparison.Ordinal));
        var stranger = Store(o => o with { Cluster = o.Cluster with { ConfFile = conf } });
        var fault = await Assert.ThrowsAsync<Fault>(() => stranger.List(default));
        Assert.Equal((FaultKind.Unavailable, "The Ceph cluster cannot be used (connect): it refuses the user or its key."), (fault.Kind, fault.Message));
        File.Delete(keyring);
        Assert.Contains($"there is no keyring at {keyring}", (await Assert.ThrowsAsync<Fault>(() => Store(o => o with { Cluster = o.Cluster with { ConfFile = conf } }).List(default))).Message, StringComparison.Ordinal);
        var keyless = Store(o => o with { Cluster = o.Cluster with { User = "nobody" } });
        Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => keyless.List(default))).Kind);
        var elsewhere = Store(o => o with { Pool = "other" });
        Assert.Contains("(open the pool other)", (await Assert.ThrowsAsync<Fault>(() => elsewhere.Put(id, Source([1]), null, null, default))).Message, StringComparison.Ordinal);
        var nothing = Store(o => o with { Cluster = o.Cluster with { ConfFile = Path.Combine(Folder, "none.conf") } });
        Assert.Contains("none.conf", (await Assert.ThrowsAsync<Fault>(() => nothing.List(default))).Message, StringComparison.Ordinal);
        Assert.Equal($"rbd://{id}", nothing.UrlOf(id));
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_is_unavailable()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var conf = Path.Combine(Folder, "ceph.conf");
        if (CephNode.Missing is null) await File.WriteAllTextAsync(conf, $"[global]\nmon_host = v2:{silent.LocalEndpoint}\nkeyring = {Path.GetDirectoryName(ceph.ConfFile)}/keyring\n");
        var store = Store(o => o with { Cluster = o.Cluster with { ConfFile = conf, ConnectTimeout = TimeSpan.FromSeconds(1) } });
        var fault = await Assert.ThrowsAsync<Fault>(() => store.Open(id, 0, default));
        Assert.Equal((FaultKind.Unavailable, "The Ceph cluster cannot be used (connect): it does not answer in time."), (fault.Kind, fault.Message));
    }
}
