using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Files;

/// <summary>Files that somebody with less rights names to us: a name of his must not open what he himself could not.</summary>
public static class OwnedFile
{
    /// <summary>The number of a file's owner; null if there is no such file.</summary>
    public static int? OwnerOf(string path) => Libc.Owner(path);

    /// <summary>A plain file of this owner, to be read; null for anything else.</summary>
    public static FileStream? Open(string path, int owner) => Libc.OpenPlain(path, owner) is { } file ? new FileStream(file, FileAccess.Read, 0) : null;
}
