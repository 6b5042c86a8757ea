using System.Text.Json.Nodes;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests.Ova;

/// <summary>Packages of other products through the API.</summary>
public sealed class OvaImportTests
{
    private static readonly object Direct = new { method = new { name = "glance-direct" } };

    private static Task<string> New(ImageHost host, string disk = "vmdk") => host.Create(new { name = "vm", disk_format = disk, container_format = "ova", hw_vif_model = "e1000e" });

    private static async Task<string> Import(ImageHost host, byte[] package, string disk = "vmdk")
    {
        var id = await New(host, disk);
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, package)).Status);
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, Direct)).Status);
        await host.Settled(id);
        return id;
    }

    private static async Task<JsonNode> Task(ImageHost host, string id) => (await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]![0]!;

    [Theory, OnEachDatabase]
    public async Task An_imported_package_is_its_disk_with_its_hardware_as_properties(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await Import(host, Packages.Tar(Packages.Files()));
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "vmdk", "bare"), (image["status"], image["disk_format"], image["container_format"]));
        Assert.Equal(("3", "1536", $"{Packages.DiskSize}"), (image["min_disk"], image["min_ram"], image["virtual_size"]));
        Assert.Equal(("scsi", "lsisas1068", "lsiLogicsas", "uefi"), (image["hw_disk_bus"], image["hw_scsi_model"], image["vmware_adaptertype"], image["hw_firmware_type"]));
        Assert.Equal(("ubuntu64Guest", "linux", "ubuntu"), (image["vmware_ostype"], image["os_type"], image["os_distro"]));
        // The user's word counts more than the package's.
        Assert.Equal("e1000e", image["hw_vif_model"]);
        Assert.Equal(Packages.Vmdk(), (await host.Get($"/v2/images/{id}/file")).Body);
        Assert.Empty(host.Staged);
        Assert.Equal("success", (await Task(host, id))["status"]!.ToString());
    }

    [Fact]
    public async Task An_uploaded_package_stays_one()
    {
        await using var host = await ImageHost.Start();
        var (id, package) = (await New(host), Packages.Tar(Packages.Files()));
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, package)).Status);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "ova", "0"), (image["status"], image["container_format"], image["min_ram"]));
        Assert.Equal(package, (await host.Get($"/v2/images/{id}/file")).Body);
    }

    [Theory, OnEachDatabase]
    public async Task A_package_that_is_refused_leaves_the_image_as_it_was(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var files = Packages.Files();
        files[^1].Bytes[^1] ^= 1;
        var id = await Import(host, Packages.Tar(files));
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("queued", "ova", null, "0"), (image["status"], image["container_format"], image["hw_disk_bus"], image["min_disk"]));
        var task = await Task(host, id);
        Assert.Equal(("failure", "The OVA is refused: vm-disk1.vmdk is not the file its manifest tells of: the SHA256 digests differ."), (task["status"]!.ToString(), task["message"]!.ToString()));
        Assert.Empty(host.Staged);
        Assert.Empty(host.Store.Data);
    }

    [Theory]
    [InlineData("monolithicSparse", "vmdk", null)]
    [InlineData("monolithicFlat", null, "keeps data in other files")]
    [InlineData("none", null, "vm-disk1.vmdk is of no format that is known")]
    public async Task The_disk_inside_is_looked_at_like_any_other(string type, string? format, string? why)
    {
        await using var host = await ImageHost.Start();
        var id = await Import(host, Packages.Tar(Packages.Files(disk: type == "none" ? new byte[100_000] : Packages.Vmdk(type))));
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal((format is null ? "queued" : "active", format ?? "vmdk"), (image["status"], image["disk_format"]));
        if (why is not null) Assert.Contains(why, (await Task(host, id))["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flat_disk_is_put_together_from_its_files()
    {
        await using var host = await ImageHost.Start();
        var (one, two) = (new byte[1024], new byte[2048]);
        Random.Shared.NextBytes(one);
        Random.Shared.NextBytes(two);
        var flat = "# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType=\"twoGbMaxExtentFlat\"\n\nRW 2 FLAT \"vm-f001.vmdk\" 0\nRW 1 ZERO\nRW 3 FLAT \"vm-f002.vmdk\" 1\n"u8.ToArray();
        var files = Packages.Files(disk: flat);
        files.AddRange([("vm-f001.vmdk", one), ("vm-f002.vmdk", two)]);
        files.RemoveAll(f => f.Name == "vm.mf");
        var id = await Import(host, Packages.Tar(files));
        Assert.Equal(("active", "raw"), ((await host.Get($"/v2/images/{id}"))["status"], (await host.Get($"/v2/images/{id}"))["disk_format"]));
        byte[] expected = [.. one, .. new byte[512], .. two[512..]];
        Assert.Equal(expected, (await host.Get($"/v2/images/{id}/file")).Body);
    }
}
