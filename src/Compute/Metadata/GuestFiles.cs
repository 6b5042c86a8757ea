using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Compute.Servers;
using Nephos.Contracts;

namespace Nephos.Compute.Metadata;

/// <summary>
/// Every document a guest may read about itself, by path, from its row and its ports. Pure: the metadata service and the config drive
/// show the same.
/// </summary>
internal static class GuestFiles
{
    /// <summary>Versions of the OpenStack tree, oldest first.</summary>
    public static readonly string[] OpenStackVersions =
        ["2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15", "2016-06-30", "2016-10-06", "2017-02-22", "2018-08-27", "2020-10-14", "latest"];

    /// <summary>Versions of the EC2 tree, oldest first.</summary>
    public static readonly string[] Ec2Versions =
        ["1.0", "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15", "2008-02-01", "2008-09-01", "2009-04-04", "latest"];

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The config drive's files.</summary>
    public static IReadOnlyDictionary<string, byte[]> ConfigDrive(ServerRow server, IReadOnlyList<PortFacts> ports)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var version in OpenStackVersions)
            foreach (var (name, data) in OpenStack(server, ports, version, onDrive: true)) files[$"openstack/{version}/{name}"] = data;
        foreach (var (path, data) in Injected(server)) files[$"openstack{path}"] = data;
        foreach (var version in (string[])["2009-04-04", "latest"])
        {
            files[$"ec2/{version}/meta-data.json"] = Text(new JsonObject([.. Ec2(server, ports).Select(e => new KeyValuePair<string, JsonNode?>(e.Key, e.Value))]).ToJsonString(Json));
            if (UserData(server) is { } data) files[$"ec2/{version}/user-data"] = data;
        }
        return files;
    }

    /// <summary>Files of one version of the OpenStack tree. Only the drive tells of injected files: as upstream, the service does not serve them.</summary>
    public static IReadOnlyDictionary<string, byte[]> OpenStack(ServerRow server, IReadOnlyList<PortFacts> ports, string version, bool onDrive = false)
    {
        bool Since(string first) => version == "latest" || string.CompareOrdinal(version, first) >= 0;
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { ["meta_data.json"] = Text(MetaData(server, ports, Since, onDrive).ToJsonString(Json)) };
        if (UserData(server) is { } data) files["user_data"] = data;
        if (Since("2013-04-04")) files["vendor_data.json"] = "{}"u8.ToArray();
        if (Since("2015-10-15")) files["network_data.json"] = Text(NetworkData.Of(ports).ToJsonString(Json));
        if (Since("2016-10-06")) files["vendor_data2.json"] = "{}"u8.ToArray();
        return files;
    }

    /// <summary>What the user gave as user data.</summary>
    public static byte[]? UserData(ServerRow server) => server.UserData is { Length: > 0 } text ? Convert.FromBase64String(text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal)) : null;

    /// <summary>The EC2 tree below <c>meta-data/</c>, by path.</summary>
    public static IReadOnlyDictionary<string, string> Ec2(ServerRow server, IReadOnlyList<PortFacts> ports)
    {
        var addresses = ports.SelectMany(p => p.Addresses).Where(a => ServerJson.VersionOf(a.Address) == 4).ToList();
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["ami-id"] = server.ImageId is null ? "None" : $"ami-{server.Number:x8}",
            ["ami-launch-index"] = server.LaunchIndex.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["ami-manifest-path"] = "FIXME",
            ["block-device-mapping/ami"] = "vda",
            ["block-device-mapping/root"] = server.RootDeviceName ?? "/dev/vda",
            ["hostname"] = FullName(server),
            ["instance-action"] = "none",
            ["instance-id"] = $"i-{server.Number:x8}",
            ["instance-type"] = server.Flavor.Name,
            ["local-hostname"] = FullName(server),
            ["local-ipv4"] = addresses.Select(a => a.Address).FirstOrDefault("None"),
            ["placement/availability-zone"] = server.AvailabilityZone ?? "nova",
            ["public-hostname"] = FullName(server),
            ["public-ipv4"] = addresses.Select(a => a.Floating).FirstOrDefault(f => f is not null) ?? "",
            ["reservation-id"] = server.ReservationId,
            ["security-groups"] = string.Join('\n', ports.SelectMany(p => p.Groups).Select(g => g.Name).Distinct()),
        };
        if (server.Image?.Kernel is not null) entries["kernel-id"] = $"aki-{server.Number:x8}";
        if (server.Image?.Ramdisk is not null) entries["ramdisk-id"] = $"ari-{server.Number:x8}";
        if (server.KeyName is { } key)
        {
            entries["public-keys/0/openssh-key"] = server.KeyData ?? "";
            // The folder's own list shows "0=name".
            entries["public-keys/"] = $"0={key}";
        }
        return entries;
    }

    private static JsonObject MetaData(ServerRow server, IReadOnlyList<PortFacts> ports, Func<string, bool> since, bool onDrive)
    {
        var data = new JsonObject { ["uuid"] = server.Id.ToString() };
        if (server.Metadata.Count > 0) data["meta"] = new JsonObject([.. server.Metadata.Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m.Value))]);
        if (onDrive && server.InjectedFiles.Length > 0)
            data["files"] = new JsonArray([.. server.InjectedFiles.Zip(Injected(server), (file, at) => (JsonNode)new JsonObject { ["path"] = file.Path, ["content_path"] = at.Path })]);
        if (server.KeyName is { } key)
        {
            if (server.KeyType != "x509") data["public_keys"] = new JsonObject { [key] = server.KeyData };
            data["keys"] = new JsonArray(new JsonObject { ["name"] = key, ["type"] = server.KeyType ?? "ssh", ["data"] = server.KeyData });
        }
        data["hostname"] = FullName(server);
        data["name"] = server.Name;
        data["launch_index"] = server.LaunchIndex;
        data["availability_zone"] = server.AvailabilityZone ?? "nova";
        if (since("2013-04-04")) data["random_seed"] = Seed(server);
        if (since("2015-10-15")) data["project_id"] = server.ProjectId;
        if (since("2016-06-30"))
        {
            data["devices"] = new JsonArray([.. ports.Where(p => server.NicTags.ContainsKey(p.Id)).Select(p => (JsonNode)new JsonObject
            {
                ["type"] = "nic", ["bus"] = "pci", ["address"] = "0000:00:03.0", ["mac"] = p.Mac, ["tags"] = new JsonArray(server.NicTags[p.Id]),
            })]);
        }
        if (since("2020-10-14")) data["dedicated_cpus"] = new JsonArray();
        return data;
    }

    private static IEnumerable<(string Path, byte[] Data)> Injected(ServerRow server) => server.InjectedFiles.Select((file, at) => ($"/content/{at:0000}", file.Data));

    // 512 bytes that are the same each time: derived from the server's id and creation, they seed nothing secret.
    private static string Seed(ServerRow server)
    {
        var seed = new byte[512];
        for (var i = 0; i < 8; i++)
            System.Security.Cryptography.SHA512.HashData(Encoding.UTF8.GetBytes($"{server.Id} {server.CreatedAt.Ticks} {i}")).CopyTo(seed, i * 64);
        return Convert.ToBase64String(seed);
    }

    private static string FullName(ServerRow server) => $"{server.Hostname}.novalocal";
    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
