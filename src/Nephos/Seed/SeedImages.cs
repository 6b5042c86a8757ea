using System.Text.Json.Nodes;
using Nephos.Client;

namespace Nephos.Seed;

/// <summary>The test guest as a whole disk, and as kernel, RAM disk and root.</summary>
static class SeedImages
{
    public const string Whole = "guest";

    public static async Task Run(CloudClient cloud, GuestFiles files, CancellationToken ct)
    {
        await Ensure(cloud, Whole, "qcow2", "bare", files.Disk, [], ct);
        var kernel = await Ensure(cloud, "guest-uec-kernel", "aki", "aki", files.Kernel, [], ct);
        var ramdisk = await Ensure(cloud, "guest-uec-ramdisk", "ari", "ari", files.Ramdisk, [], ct);
        await Ensure(cloud, "guest-uec", "ami", "ami", files.Root, new JsonObject { ["kernel_id"] = kernel, ["ramdisk_id"] = ramdisk }, ct);
    }

    static async Task<string> Ensure(CloudClient cloud, string name, string diskFormat, string containerFormat, string file, JsonObject body, CancellationToken ct)
    {
        var found = await cloud.Find($"image/v2/images?name={name}", "images", image => image["owner"]?.GetValue<string>() == cloud.ProjectId, ct);
        if (found is null)
        {
            body["name"] = name;
            body["disk_format"] = diskFormat;
            body["container_format"] = containerFormat;
            body["visibility"] = "public";
            found = await cloud.Post("image/v2/images", body, ct);
        }
        var id = found["id"]!.GetValue<string>();
        if (found["status"]!.GetValue<string>() == "queued")
        {
            await using var data = File.OpenRead(file);
            await cloud.Upload($"image/v2/images/{id}/file", data, ct);
        }
        return id;
    }
}
