using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Files;
using Xunit;

namespace Nephos.Drivers.Tests.Files;

/// <summary>The same bytes are kept once, whatever happens to the images that have them.</summary>
public sealed class SharedContentTests : IDisposable
{
    const string Content = "sha512-00ff";

    readonly string folder = Directory.CreateTempSubdirectory("nephos-test-").FullName;
    readonly Commands commands = new(NullLoggerFactory.Instance, TimeProvider.System);

    FileImageStore Store => new(Images);

    string Images => Path.Combine(folder, "images");

    /// <summary>Of the bytes <c>same</c>.</summary>
    string Known => Path.Combine(Images, "contents", "4-" + Content);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_same_bytes_take_the_disk_once_and_go_with_their_last_image()
    {
        var (store, images) = (Store, Enumerable.Range(0, 3).Select(_ => NewId.Uuid()).ToArray());
        foreach (var image in images) await Put(store, image, new string('x', 1 << 20));
        Assert.InRange(await Used(Images), 1 << 20, (1 << 20) + (64 << 10));
        Assert.Single((await Task.WhenAll(images.Select(i => Inode(store.LocalPath(i)!)))).Distinct());

        await store.Remove(images[0], default);
        await store.Remove(images[2], default);
        Assert.Equal(1 << 20, (await File.ReadAllBytesAsync(store.LocalPath(images[1])!, TestContext.Current.CancellationToken)).Length);
        await store.Remove(images[1], default);
        Assert.Empty(Directory.EnumerateFiles(Images, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Bytes_without_a_name_of_their_own_are_kept_for_each_image()
    {
        var (one, two) = (NewId.Uuid(), NewId.Uuid());
        await Put(Store, one, "same", content: null);
        await Put(Store, two, "same", content: null);
        Assert.NotEqual(await Inode(Store.LocalPath(one)!), await Inode(Store.LocalPath(two)!));
    }

    [Fact]
    public async Task New_bytes_of_an_image_leave_the_old_ones_to_the_others()
    {
        var (one, two) = (NewId.Uuid(), NewId.Uuid());
        await Put(Store, one, "same");
        await Put(Store, two, "same");
        await Put(Store, one, "other", "sha512-1111");
        Assert.Equal(("other", "same"), (File.ReadAllText(Store.LocalPath(one)!), File.ReadAllText(Store.LocalPath(two)!)));
        await Put(Store, two, "other", "sha512-1111");
        Assert.False(File.Exists(Known));
    }

    [Fact]
    public async Task What_is_known_but_damaged_is_given_to_nobody()
    {
        var (one, two, three) = (NewId.Uuid(), NewId.Uuid(), NewId.Uuid());
        await Put(Store, one, "whole");
        File.WriteAllText(Store.LocalPath(one)!, "who");
        await Put(Store, two, "whole");
        await Put(Store, three, "whole");
        Assert.Equal("whole", File.ReadAllText(Store.LocalPath(two)!));
        Assert.Equal(await Inode(Store.LocalPath(two)!), await Inode(Store.LocalPath(three)!));
    }

    [Fact]
    public async Task A_file_with_as_many_names_as_there_may_be_gives_way_to_the_next()
    {
        const int Enough = 70_000;
        await Put(Store, NewId.Uuid(), "same");
        var names = Directory.CreateDirectory(Path.Combine(folder, "names")).FullName;
        var count = 0;
        while (count < Enough && Libc.Link(Known, Path.Combine(names, $"{count}"))) count++;
        if (count == Enough) Assert.Skip("files may have any number of names here");
        var (one, two) = (NewId.Uuid(), NewId.Uuid());
        await Put(Store, one, "same");
        await Put(Store, two, "same");
        Assert.Equal("same", File.ReadAllText(Store.LocalPath(one)!));
        Assert.Equal(await Inode(Store.LocalPath(one)!), await Inode(Store.LocalPath(two)!));
    }

    /// <summary>Every state that an end between two calls of the system leaves.</summary>
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    public async Task Whatever_a_sudden_end_leaves_is_swept_at_the_next_start(bool known, bool spare, bool other)
    {
        var (left, kept) = (NewId.Uuid(), NewId.Uuid());
        _ = Store;
        var part = Path.Combine(Images, $"{left}.1.part");
        await File.WriteAllTextAsync(part, "same", TestContext.Current.CancellationToken);
        if (known) Assert.True(Libc.Link(part, Known));
        if (spare) Assert.True(Libc.Link(Known, Path.Combine(Images, $"{left}.2.part")));
        // Its last image was removed, and nothing else was done any more.
        if (other) await File.WriteAllTextAsync(Known, "nobody's", TestContext.Current.CancellationToken);
        var store = Store;
        Assert.Empty(Directory.EnumerateFiles(Images, "*", SearchOption.AllDirectories));
        await Put(store, kept, "same");
        Assert.Equal("same", File.ReadAllText(Store.LocalPath(kept)!));
    }

    [Fact]
    public async Task Many_at_once_put_and_remove_the_same_bytes_and_none_is_lost()
    {
        var (one, two) = (Store, Store);
        var images = Enumerable.Range(0, 60).Select(_ => NewId.Uuid()).ToArray();
        await Parallel.ForEachAsync(images.Index(), async (image, ct) =>
        {
            var store = image.Index % 2 == 0 ? one : two;
            await Put(store, image.Item, "same");
            if (image.Index % 3 != 0) await store.Remove(image.Item, ct);
        });
        var left = await one.List(TestContext.Current.CancellationToken);
        Assert.Equal(20, left.Count);
        Assert.All(left, image => Assert.Equal("same", File.ReadAllText(one.LocalPath(image)!)));
        foreach (var image in left) await two.Remove(image, TestContext.Current.CancellationToken);
        Assert.Empty(Directory.EnumerateFiles(Images, "*", SearchOption.AllDirectories));
    }

    /// <summary>A file that must not get another name is cloned where the file system can: the blocks are shared though the files are two.</summary>
    [Fact]
    public async Task Where_a_file_gets_no_second_name_its_blocks_are_shared()
    {
        var ct = TestContext.Current.CancellationToken;
        if (!Libc.IsRoot) Assert.Skip("only root mounts file systems");
        var (disk, mounted) = (Path.Combine(folder, "disk"), Directory.CreateDirectory(Path.Combine(folder, "mounted")).FullName);
        using (var file = File.Create(disk)) file.SetLength(400 << 20);
        try { await commands.Must("mkfs.xfs", ["-q", "-m", "reflink=1", disk], ct); }
        catch (CommandFailed e) { Assert.Skip($"there is no xfs: {e.Message}"); }
        if (!(await commands.Run("mount", ["-o", "loop", disk, mounted], ct)).Ok) Assert.Skip("files cannot be mounted here");
        try
        {
            var (source, image) = (Path.Combine(mounted, "source"), NewId.Uuid());
            await File.WriteAllBytesAsync(source, new byte[32 << 20].Select((_, i) => (byte)(i * 31 >> 7)).ToArray(), ct);
            await commands.Must("sync", ["-f", mounted], ct);
            if (!(await commands.Run("chattr", ["+i", source], ct)).Ok) Assert.Skip("files cannot be made immutable here");
            var free = new DriveInfo(mounted).AvailableFreeSpace;
            var store = new FileImageStore(Path.Combine(mounted, "images"));
            await store.Put(image, source, Content, null, ct);
            await commands.Must("sync", ["-f", mounted], ct);
            Assert.NotEqual(await Inode(source), await Inode(store.LocalPath(image)!));
            Assert.InRange(free - new DriveInfo(mounted).AvailableFreeSpace, long.MinValue, 8 << 20);
            Assert.Equal(await File.ReadAllBytesAsync(source, ct), await File.ReadAllBytesAsync(store.LocalPath(image)!, ct));
        }
        finally
        {
            await commands.Run("chattr", ["-i", Path.Combine(mounted, "source")], CancellationToken.None);
            await commands.Must("umount", ["--lazy", mounted], CancellationToken.None);
        }
    }

    async Task Put(FileImageStore store, Guid image, string text, string? content = Content)
    {
        var source = Path.Combine(folder, NewId.Hex());
        await File.WriteAllTextAsync(source, text, TestContext.Current.CancellationToken);
        await store.Put(image, source, content, null, TestContext.Current.CancellationToken);
        File.Delete(source);
    }

    async Task<long> Used(string path) => long.Parse((await commands.Must("du", ["-s", "-B1", path], TestContext.Current.CancellationToken)).Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture);

    Task<string> Inode(string path) => commands.Must("stat", ["-c", "%d:%i", path], TestContext.Current.CancellationToken);
}
