using System.Runtime.InteropServices;

namespace Nephos.Drivers.Ceph;

/// <summary>Ceph's C library. Loaded with the first call; negative results are errors as <see cref="CephErrors"/> reads them.</summary>
static partial class Librados
{
    const string Library = "librados.so.2";

    [LibraryImport(Library, EntryPoint = "rados_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Create(out nint cluster, string? user);
    [LibraryImport(Library, EntryPoint = "rados_conf_read_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ReadConf(ClusterHandle cluster, string? path);
    [LibraryImport(Library, EntryPoint = "rados_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetConf(ClusterHandle cluster, string option, string value);
    [LibraryImport(Library, EntryPoint = "rados_conf_get", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetConf(ClusterHandle cluster, string option, [Out] byte[] value, nuint size);
    [LibraryImport(Library, EntryPoint = "rados_connect")]
    public static partial int Connect(ClusterHandle cluster);
    [LibraryImport(Library, EntryPoint = "rados_cluster_fsid")]
    public static partial int Fsid(ClusterHandle cluster, [Out] byte[] text, nuint size);
    [LibraryImport(Library, EntryPoint = "rados_shutdown")]
    public static partial void Shutdown(nint cluster);
    [LibraryImport(Library, EntryPoint = "rados_ioctx_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenPool(ClusterHandle cluster, string pool, out nint context);
    [LibraryImport(Library, EntryPoint = "rados_ioctx_destroy")]
    public static partial void ClosePool(nint context);
    /// <summary>What does not fit any more is refused; without this it waits for space.</summary>
    [LibraryImport(Library, EntryPoint = "rados_set_pool_full_try")]
    public static partial void RefuseWhenFull(PoolHandle pool);
}
