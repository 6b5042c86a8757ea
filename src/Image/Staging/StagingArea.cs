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

    /// <summary>The file of an image's data; <paramref name="form"/> is what an import made of it, empty as it came.</summary>
    public string PathOf(Guid image, string form = "") => Path.Combine(_folder, form.Length == 0 ? image.ToString() : $"{image}.{form}");

    /// <summary>Bytes there; null if nothing is.</summary>
    public long? SizeOf(Guid image, string form = "") => new FileInfo(PathOf(image, form)) is { Exists: true } file ? file.Length : null;

    /// <summary>An empty file to write to; what was there goes.</summary>
    public FileStream Create(Guid image, string form = "") => Create(PathOf(image, form));

    /// <summary>The data, to be read anywhere.</summary>
    public FileStream Read(Guid image, string form) => new(PathOf(image, form), new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous });

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

    /// <summary>In every form.</summary>
    public void Remove(Guid image)
    {
        foreach (var file in Directory.EnumerateFiles(_folder, $"{image}*")) File.Delete(file);
    }

    /// <summary>In one form alone.</summary>
    public void Remove(Guid image, string form) => File.Delete(PathOf(image, form));

    public IReadOnlyList<Guid> List() =>
        [.. Directory.EnumerateFiles(_folder).Select(f => Guid.TryParseExact(Path.GetFileName(f).Split('.')[0], "D", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty).Distinct()];
}
