using System.Text.Json.Nodes;
using Nephos.Client;

namespace Nephos.Seed;

/// <summary>The flavors people know from devstack.</summary>
static class SeedFlavors
{
    static readonly (string Id, string Name, int RamMib, int DiskGib, int Vcpus)[] All =
    [
        ("1", "m1.tiny", 512, 1, 1), ("2", "m1.small", 2048, 20, 1), ("3", "m1.medium", 4096, 40, 2), ("4", "m1.large", 8192, 80, 4), ("5", "m1.xlarge", 16384, 160, 8),
        // The test guest needs 96 MB to boot.
        ("42", "m1.nano", 128, 1, 1), ("84", "m1.micro", 192, 1, 1),
        ("c1", "cirros256", 256, 1, 1), ("d1", "ds512M", 512, 5, 1), ("d2", "ds1G", 1024, 10, 1), ("d3", "ds2G", 2048, 10, 2), ("d4", "ds4G", 4096, 20, 4),
    ];

    public static async Task Run(CloudClient cloud, CancellationToken ct)
    {
        var there = (await cloud.Get("compute/v2.1/flavors?is_public=None", ct))["flavors"]!.AsArray().Select(f => f!["id"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        foreach (var (id, name, ram, disk, vcpus) in All.Where(f => !there.Contains(f.Id)))
            await cloud.Post("compute/v2.1/flavors", new JsonObject
            {
                ["flavor"] = new JsonObject { ["id"] = id, ["name"] = name, ["ram"] = ram, ["disk"] = disk, ["vcpus"] = vcpus },
            }, ct);
    }
}
