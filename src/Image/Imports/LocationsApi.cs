using System.Text.Json;
using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Image.Quotas;
using Nephos.Image.Stores;
using Nephos.Image.Tasks;
using Nephos.Image.Web;
using Nephos.Kernel.Api;
using Nephos.Kernel.Operations;

namespace Nephos.Image.Imports;

/// <summary><c>/v2/images/{id}/locations</c>: where a new image's data is, said once; and where it is, for services.</summary>
internal sealed class LocationsApi(
    ImageDb db, ImageTable images, LocationImportTable imports, TaskTable tasks, LocationChanges locations, ImageStores stores, WebReader web, ImageQuotas quotas, ImageOptions options,
    Operations<ImageDb> operations)
{
    public void Map(RouteGroup v2)
    {
        var all = v2.Member("/images/{image_id}/locations", ImagesApi.Visible(images));
        all.Get("", (_, image) => Task.FromResult(Answer.JsonValue(locations.Shown(image)))).Policy("fetch_image_location", Rules.Service, "List where an image's data is");
        all.Post("", Add).Policy("add_image_location", Rules.ServiceOrOwner, "Say where a new image's data is").Body(() => LocationSchemas.New).Returns(202).Fails(409);
    }

    private async Task<Answer> Add(Call call, StoredImage image)
    {
        if (image.Row.Status != "queued") throw Errors.LocationsWhile("add", image.Row.Status);
        var url = call.Json.GetProperty("url").GetString()!;
        if ((stores.Http is null || !ImageStores.IsOfWeb(url)) && !call.Caller.Roles.Contains("service")) throw Errors.LocationOfServices();
        var store = stores.ForUrl(image, url);
        var said = Said(call.Json);
        image.Row.RequireFormats();
        options.Counts.CheckLocations(1);
        await quotas.RequireSpace(image.Row.Owner, call.Cancel);
        try { await web.Check(url, call.Cancel); }
        catch (Fault e) { throw Errors.BadLocation(e.Message); }
        await Begin(call, image.Id, new NewPlace(store.Id, url, said?.Algorithm ?? options.HashAlgorithm, said?.Hash, options.HashLocations));
        return Answer.Empty;
    }

    private async Task Begin(Call call, Guid image, NewPlace place)
    {
        // Who sees the image sees its tasks.
        var input = JsonSerializer.SerializeToElement(new
        {
            image_id = image, loc_url = WebReader.Shown(place.Url),
            validation_data = call.Json.TryGetProperty("validation_data", out var said) ? said : JsonSerializer.SerializeToElement(new { }),
        });
        var task = TaskRow.Begun(call, image, "location_import", input, db.Now);
        try
        {
            await db.InTransaction(async () =>
            {
                if (!await imports.Begin(image, task.Id)) throw Errors.ImportRuns(image);
                await tasks.Insert(task);
                await operations.Start(ImportImage.Resource(image), new ImportLocation.State(image, task.Id, place));
            });
        }
        catch (DuplicateOperation) { throw Errors.ImportRuns(image); }
    }

    /// <summary>What clients say of the data's hash; some send an empty object for nothing.</summary>
    private static (string Algorithm, string Hash)? Said(JsonElement body)
    {
        if (!body.TryGetProperty("validation_data", out var data) || !data.EnumerateObject().Any()) return null;
        var (algorithm, hash) = (Text("os_hash_algo"), Text("os_hash_value"));
        if (SaidDigest.Flaw("os_hash_value", hash, algorithm) is { } flaw) throw Errors.Invalid(flaw);
        return (algorithm, hash.ToLowerInvariant());

        string Text(string name) => data.TryGetProperty(name, out var value) ? value.GetString()!
            : throw Errors.BadSchema("location", $"validation_data needs '{name}': os_hash_algo and os_hash_value are said together, or neither");
    }
}
