using System.Runtime.InteropServices;
using System.Text;

namespace Nephos.Drivers.Ceph;

/// <summary>What is done with the images of an open pool; every call blocks.</summary>
static class RbdPool
{
    public static IReadOnlyList<string> Names(this PoolHandle pool)
    {
        for (var size = (nuint)4096; ;)
        {
            var text = new byte[size];
            var result = Librbd.List(pool, text, ref size);
            if (result == CephErrors.Range) continue;
            CephErrors.Check(result, "list images");
            return Encoding.UTF8.GetString(text, 0, result).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    /// <summary>Images that were removed while clones needed them, by id and former name.</summary>
    public static IReadOnlyList<(string Id, string Name)> Trash(this PoolHandle pool)
    {
        for (var count = (nuint)64; ;)
        {
            var entries = new Librbd.TrashEntry[count];
            var result = Librbd.ListTrash(pool, entries, ref count);
            if (result == CephErrors.Range) continue;
            CephErrors.Check(result, "list the trash");
            try { return [.. entries.Take((int)count).Select(e => (Marshal.PtrToStringUTF8(e.Id)!, Marshal.PtrToStringUTF8(e.Name)!))]; }
            finally { Librbd.FreeTrash(entries, count); }
        }
    }

    /// <summary>Opens for reading what a snapshot holds; null if either is not there.</summary>
    public static ImageHandle? Snapshot(this PoolHandle pool, string name, string snapshot) =>
        Opened(pool, Librbd.OpenReadOnly(pool, name, out var image, snapshot), image);

    /// <summary>Opens for writing; null if it is not there.</summary>
    public static ImageHandle? Image(this PoolHandle pool, string name) => Opened(pool, Librbd.Open(pool, name, out var image, null), image);

    /// <summary>Opens one of the trash; null if it is not there.</summary>
    public static ImageHandle? Trashed(this PoolHandle pool, string id) => Opened(pool, Librbd.OpenById(pool, id, out var image, null), image);

    public static ImageHandle Create(this PoolHandle pool, string name, long size, int order)
    {
        CephErrors.Check(Librbd.Create(pool, name, (ulong)size, Librbd.Layering, ref order), "create an image");
        return pool.Image(name) ?? throw CephErrors.Of(CephErrors.Absent, "open an image");
    }

    static ImageHandle? Opened(PoolHandle pool, int result, nint image)
    {
        if (result == CephErrors.Absent) return null;
        CephErrors.Check(result, "open an image");
        return new ImageHandle(pool, image);
    }
}
