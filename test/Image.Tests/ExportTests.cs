using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.ImageTools;
using Nephos.Image.Exports;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary>Images as files for other products, made by the real tool.</summary>
public sealed class ExportTests : IDisposable
{
    private const int Size = 3 << 20;
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static readonly byte[] Raw = Disk();
    private readonly string _folder = Directory.CreateTempSubdirectory("nephos-exports-").FullName;
    private readonly Commands _commands = new(NullLoggerFactory.Instance, TimeProvider.System);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Data, zeros, and data again, up to the last sector.
    private static byte[] Disk()
    {
        var bytes = new byte[Size];
        new Random(7).NextBytes(bytes.AsSpan(0, 100_000));
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("the same again ", 10_000))).CopyTo(bytes, 1 << 20);
        new Random(8).NextBytes(bytes.AsSpan(Size - 512));
        return bytes;
    }

    private async Task<ImageHost> Start(DatabaseKind kind = DatabaseKind.Sqlite)
    {
        if (!File.Exists("/usr/bin/qemu-img")) Assert.Skip("qemu-img is not installed");
        return await ImageHost.Start(kind, services: s => s.AddSingleton<IImageTools>(new QemuImageTools(new ImageToolsOptions(), _commands)));
    }

    private static Task<string> New(ImageHost host) => host.Create(new
    {
        name = "my vm", disk_format = "raw", container_format = "bare", min_disk = 2, min_ram = 700, os_type = "linux", os_distro = "debian", hw_disk_bus = "scsi", hw_scsi_model = "lsilogic",
        hw_vif_model = "vmxnet3", hw_firmware_type = "uefi", hw_qemu_guest_agent = "yes & <no>", mine = "stays here",
    }, Raw);

    private string Saved(byte[] bytes)
    {
        var path = Path.Combine(_folder, "x");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private async Task RequireSame(byte[] exported, string format)
    {
        var original = Path.Combine(_folder, "original");
        File.WriteAllBytes(original, Raw);
        await _commands.Must("qemu-img", ["compare", "-f", "raw", "-F", format, original, Saved(exported)], Ct);
        Assert.Equal(Size, (await new PretendedImageTools().Inspect(Saved(exported), Ct)).VirtualSize);
    }

    private static string FolderOf(ImageHost host) => Path.Combine(host.Services.GetRequiredService<ImageOptions>().Staging, "exports");

    [Theory]
    [InlineData("raw", "raw", "raw", null)]
    [InlineData("qcow2", "qcow2", "qcow2", null)]
    [InlineData("qcow2&compress=true", "qcow2", "qcow2", null)]
    [InlineData("vmdk", "vmdk", "vmdk", "monolithicSparse")]
    [InlineData("vmdk-stream", "vmdk", "vmdk", "streamOptimized")]
    [InlineData("vhd", "vpc", "vhd", null)]
    [InlineData("vhdx", "vhdx", "vhdx", null)]
    [InlineData("vdi", "vdi", "vdi", null)]
    public async Task A_disk_is_the_same_in_every_format(string format, string driver, string ending, string? kind)
    {
        await using var host = await Start();
        var reply = await host.Get($"/v2/images/{await New(host)}/export?format={format}");
        Assert.Equal((200, $"attachment; filename=\"my_vm.{ending}\"", $"{reply.Body.Length}"), (reply.Status, reply.Headers["Content-Disposition"], reply.Headers["Content-Length"]));
        await RequireSame(reply.Body, driver);
        if (kind is not null) Assert.Contains($"createType=\"{kind}\"", Encoding.Latin1.GetString(reply.Body, 512, 1024), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(FolderOf(host)));
    }

    [Fact]
    public async Task Compressed_is_smaller()
    {
        await using var host = await Start();
        var id = await New(host);
        async Task<int> Length(string format) => (await host.Get($"/v2/images/{id}/export?format={format}")).Body.Length;
        var plain = await Length("qcow2");
        Assert.True(await Length("qcow2&compress=true") < plain);
        Assert.True(await Length("vmdk-stream") < await Length("vmdk"));
    }

    [Theory, OnEachDatabase]
    public async Task A_package_comes_back_as_the_same_image(DatabaseKind kind)
    {
        await using var host = await Start(kind);
        var first = await host.Get($"/v2/images/{await New(host)}");
        var package = await host.Get($"/v2/images/{first["id"]}/export?format=ova");
        Assert.Equal((200, "attachment; filename=\"my_vm.ova\"", $"{package.Body.Length}"), (package.Status, package.Headers["Content-Disposition"], package.Headers["Content-Length"]));
        // Another reader finds the same three files.
        Assert.Equal(["my_vm.ovf", "my_vm.mf", "my_vm-disk1.vmdk"], (await _commands.Must("tar", ["-tf", Saved(package.Body)], Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries));

        var id = await host.Create(new { name = "back", disk_format = "vmdk", container_format = "ova" });
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, package.Body)).Status);
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, new { method = new { name = "glance-direct" } })).Status);
        await host.Settled(id);
        var again = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "vmdk", "bare", $"{Size}"), (again["status"], again["disk_format"], again["container_format"], again["virtual_size"]));
        foreach (var name in (string[])["min_disk", "min_ram", "os_type", "os_distro", "hw_disk_bus", "hw_scsi_model", "hw_vif_model", "hw_firmware_type", "hw_qemu_guest_agent"]) Assert.Equal(first[name], again[name]);
        // What does not say how to run it does not travel.
        Assert.Null(again["mine"]);
        await RequireSame((await host.Get($"/v2/images/{id}/file")).Body, "vmdk");
        await RequireSame((await host.Get($"/v2/images/{id}/export?format=raw")).Body, "raw");
    }

    [Theory, OnEachDatabase]
    public async Task Who_may_not_download_may_not_export_and_nonsense_is_refused(DatabaseKind kind)
    {
        await using var host = await Start(kind);
        var id = await New(host);
        async Task<Reply> Export(string query, string token = ImageHost.Alice, string? image = null) => await host.Get($"/v2/images/{image ?? id}/export{query}", token);
        foreach (var bad in (string[])["", "?format=zip", "?format=raw&compress=true", "?format=qcow2&compress=1"]) Assert.Equal(400, (await Export(bad)).Status);
        Assert.Contains("one of raw, qcow2, vmdk, vmdk-stream, vhd, vhdx, vdi, ova", (await Export("?format=zip")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await Export("?format=raw", ImageHost.Bob)).Status);
        Assert.Equal(403, (await Export("?format=raw", ImageHost.Reader)).Status);
        Assert.Equal(409, (await Export("?format=raw", image: await host.CreateRaw("queued"))).Status);
        Assert.Contains("Only disks can be exported", (await Export("?format=raw", image: await host.Create(new { disk_format = "aki", container_format = "aki" }, [1]))).Text, StringComparison.Ordinal);
        Assert.Equal(204, (await host.Send("POST", $"/v2/images/{id}/actions/deactivate", ImageHost.Alice)).Status);
        Assert.Equal(403, (await Export("?format=raw")).Status);
        Assert.Equal(200, (await Export("?format=raw", ImageHost.Admin)).Status);
    }

    [Fact]
    public async Task Only_so_many_run_at_once_and_none_leaves_a_file()
    {
        await using var host = await Start();
        var id = await New(host);
        var (files, images) = (host.Services.GetRequiredService<ExportFiles>(), host.Services.GetRequiredService<Images.ImageTable>());
        var image = (await images.Find(Guid.Parse(id)))!;
        var open = new List<Export>();
        for (var i = 0; i < ExportFiles.AtOnce; i++) open.Add(await files.Make(image, "qcow2", Ct));
        // They are read, and have no name any more: nothing is left however their readers end.
        Assert.Empty(Directory.EnumerateFiles(FolderOf(host)));
        Assert.Equal(503, (await host.Get($"/v2/images/{id}/export?format=qcow2")).Status);
        Assert.Equal(200, (await host.Get($"/v2/images/{id}/export?format=raw")).Status);
        foreach (var export in open) await export.DisposeAsync();
        Assert.Equal(200, (await host.Get($"/v2/images/{id}/export?format=qcow2")).Status);
    }

    [Fact]
    public async Task A_conversion_that_died_with_the_program_is_swept_out_at_the_next_start()
    {
        await using var host = await Start();
        File.WriteAllText(Path.Combine(FolderOf(host), "left"), "half an image");
        using var next = ActivatorUtilities.CreateInstance<ExportFiles>(host.Services);
        Assert.Empty(Directory.EnumerateFiles(FolderOf(host)));
    }

    [Fact]
    public async Task A_failed_conversion_leaves_nothing()
    {
        await using var host = await Start();
        var id = await New(host);
        host.Store.Data.Clear();
        Assert.Equal(404, (await host.Get($"/v2/images/{id}/export?format=qcow2")).Status);
        for (var i = 0; i <= ExportFiles.AtOnce; i++) Assert.Equal(404, (await host.Get($"/v2/images/{id}/export?format=qcow2")).Status);
        Assert.Empty(Directory.EnumerateFiles(FolderOf(host)));
    }
}
