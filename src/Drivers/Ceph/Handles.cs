using System.Runtime.InteropServices;

namespace Nephos.Drivers.Ceph;

/// <summary>A connection; stays open as long as a pool of it is.</summary>
sealed class ClusterHandle : SafeHandle
{
    public ClusterHandle(string? user) : base(0, ownsHandle: true)
    {
        CephErrors.Check(Librados.Create(out var cluster, user), "make a client");
        SetHandle(cluster);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Librados.Shutdown(handle);
        return true;
    }
}

/// <summary>A pool of a cluster; stays open as long as an image of it is.</summary>
sealed class PoolHandle : SafeHandle
{
    readonly ClusterHandle cluster;

    public PoolHandle(ClusterHandle cluster, string name) : base(0, ownsHandle: true)
    {
        CephErrors.Check(Librados.OpenPool(cluster, name, out var pool), $"open the pool {name}");
        SetHandle(pool);
        var added = false;
        (this.cluster = cluster).DangerousAddRef(ref added);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Librados.ClosePool(handle);
        cluster.DangerousRelease();
        return true;
    }
}

/// <summary>An open image.</summary>
sealed class ImageHandle : SafeHandle
{
    readonly PoolHandle pool;

    public ImageHandle(PoolHandle pool, nint image) : base(0, ownsHandle: true)
    {
        SetHandle(image);
        var added = false;
        (this.pool = pool).DangerousAddRef(ref added);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        var result = Librbd.Close(handle);
        pool.DangerousRelease();
        return result == 0;
    }
}
