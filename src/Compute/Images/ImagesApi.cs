using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Images;

/// <summary>nova's old proxies of images (until 2.35): lists, one, delete.</summary>
internal sealed class ImagesApi(IImageCatalog images)
{
    /// <summary>nova has no rule of its own for images: Image asks its own.</summary>
    public const string Policy = "os_compute_api:images";

    private static readonly Dictionary<string, string> Filters = new(StringComparer.Ordinal)
    {
        ["name"] = "name", ["status"] = "status", ["changes-since"] = "updated_at", ["server"] = "instance_uuid", ["type"] = "image_type", ["minRam"] = "min_ram", ["minDisk"] = "min_disk",
    };

    public void Map(RouteGroup g)
    {
        g.Get("/images", call => List(call, "images", ImageView.Brief)).Until("2.35").Policy(Policy, Rule.Anyone, "List, show and delete images").Fails(400, 403);
        g.Get("/images/detail", call => List(call, "images/detail", ImageView.Of)).Until("2.35").Policy(Policy, Rule.Anyone, "List, show and delete images").Fails(400, 403);
        var one = g.Member("/images/{image_id}", Member(images));
        one.Get("", (call, image) => Task.FromResult(Answer.Json(("image", ImageView.Of(call, image))))).Until("2.35").Policy(Policy, Rule.Anyone, "List, show and delete images");
        one.Delete("", Delete).Until("2.35").Returns(204).Policy(Policy, Rule.Anyone, "List, show and delete images").Fails(403);
    }

    /// <summary>The image named in a path, if the caller may know of it.</summary>
    public static MemberOf<ImageInfo> Member(IImageCatalog images) => new(
        async call => Guid.TryParse(call["image_id"], out var id) ? await images.Find(call.Caller, id, call.Cancel) : null,
        _ => Errors.NoSuchImage(), image => PolicyTarget.OfProject(image.Owner));

    private async Task<Answer> List(Call call, string path, Func<Call, ImageInfo, object> view)
    {
        var paging = Paging.Of(call);
        var found = await images.List(call.Caller, Asked(call, paging), call.Cancel);
        return Answer.Json(("images", found.Select(i => view(call, i))), ("images_links", Link.Next(call, path, paging.Limit, found.Count, () => found[^1].Id.ToString())));
    }

    // nova's names for Image's filters; others are passed over, as upstream's do.
    private static Dictionary<string, string> Asked(Call call, Paging paging)
    {
        var asked = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in call.Query.Pairs)
        {
            if (name.StartsWith("property-", StringComparison.Ordinal)) asked[name["property-".Length..]] = value;
            else if (Filters.TryGetValue(name, out var filter)) asked[filter] = name switch
            {
                "status" => value.ToLowerInvariant(),
                "changes-since" => "gte:" + value,
                // The id, or a link that ends in it.
                "server" => value[(value.LastIndexOf('/') + 1)..],
                _ => value,
            };
        }
        asked["limit"] = paging.Limit.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (paging.Marker is { } marker) asked["marker"] = marker;
        return asked;
    }

    private async Task<Answer> Delete(Call call, ImageInfo image)
    {
        await images.Delete(call.Caller, image.Id, call.Cancel);
        return Answer.Empty;
    }
}
