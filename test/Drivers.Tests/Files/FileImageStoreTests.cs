using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Files;
using Nephos.Testing;
using Xunit;

namespace Nephos.Drivers.Tests.Files;

public sealed class FileImageStoreTests : ImageStoreContract
{
    readonly Guid id = NewId.Uuid();

    protected override Task<IImageStore> Open() => Task.FromResult<IImageStore>(Store);

    FileImageStore Store => new(Images);

    string Images => Path.Combine(Folder, "images");

    string Source(string text)
    {
        var path = Path.Combine(Folder, "source");
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public async Task What_a_crash_left_half_written_is_swept_at_the_next_start()
    {
        await Store.Put(id, Source("kept"), null, null, default);
        File.WriteAllText(Path.Combine(Images, $"{NewId.Uuid()}.x.part"), "half");
        Assert.Equal([id], await Store.List(default));
        Assert.Single(Directory.GetFiles(Images));
    }

    [Fact]
    public async Task A_reader_keeps_what_it_reads_when_it_is_removed()
    {
        await Store.Put(id, Source("hello"), null, null, default);
        await using var stream = (await Store.Open(id, 0, default))!;
        await Store.Remove(id, default);
        Assert.Equal("hello", await new StreamReader(stream).ReadToEndAsync());
    }

    [Fact]
    public async Task On_one_file_system_blocks_are_shared_and_writing_the_source_anew_changes_no_image()
    {
        var source = Source("shared");
        await Store.Put(id, source, null, null, default);
        Assert.Equal(await Inode(source), await Inode(Store.LocalPath(id)!));
        // Whoever makes a new file of that name makes a file of its own.
        File.Delete(source);
        Assert.Equal("other", File.ReadAllText(Source("other")));
        Assert.Equal("shared", File.ReadAllText(Store.LocalPath(id)!));
    }

    static Task<string> Inode(string path) => new Commands(NullLoggerFactory.Instance, TimeProvider.System).Must("stat", ["-c", "%d:%i:%h", path], TestContext.Current.CancellationToken);

    [Fact]
    public async Task On_another_file_system_the_data_is_copied()
    {
        if (!Directory.Exists("/dev/shm")) Assert.Skip("there is no second file system (/dev/shm)");
        var elsewhere = Directory.CreateTempSubdirectory("nephos-test-").FullName;
        var shared = Path.Combine("/dev/shm", Path.GetFileName(elsewhere));
        try
        {
            Directory.CreateDirectory(shared);
            var source = Path.Combine(shared, "source");
            File.WriteAllText(source, "far");
            await Store.Put(id, source, null, null, default);
            Assert.Equal("far", File.ReadAllText(Store.LocalPath(id)!));
        }
        finally
        {
            Directory.Delete(shared, recursive: true);
            Directory.Delete(elsewhere);
        }
    }
}
