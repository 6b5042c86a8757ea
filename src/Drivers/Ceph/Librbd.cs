using System.Runtime.InteropServices;

namespace Nephos.Drivers.Ceph;

/// <summary>The C library of Ceph's block devices; see <see cref="Librados"/>.</summary>
static partial class Librbd
{
    public const string Library = "librbd.so.1";

    /// <summary>Images may be cloned; nothing besides, so that every client opens them.</summary>
    public const ulong Layering = 1;

    [LibraryImport(Library, EntryPoint = "rbd_create2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Create(PoolHandle pool, string name, ulong size, ulong features, ref int order);
    [LibraryImport(Library, EntryPoint = "rbd_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(PoolHandle pool, string name, out nint image, string? snapshot);
    [LibraryImport(Library, EntryPoint = "rbd_open_read_only", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenReadOnly(PoolHandle pool, string name, out nint image, string? snapshot);
    [LibraryImport(Library, EntryPoint = "rbd_open_by_id", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenById(PoolHandle pool, string id, out nint image, string? snapshot);
    [LibraryImport(Library, EntryPoint = "rbd_close")]
    public static partial int Close(nint image);
    [LibraryImport(Library, EntryPoint = "rbd_get_size")]
    public static partial int Size(ImageHandle image, out ulong size);
    [LibraryImport(Library, EntryPoint = "rbd_read")]
    public static partial nint Read(ImageHandle image, ulong offset, nuint length, [Out] byte[] bytes);
    [LibraryImport(Library, EntryPoint = "rbd_write")]
    public static partial nint Write(ImageHandle image, ulong offset, nuint length, byte[] bytes);
    [LibraryImport(Library, EntryPoint = "rbd_flush")]
    public static partial int Flush(ImageHandle image);
    [LibraryImport(Library, EntryPoint = "rbd_snap_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Snapshot(ImageHandle image, string name);
    [LibraryImport(Library, EntryPoint = "rbd_snap_remove", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RemoveSnapshot(ImageHandle image, string name);
    [LibraryImport(Library, EntryPoint = "rbd_snap_protect", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Protect(ImageHandle image, string name);
    [LibraryImport(Library, EntryPoint = "rbd_snap_unprotect", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unprotect(ImageHandle image, string name);
    [LibraryImport(Library, EntryPoint = "rbd_snap_is_protected", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int IsProtected(ImageHandle image, string name, out int isProtected);
    [LibraryImport(Library, EntryPoint = "rbd_remove", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Remove(PoolHandle pool, string name);
    /// <summary>Names, each ended by a zero.</summary>
    [LibraryImport(Library, EntryPoint = "rbd_list")]
    public static partial int List(PoolHandle pool, [Out] byte[] names, ref nuint size);
    [LibraryImport(Library, EntryPoint = "rbd_trash_move", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MoveToTrash(PoolHandle pool, string name, ulong seconds);
    [LibraryImport(Library, EntryPoint = "rbd_trash_remove", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RemoveFromTrash(PoolHandle pool, string id, [MarshalAs(UnmanagedType.U1)] bool force);
    [LibraryImport(Library, EntryPoint = "rbd_trash_list")]
    public static partial int ListTrash(PoolHandle pool, [In, Out] TrashEntry[] entries, ref nuint count);
    [LibraryImport(Library, EntryPoint = "rbd_trash_list_cleanup")]
    public static partial void FreeTrash([In] TrashEntry[] entries, nuint count);

    /// <summary>An image of the trash; its texts belong to the library.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TrashEntry
    {
        public nint Id;
        public nint Name;
        public int Source;
        public long DeletedAt;
        public long KeptUntil;
    }
}
