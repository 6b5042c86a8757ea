using Nephos.Contracts;

namespace Nephos.Image.Staging;

/// <summary>Files of data on its way: from a client or another place until it has been looked at and a store keeps it. One for each image, and what an import makes of it.</summary>
internal sealed class StagingArea
{
    private readonly string _folder;

    public StagingArea(ImageOptions options)
    {
        _folder = options.Staging;
        Directory.CreateDirectory(_folder);
    }

    public string PathOf(Guid image) => Path.Combine(_folder, image.ToString());

    /// <summary>What an import makes of the data lies beside it until it takes its place.</summary>
    public string PathOf(Guid image, string part) => $"{PathOf(image)}.{part}";

    /// <summary>Bytes there; null if nothing is.</summary>
    public long? SizeOf(Guid image) => new FileInfo(PathOf(image)) is { Exists: true } file ? file.Length : null;

    /// <summary>An empty file to write to; what was there goes.</summary>
    public FileStream Create(Guid image) => Create(PathOf(image));

    /// <summary>Likewise for a part.</summary>
    public FileStream Create(Guid image, string part) => Create(PathOf(image, part));

    /// <summary>The data, to be read anywhere.</summary>
    public FileStream Read(Guid image) => new(PathOf(image), new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous });

    /// <summary>The part takes the place of the data, unless it has done so before.</summary>
    public void Replace(Guid image, string part)
    {
        if (File.Exists(PathOf(image, part))) File.Move(PathOf(image, part), PathOf(image), overwrite: true);
    }

    private static FileStream Create(string path)
    {
        // Another name first: a store may share the blocks of what was there.
        File.Delete(path);
        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        });
    }

    public void Remove(Guid image)
    {
        foreach (var part in Directory.EnumerateFiles(_folder, $"{image}.*")) File.Delete(part);
        File.Delete(PathOf(image));
    }

    public IReadOnlyList<Guid> List() =>
        [.. Directory.EnumerateFiles(_folder).Select(f => Guid.TryParseExact(Path.GetFileName(f).Split('.')[0], "D", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty).Distinct()];
}
