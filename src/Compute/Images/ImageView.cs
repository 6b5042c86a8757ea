using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Compute.Images;

/// <summary>Images as nova's API shows them.</summary>
internal static class ImageView
{
    public static Dictionary<string, object?> Brief(Call call, ImageInfo image) => new() { ["id"] = image.Id.ToString(), ["name"] = image.Name, ["links"] = Links(call, image) };

    public static Dictionary<string, object?> Of(Call call, ImageInfo image)
    {
        var view = new Dictionary<string, object?>
        {
            ["id"] = image.Id.ToString(), ["name"] = image.Name, ["minRam"] = image.MinRam, ["minDisk"] = image.MinDisk, ["metadata"] = image.Properties,
            ["created"] = Wire.Seconds(image.CreatedAt), ["updated"] = Wire.Seconds(image.UpdatedAt), ["OS-EXT-IMG-SIZE:size"] = image.Size ?? 0, ["links"] = Links(call, image),
        };
        (view["status"], view["progress"]) = image.Status switch { "active" => ("ACTIVE", 100), "queued" => ("SAVING", 25), "saving" => ("SAVING", 50), _ => ("UNKNOWN", 0) };
        if (image.Properties.GetValueOrDefault("instance_uuid") is { } server) view["server"] = new { Id = server, Links = Link.Of(call, "servers", server) };
        if (image.Properties.GetValueOrDefault("auto_disk_config") is { } config) view["OS-DCF:diskConfig"] = config.ToLowerInvariant() is "true" or "t" or "1" or "yes" or "y" or "on" ? "AUTO" : "MANUAL";
        return view;
    }

    private static object[] Links(Call call, ImageInfo image) =>
        [.. Link.Of(call, "images", image.Id.ToString()), new { Rel = "alternate", Type = "application/vnd.openstack.image", Href = $"{call.Urls.Of("image")}/images/{image.Id}" }];
}
