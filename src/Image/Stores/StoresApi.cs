using System.Text.Json.Serialization;
using Nephos.Contracts.Drivers;
using Nephos.Image.Images;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Stores;

/// <summary><c>/v2/info/stores</c>, and taking an image's data out of one of its stores.</summary>
internal sealed class StoresApi(ImageTable images, LocationTable locations, ImageStores stores)
{
    private sealed record StoreView(string Id, [property: OmitNull] string? Description, [property: OmitNull] string? Default, [property: OmitNull, JsonPropertyName("read-only")] string? ReadOnly);
    private sealed record StoreDetail(string Id, [property: OmitNull] string? Description, [property: OmitNull] string? Default, [property: OmitNull, JsonPropertyName("read-only")] string? ReadOnly, string Type, IReadOnlyDictionary<string, string> Properties);

    public void Map(RouteGroup v2)
    {
        v2.Get("/info/stores", _ => Task.FromResult(Answer.Json(("stores", stores.All.Select(s => new StoreView(s.Id, s.Description, IsDefault(s), IsReadOnly(s))))))).Policy("default", Rule.Anyone, "List stores");
        v2.Get("/info/stores/detail", _ => Task.FromResult(Answer.Json(("stores", stores.All.Select(Detail))))).Policy("stores_info_detail", "rule:context_is_admin or role:service", "List stores with their settings");
        v2.Member("/stores/{store_id}/{image_id}", ImagesApi.Visible(images, Errors.StoreImage))
            .Delete("", Remove).Policy(Rules.DeleteImageLocation, Rules.Admin, "Delete an image's data from a store").Fails(409);
    }

    private StoreDetail Detail(NamedStore s) => new(s.Id, s.Description, IsDefault(s), IsReadOnly(s), s.Store.Type, s.Store.Properties);

    private static string? IsReadOnly(NamedStore s) => s.Store.IsWritable ? null : "true";

    private string? IsDefault(NamedStore s) => s == stores.Default ? "true" : null;

    private async Task<Answer> Remove(Call call, StoredImage image)
    {
        var store = stores.Find(call["store_id"]) ?? throw Errors.StoreNotHere(call["store_id"]);
        if (image.Row.Status != "active") throw Errors.NotActiveInStore();
        if (image.Locations.Count <= 1) throw Errors.OnlyStore();
        if (image.Locations.All(l => l.Store != store.Id)) throw Errors.NotInStore(image.Id, store.Id);
        // The row first: data that stays behind after a crash is found again by the loop.
        if (!await locations.RemoveOne(image.Id, store.Id)) throw Errors.OnlyStore();
        await store.Store.Remove(image.Id, call.Cancel);
        return Answer.Empty;
    }
}
