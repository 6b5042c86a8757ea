using Nephos.Image.Images;
using Nephos.Kernel.Api;

namespace Nephos.Image.Cache;

/// <summary><c>/v2/cache</c>: copies of images' data on this host.</summary>
internal sealed class CacheApi(ImageTable images, CacheTable table, ImageCache cache, CacheSync sync)
{
    private const string ClearTarget = "x-image-cache-clear-target", List = "cache_list", Delete = "cache_delete";

    // Times are seconds since 1970, as clients expect them here and nowhere else.
    private sealed record CachedView(Guid ImageId, long Size, long Hits, double LastAccessed, double LastModified);

    public void Map(RouteGroup v2)
    {
        v2.Get("/cache", State).Policy(List, Rules.Admin, "List cached images");
        v2.Delete("/cache", Clear).Policy(Delete, Rules.Admin, "Remove images from the cache").Fails(400);
        v2.Delete("/cache/{image_id}", Remove).Policy(Delete, Rules.Admin, "Remove images from the cache").Fails(404);
        v2.Post("/cache/clean", Clean).Policy("cache_clean", Rules.Admin, "Remove what is invalid from the cache").Returns(204);
        v2.Post("/cache/prune", Prune).Policy("cache_prune", Rules.Admin, "Make the cache as small as it should be");
        v2.Member("/cache/{image_id}", ImagesApi.Visible(images, Errors.ImageNotFound)).Put("", Queue).Policy("cache_image", Rules.Admin, "Queue an image for the cache").Returns(202).Fails(400);
    }

    private async Task<Answer> State(Call call)
    {
        var rows = await table.All();
        return Answer.Json(
            ("cached_images", rows.Where(r => r.CachedAt is not null).Select(r => new CachedView(r.ImageId, r.Size!.Value, r.Hits, Seconds(r.ReadAt!.Value), Seconds(r.CachedAt!.Value)))),
            ("queued_images", rows.Where(r => r.CachedAt is null).Select(r => r.ImageId)));
    }

    private async Task<Answer> Queue(Call call, StoredImage image)
    {
        if (image.Row.Status != "active") throw Errors.Invalid("Only images with status active can be targeted for queueing");
        await table.Queue(image.Id);
        sync.Nudge();
        return Answer.Empty;
    }

    private async Task<Answer> Remove(Call call)
    {
        var known = Guid.TryParseExact(call["image_id"], "D", out var id) && (await cache.Remove(id) || await images.Find(id) is not null);
        return known ? Answer.Empty : throw Errors.ImageNotFound(call["image_id"]);
    }

    private async Task<Answer> Clear(Call call)
    {
        var target = call.Header(ClearTarget)?.ToLowerInvariant() ?? "";
        if (target is not ("" or "cache" or "queue")) throw Errors.Invalid($"If provided '{ClearTarget}' must be 'cache', 'queue' or empty string.");
        foreach (var row in await table.All())
            if (target != (row.CachedAt is null ? "cache" : "queue")) await cache.Remove(row.ImageId);
        return Answer.Empty;
    }

    private async Task<Answer> Clean(Call call)
    {
        await sync.Clean(call.Cancel);
        return Answer.Empty;
    }

    private async Task<Answer> Prune(Call call)
    {
        var (files, bytes) = await sync.Prune(call.Cancel);
        return Answer.Json(("total_files_pruned", files), ("total_bytes_pruned", bytes));
    }

    private static double Seconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;
}
