using Nephos.Contracts;

namespace Nephos.Image.Staging;

/// <summary>Files of data on its way: from a client or another place until it has been looked at and a store keeps it. One for each image at most.</summary>
internal sealed class StagingArea
{
    private readonly string _folder;

    public StagingArea(ImageOptions options)
    {
        _folder = options.Staging;
        Directory.CreateDirectory(_folder);
    }

    public string PathOf(Guid image) => Path.Combine(_folder, image.ToString());

    /// <summary>Bytes there; null if nothing is.</summary>
    public long? SizeOf(Guid image) => new FileInfo(PathOf(image)) is { Exists: true } file ? file.Length : null;

    /// <summary>An empty file to write to; what was there goes.</summary>
    public FileStream Create(Guid image)
    {
        // Another name first: a store may share the blocks of what was there.
        File.Delete(PathOf(image));
        return new FileStream(PathOf(image), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        });
    }

    public void Remove(Guid image) => File.Delete(PathOf(image));

    public IReadOnlyList<Guid> List() =>
        [.. Directory.EnumerateFiles(_folder).Select(f => Guid.TryParseExact(Path.GetFileName(f), "D", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty)];
}
