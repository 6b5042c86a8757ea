using System.Globalization;
using System.Text;
using Nephos.Contracts;

namespace Nephos.Drivers.Ceph;

/// <summary>
/// A connection to a cluster, made when it is needed and again after it broke. Ceph's calls block, so they run on other threads, a few at once.
/// </summary>
sealed class CephCluster(CephOptions options) : IDisposable
{
    const int AtOnce = 8, FsidLength = 37;
    readonly SemaphoreSlim places = new(AtOnce), connecting = new(1);
    ClusterHandle? connection;
    string? fsid;

    /// <summary>The cluster's id: what its configuration says, or it said itself; null while neither did.</summary>
    public string? Fsid
    {
        get
        {
            if (fsid is not null) return fsid;
            try
            {
                using var cluster = Configured();
                var text = new byte[FsidLength];
                return fsid = Librados.GetConf(cluster, "fsid", text, FsidLength) == 0 && Guid.TryParse(Text(text), out var id) && id != Guid.Empty ? id.ToString() : null;
            }
            catch (Fault) { return null; }
        }
    }

    /// <summary>Opens a pool; the connection is made anew if it must.</summary>
    public async Task<PoolHandle> Pool(string name, CancellationToken ct)
    {
        while (true)
        {
            var cluster = await Connection(ct);
            try
            {
                return await Call(() =>
                {
                    var pool = new PoolHandle(cluster, name);
                    Librados.RefuseWhenFull(pool);
                    return pool;
                }, ct);
            }
            catch (ObjectDisposedException) when (cluster != connection) { /* Somebody else found it broken in this moment. */ }
        }
    }

    /// <summary>A call that blocks; what was begun is ended, also when nobody waits any more.</summary>
    public async Task<T> Call<T>(Func<T> call, CancellationToken ct)
    {
        await places.WaitAsync(ct);
        try { return await Task.Run(call, ct); }
        catch (DllNotFoundException) { throw CephErrors.NoLibrary(); }
        catch (Fault e) when (e.Kind == FaultKind.Unavailable)
        {
            // Who comes next gets a new one; who still reads keeps this one open.
            Interlocked.Exchange(ref connection, null)?.Dispose();
            throw;
        }
        finally { places.Release(); }
    }

    public Task Call(Action call, CancellationToken ct) => Call(() => { call(); return true; }, ct);

    public void Dispose()
    {
        connection?.Dispose();
        places.Dispose();
        connecting.Dispose();
    }

    async Task<ClusterHandle> Connection(CancellationToken ct)
    {
        if (connection is { } open) return open;
        await connecting.WaitAsync(ct);
        try { return connection ??= await Call(Connect, ct); }
        finally { connecting.Release(); }
    }

    ClusterHandle Connect()
    {
        var cluster = Configured();
        try
        {
            Set("client_mount_timeout", options.ConnectTimeout);
            Set("rados_mon_op_timeout", options.ConnectTimeout);
            Set("rados_osd_op_timeout", options.AnswerTimeout);
            if (Librados.Connect(cluster) is < 0 and var error) throw CephErrors.Of(error, "connect", KeyringFlaw(cluster));
            var text = new byte[FsidLength];
            if (Librados.Fsid(cluster, text, FsidLength) >= 0) fsid = Text(text);
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }

        void Set(string option, TimeSpan time) => CephErrors.Check(Librados.SetConf(cluster, option, time.TotalSeconds.ToString(CultureInfo.InvariantCulture)), $"set {option}");
    }

    ClusterHandle Configured()
    {
        try
        {
            var cluster = new ClusterHandle(options.User);
            if (Librados.ReadConf(cluster, options.ConfFile) is < 0 and var error)
                throw CephErrors.Of(error, $"read {options.ConfFile ?? "ceph.conf"}", CephFiles.ConfigurationFlaw(options.ConfFile ?? "/etc/ceph/ceph.conf", Environment.UserName, CephFiles.IsReadable));
            return cluster;
        }
        catch (DllNotFoundException) { throw CephErrors.NoLibrary(); }
    }

    /// <summary>Unless the key stands somewhere else.</summary>
    static string? KeyringFlaw(ClusterHandle cluster) => Setting(cluster, "key").Length + Setting(cluster, "keyfile").Length > 0
        ? null : CephFiles.KeyringFlaw(Setting(cluster, "keyring"), Environment.UserName, CephFiles.IsReadable);

    static string Setting(ClusterHandle cluster, string option)
    {
        var text = new byte[4096];
        return Librados.GetConf(cluster, option, text, (nuint)text.Length) == 0 ? Text(text) : "";
    }

    static string Text(byte[] bytes) => Encoding.ASCII.GetString(bytes).TrimEnd('\0');
}
