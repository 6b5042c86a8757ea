using System.Text;
using System.Text.Json;
using Nephos.Compute.Metadata;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Xunit;

namespace Nephos.Compute.Tests.Metadata;

public sealed class MetadataTests
{
    private static readonly Guid Port = Guid.Parse("aabbccdd-0011-2233-4455-66778899aabb");

    private static ServerRow Row => new()
    {
        Id = Guid.Parse("11111111-2222-3333-4444-555555555555"), Number = 42, Name = "vm", Hostname = "vm", ProjectId = "p", UserId = "u", VmState = VmState.Active,
        FlavorId = "1", Flavor = new FlavorUse("1", "tiny", 1, 512, 1, 0, 0, 1, []), ReservationId = "r-abc", Metadata = new() { ["role"] = "web" }, ConfigDrive = true,
        KeyName = "k", KeyData = "ssh-rsa AAAA me", UserData = Convert.ToBase64String("#!/bin/sh\n"u8), CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch,
        ImageId = Guid.NewGuid(), NicTags = new() { [Port] = "front" },
    };

    private static PortFacts[] Ports(bool dhcp = true) =>
    [
        new()
        {
            Id = Port, ProjectId = "p", NetworkId = Guid.Empty, NetworkName = "private", Mac = "fa:16:3e:00:00:01", Status = "ACTIVE", Mtu = 1450, Groups = [new(Guid.Empty, "default")],
            Addresses = [new("10.0.0.5", Guid.Empty, "10.0.0.0/26", "10.0.0.1", ["10.0.0.2"], [new StaticRoute("10.9.0.0/16", "10.0.0.9")], dhcp, "203.0.113.7")],
        },
    ];

    private static string Get(string path)
    {
        var reply = MetadataTree.Answer(Row, Ports(), path);
        return reply.Status == 200 ? Encoding.UTF8.GetString(reply.Body) : reply.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void The_ec2_tree_is_walked_as_cloud_init_does()
    {
        Assert.Contains("2009-04-04", Get("/"), StringComparison.Ordinal);
        Assert.Equal("meta-data/\nuser-data", Get("/2009-04-04/"));
        Assert.Contains("public-keys/", Get("/2009-04-04/meta-data/"), StringComparison.Ordinal);
        Assert.Equal("i-0000002a", Get("/latest/meta-data/instance-id"));
        Assert.Equal("10.0.0.5", Get("/latest/meta-data/local-ipv4"));
        Assert.Equal("203.0.113.7", Get("/latest/meta-data/public-ipv4"));
        Assert.Equal("0=k", Get("/latest/meta-data/public-keys/"));
        Assert.Equal("openssh-key", Get("/latest/meta-data/public-keys/0/"));
        Assert.Equal("ssh-rsa AAAA me", Get("/latest/meta-data/public-keys/0/openssh-key"));
        Assert.Equal("#!/bin/sh\n", Get("/latest/user-data"));
        Assert.Equal("nova", Get("/latest/meta-data/placement/availability-zone"));
        Assert.Equal("404", Get("/latest/meta-data/nope"));
        Assert.Equal("404", Get("/1999-01-01/"));
    }

    [Fact]
    public void The_openstack_tree_grows_with_its_versions()
    {
        Assert.EndsWith("2020-10-14\nlatest", Get("/openstack"), StringComparison.Ordinal);
        Assert.Equal("meta_data.json\nuser_data", Get("/openstack/2012-08-10"));
        Assert.Equal("meta_data.json\nnetwork_data.json\npassword\nuser_data\nvendor_data.json\nvendor_data2.json", Get("/openstack/latest/"));
        var data = JsonDocument.Parse(Get("/openstack/latest/meta_data.json")).RootElement;
        Assert.Equal("vm.novalocal", data.GetProperty("hostname").GetString());
        Assert.Equal("web", data.GetProperty("meta").GetProperty("role").GetString());
        Assert.Equal("ssh-rsa AAAA me", data.GetProperty("public_keys").GetProperty("k").GetString());
        Assert.Equal("front", data.GetProperty("devices")[0].GetProperty("tags")[0].GetString());
        Assert.False(JsonDocument.Parse(Get("/openstack/2012-08-10/meta_data.json")).RootElement.TryGetProperty("project_id", out _));
        Assert.Equal("404", Get("/openstack/latest/nope"));
        Assert.True(MetadataTree.IsPassword("/openstack/2013-10-17/password"));
        Assert.False(MetadataTree.IsPassword("/openstack/2012-08-10/password"));
    }

    [Fact]
    public void Network_data_tells_static_addresses_in_full_and_the_config_drive_holds_the_same()
    {
        var network = JsonDocument.Parse(NetworkData.Of(Ports(dhcp: false)).ToJsonString()).RootElement;
        Assert.Equal("tapaabbccdd-00", network.GetProperty("links")[0].GetProperty("id").GetString());
        Assert.Equal("255.255.255.192", network.GetProperty("networks")[0].GetProperty("netmask").GetString());
        Assert.Equal(["0.0.0.0 10.0.0.1", "10.9.0.0 10.0.0.9"], network.GetProperty("networks")[0].GetProperty("routes").EnumerateArray().Select(r => $"{r.GetProperty("network").GetString()} {r.GetProperty("gateway").GetString()}"));
        Assert.Equal("10.0.0.2", network.GetProperty("services")[0].GetProperty("address").GetString());
        var drive = GuestFiles.ConfigDrive(Row, Ports());
        Assert.Equal(Get("/openstack/latest/meta_data.json"), Encoding.UTF8.GetString(drive["openstack/latest/meta_data.json"]));
        Assert.Equal("#!/bin/sh\n", Encoding.UTF8.GetString(drive["openstack/latest/user_data"]));
        Assert.Contains("ec2/2009-04-04/meta-data.json", drive.Keys);
    }

    [Fact]
    public void Injected_files_lie_on_the_config_drive_and_nowhere_else()
    {
        var row = Row with { InjectedFiles = [new("/etc/motd", Convert.ToBase64String("hello\n"u8)), new("/etc/issue", Convert.ToBase64String("issue"u8))] };
        var drive = GuestFiles.ConfigDrive(row, Ports());
        Assert.Equal("hello\n", Encoding.UTF8.GetString(drive["openstack/content/0000"]));
        Assert.Equal("issue", Encoding.UTF8.GetString(drive["openstack/content/0001"]));
        foreach (var version in GuestFiles.OpenStackVersions)
        {
            var files = JsonDocument.Parse(drive[$"openstack/{version}/meta_data.json"]).RootElement.GetProperty("files");
            Assert.Equal(["/etc/motd /content/0000", "/etc/issue /content/0001"], files.EnumerateArray().Select(f => $"{f.GetProperty("path").GetString()} {f.GetProperty("content_path").GetString()}"));
        }
        Assert.DoesNotContain("files", Encoding.UTF8.GetString(MetadataTree.Answer(row, Ports(), "/openstack/latest/meta_data.json").Body), StringComparison.Ordinal);
        Assert.Equal(404, MetadataTree.Answer(row, Ports(), "/openstack/content/0000").Status);
        Assert.DoesNotContain(GuestFiles.ConfigDrive(Row, Ports()).Keys, k => k.StartsWith("openstack/content", StringComparison.Ordinal));
    }

    [Fact]
    public void A_host_id_is_sha224_of_project_and_host() =>
        Assert.Equal("a1aca229c29de79e8652339f3a6466e79f36b221dc200e5e8deec73b", Server.HostId("p1", "node-1"));
}
