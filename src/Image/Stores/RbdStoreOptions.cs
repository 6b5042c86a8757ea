using System.Globalization;
using Nephos.Kernel.Settings;

namespace Nephos.Image.Stores;

/// <summary>A store in a pool of Ceph, as an operator describes it.</summary>
public sealed record RbdStoreOptions
{
    public string Pool { get; init; } = "images";

    /// <summary>Null: <c>admin</c>.</summary>
    public string? User { get; init; }

    /// <summary>Null: where Ceph looks for it.</summary>
    public string? ConfFile { get; init; }

    /// <summary>MiB of the objects of an image.</summary>
    public int ChunkMib { get; init; } = 8;

    /// <summary>How long the cluster may take to answer.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The settings of such stores, under upstream's names.</summary>
    internal static SettingList<ImageOptions> In(SettingList<ImageOptions> list, Func<ImageOptions, string, Func<StoreOptions, StoreOptions>, ImageOptions> change)
    {
        var none = new RbdStoreOptions();
        return list
            .Named("STORE", "rbd_store_pool", "Pool of an rbd store; it must be there.", none.Pool, Set((s, v) => v.Length > 0 ? s with { Pool = v } : throw new FormatException("a pool's name")))
            .Named("STORE", "rbd_store_user", "As whom the pool is used, without client.; admin, unless said.", "", Set((s, v) => s with { User = v.Length > 0 ? v : null }))
            .Named("STORE", "rbd_store_ceph_conf", "Ceph's configuration, which names the monitors and the keyring; the user nephos must be able to read both. /etc/ceph/ceph.conf, unless said.", "",
                Set((s, v) => s with { ConfFile = v.StartsWith('/') ? v : v.Length == 0 ? null : throw new FormatException("the full path of a file") }))
            .Named("STORE", "rbd_store_chunk_size", "MiB of the objects that an image is kept in, rounded down to a power of two.", "8", Set((s, v) => s with { ChunkMib = Number(v, 1, 32) }))
            .Named("STORE", "rados_connect_timeout", "Seconds the cluster may take to answer. Ceph itself would wait five minutes.", "20", Set((s, v) => s with { ConnectTimeout = TimeSpan.FromSeconds(Number(v, 1, 3600)) }));

        Func<ImageOptions, string, string, ImageOptions> Set(Func<RbdStoreOptions, string, RbdStoreOptions> set) =>
            (options, store, value) => change(options, store, s => s with { Rbd = set(s.Rbd ?? none, value) });
    }

    private static int Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : throw new FormatException($"{least} to {most}");
}
