using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Stores;

/// <summary>The stores: there is one.</summary>
internal sealed class StoresApi(ImageTable images, ImageData data)
{
    private sealed record StoreView(string Id, string Default = "true");
    private sealed record StoreDetail(string Id, string Type, IReadOnlyDictionary<string, string> Properties, string Default = "true");

    public void Map(RouteGroup v2)
    {
        v2.Get("/info/stores", _ => Task.FromResult(Answer.Json(("stores", new[] { new StoreView(data.StoreName) })))).Policy("default", Rule.Anyone, "List stores");
        v2.Get("/info/stores/detail", _ => Task.FromResult(Answer.Json(("stores", new[] { new StoreDetail(data.StoreName, "file", new Dictionary<string, string>()) }))))
            .Policy("stores_info_detail", Rules.Admin, "List stores with their settings");
        v2.Member("/stores/{store_id}/{image_id}", ImagesApi.Visible(images, Errors.StoreImage))
            .Delete("", Remove).Policy("delete_image_location", Rules.Admin, "Delete an image's data from a store").Fails(409);
    }

    // With one store, the last place of an image's data is always the one asked about.
    private Task<Answer> Remove(Call call, StoredImage image) => throw (call["store_id"] != data.StoreName ? Errors.StoreNotHere(call["store_id"])
        : image.Row.Status != "active" ? Errors.NotActiveInStore() : Errors.OnlyStore());
}
