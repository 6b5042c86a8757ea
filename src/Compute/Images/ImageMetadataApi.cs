using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Images;

/// <summary>nova's old proxy of an image's custom properties (until 2.38).</summary>
internal sealed class ImageMetadataApi(IImageCatalog images)
{
    public void Map(RouteGroup g)
    {
        var meta = g.Member("/images/{image_id}/metadata", ImagesApi.Member(images));
        Guard(meta.Get("", (_, image) => Task.FromResult(Answer.Json(("metadata", image.Properties)))));
        Guard(meta.Post("", (call, image) => Write(call, image, ServerMetadata.Merged)).Body(() => ServerSchemas.Metadata)).Fails(403, 409, 413);
        Guard(meta.Put("", (call, image) => Write(call, image, (_, asked) => asked)).Body(() => ServerSchemas.Metadata)).Fails(403, 409, 413);
        Guard(meta.Get("/{key}", Show));
        Guard(meta.Put("/{key}", WriteOne).Body(() => ServerSchemas.MetadataItem)).Fails(403, 409, 413);
        Guard(meta.Delete("/{key}", Delete).Returns(204)).Fails(403, 409);
    }

    private static Route Guard(Route route) => route.Until("2.38").Policy(ImagesApi.Policy + ":metadata", Rule.Anyone, "Read and change custom properties of images");

    private async Task<Answer> Write(Call call, ImageInfo image, Func<SortedDictionary<string, string>, SortedDictionary<string, string>, SortedDictionary<string, string>> change)
    {
        var asked = ServerMetadata.Sorted(call.Json.GetProperty("metadata"));
        return Answer.Json(("metadata", await Change(call, image, known => Within(change(known, asked)))));
    }

    private static Task<Answer> Show(Call call, ImageInfo image) => image.Properties.TryGetValue(call["key"], out var value)
        ? Task.FromResult(Answer.Json(("meta", new Dictionary<string, string> { [call["key"]] = value }))) : throw Errors.NoSuchResource();

    private async Task<Answer> WriteOne(Call call, ImageInfo image)
    {
        var asked = ServerMetadata.Sorted(call.Json.GetProperty("meta"));
        if (!asked.ContainsKey(call["key"])) throw Errors.BodyAndUriMismatch();
        await Change(call, image, known => Within(ServerMetadata.Merged(known, asked)));
        return Answer.Json(("meta", asked));
    }

    private async Task<Answer> Delete(Call call, ImageInfo image)
    {
        await Change(call, image, known => known.Remove(call["key"]) ? known : throw Errors.NoImageMetadata());
        return Answer.Empty;
    }

    private async Task<SortedDictionary<string, string>> Change(Call call, ImageInfo image, Func<SortedDictionary<string, string>, SortedDictionary<string, string>> change)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var wanted = change(new(image.Properties.ToDictionary(), StringComparer.Ordinal));
            if (await images.ReplaceProperties(call.Caller, image.Id, image.Properties, wanted, call.Cancel)) return wanted;
            image = await images.Find(call.Caller, image.Id, call.Cancel) ?? throw Errors.NoSuchImage();
        }
        throw Errors.ImageChangedMeanwhile(image.Id);
    }

    private static SortedDictionary<string, string> Within(SortedDictionary<string, string> metadata) => metadata.Count <= ServerMetadata.Limit ? metadata : throw Errors.TooMuchImageMetadata();
}
