using System.Text.Json;
using Nephos.Contracts;
using Nephos.Image.Imports;
using Nephos.Image.Protection;
using Nephos.Image.Quotas;
using Nephos.Image.Stores;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Images;

/// <summary><c>/v2/images</c>: create, list, show, update, delete, deactivate and reactivate.</summary>
internal sealed class ImagesApi(ImageDb db, ImageTable images, ImageStores stores, LocationChanges locations, ImportMethods methods, ImageQuotas quotas, PropertyProtection protection, ImageOptions options, TimeProvider time)
{
    public void Map(RouteGroup v2)
    {
        v2.Get("/images", List).Policy("get_images", Rules.Reader, "List images").Fails(400)
            .Also(Rules.GetImageLocation, Rules.Reader, "See where an image's data is");
        v2.Post("/images", Create).Target(NewTarget).Policy("add_image", Rules.Add, "Create an image").Body(() => ImageSchemas.Create).Returns(201).Fails(409)
            .Also(Rules.PublicizeImage, Rules.Admin, "Make an image public").Also(Rules.CommunitizeImage, Rules.Member, "Make an image a community's");

        var one = v2.Member("/images/{image_id}", Visible(images));
        one.Get("", (call, image) => Task.FromResult(Answer.JsonValue(View(call, image)))).Policy(Rules.GetImage, Rules.See, "Show an image")
            .Also(Rules.GetImageLocation, Rules.Reader, "See where an image's data is");
        one.Patch("", Update).Policy(Rules.ModifyImage, Rules.Member, "Change an image").Body(() => Patch).Fails(409, 415)
            .Also(Rules.SetImageLocation, Rules.Member, "Say where an image's data is").Also(Rules.DeleteImageLocation, Rules.Admin, "Delete an image's data from a store").Also(Rules.GetImageLocation, Rules.Reader, "See where an image's data is")
            .Also(Rules.PublicizeImage, Rules.Admin, "Make an image public").Also(Rules.CommunitizeImage, Rules.Member, "Make an image a community's");
        one.Post("/actions/deactivate", (call, image) => Switch(call, image, "deactivate", "active", "deactivated")).Policy("deactivate", Rules.Member, "Deactivate an image").Audited("update/deactivate", "service/storage/image/images").Returns(204);
        one.Post("/actions/reactivate", (call, image) => Switch(call, image, "reactivate", "deactivated", "active")).Policy("reactivate", Rules.Member, "Reactivate an image").Audited("update/reactivate", "service/storage/image/images").Returns(204);

        v2.Member("/images/{image_id}", Visible(images, Errors.NoImageToDelete)).Delete("", async (_, image) => { await Delete(image); return Answer.Empty; }).Policy(Rules.DeleteImage, Rules.Member, "Delete an image");
    }

    /// <summary>Loads an image that the caller may know of.</summary>
    public static MemberOf<StoredImage> Visible(ImageTable images, Func<string, Fault>? missing = null) => new(
        call => images.FindVisible(call["image_id"], call.Caller.ProjectId, IsAdmin(call)),
        call => (missing ?? Errors.NoImage)(call["image_id"]),
        image => image.Target,
        Rules.GetImage);

    public static bool IsAdmin(Call call) => call.Can(Rules.IsAdmin, PolicyTarget.None);

    private static SchemaHistory Patch { get; } = SchemaHistory.Of(Schema.Any);

    private async Task<Answer> List(Call call)
    {
        var list = ImageList.Of(call.Query, call.Caller.ProjectId, IsAdmin(call));
        var page = await db.Page<ImageRow>(list);
        var found = await images.Complete(page.Items);
        // A full page gets a link to the next even if that is empty: upstream does not look ahead, and clients stop at an empty page.
        var next = found.Count > 0 && found.Count == list.Limit ? "/v2/images" + call.Query.With(("marker", found[^1].Id.ToString())) : null;
        return Answer.Json(("images", found.Select(image => View(call, image))), ("first", "/v2/images" + call.Query.With(("marker", null))), ("next", next), ("schema", "/v2/schemas/images"));
    }

    private ImageView View(Call call, StoredImage image)
    {
        var readable = protection.Readable(call, image);
        if (!options.ShowLocations && !options.ShowDirectUrl) return new ImageView(readable);
        var shown = call.Can(Rules.GetImageLocation, image.Target) ? locations.Shown(image) : [];
        return new ImageView(readable, options.ShowLocations ? shown : null, options.ShowDirectUrl && shown is [var first, ..] ? first.Url : null);
    }

    private static PolicyTarget NewTarget(Call call)
    {
        var owner = call.Json.TryGetProperty("owner", out var named) ? named.GetString() : call.Caller.ProjectId;
        return new PolicyTarget { ["project_id"] = owner, ["owner"] = owner, ["visibility"] = call.Json.TryGetProperty("visibility", out var v) ? v.GetString() : "private" };
    }

    private async Task<Answer> Create(Call call)
    {
        var image = NewImageBody.Read(call.Json, call.Caller.ProjectId, time.GetUtcNow(), options.Counts);
        AuthorizeVisibility(call, image.Row.Visibility, NewTarget(call));
        protection.RequireNew(call, image);
        await quotas.Require(image.Row.Owner, ImageQuotas.Count, 1, call.Cancel);
        try { await images.Insert(image); }
        catch (DuplicateKey) { throw Errors.IdTaken(image.Id); }
        return Answer.JsonValue(View(call, image)).With("Location", $"{call.ServiceUrl}/v2/images/{image.Id}")
            .With("OpenStack-image-import-methods", string.Join(',', methods.Names)).With("OpenStack-image-store-ids", string.Join(',', stores.All.Select(s => s.Id)));
    }

    private async Task<Answer> Update(Call call, StoredImage image)
    {
        if (call.BodyType is not (ImagePatch.Draft4 or ImagePatch.Draft10))
            throw new Fault(FaultKind.UnsupportedMediaType, "HTTPUnsupportedMediaType", "The server could not comply with the request since it is either malformed or otherwise incorrect.");
        var changes = ImagePatch.Parse(call.Json, call.BodyType);
        foreach (var change in changes)
        {
            if (change.Path[0] == "locations") locations.Authorize(call, image, change);
            if (change.Path[0] == "owner" && !IsAdmin(call)) throw Errors.OwnerIsAdmins();
            if (change.Path[0] == "visibility" && change.Verb != PatchVerb.Remove) AuthorizeVisibility(call, change.Value.GetString()!, image.Target);
        }
        if (changes.Count == 0) return Answer.JsonValue(View(call, image));
        for (var attempt = 0; attempt < 10; attempt++)
        {
            protection.Require(call, image, changes);
            var after = await Changed(image, changes, call.Cancel);
            if (await images.Save(image, after))
            {
                // The row first: data that stays behind after a crash is found again by the loop.
                foreach (var gone in image.Locations.ExceptBy(after.Locations.Select(l => l.Store), l => l.Store))
                    if (stores.Find(gone.Store) is { } store) await store.Store.Remove(image.Id, call.Cancel);
                return Answer.JsonValue(View(call, await images.Find(image.Id) ?? throw Errors.NoImage(call["image_id"])));
            }
            image = await images.Find(image.Id) ?? throw Errors.NoImage(call["image_id"]);
        }
        throw Errors.ChangedMeanwhile(image.Id);
    }

    private async Task<StoredImage> Changed(StoredImage image, IReadOnlyList<PatchChange> changes, CancellationToken ct)
    {
        if (changes.All(c => c.Path[0] != "locations")) return ImageUpdate.Apply(image, changes, options.Counts);
        foreach (var change in changes) image = change.Path[0] == "locations" ? await locations.Apply(image, change, ct) : ImageUpdate.Apply(image, [change], options.Counts);
        return image;
    }

    /// <summary>Deletes an image and its data.</summary>
    public async Task Delete(StoredImage image)
    {
        if (image.Row.Protected) throw Errors.Protected(image.Id);
        if (!await images.Delete(image.Id))
            throw await images.Find(image.Id) is null ? Errors.NoImageToDelete(image.Id.ToString()) : Errors.Protected(image.Id);
    }

    private async Task<Answer> Switch(Call call, StoredImage image, string verb, string from, string to)
    {
        if (image.Row.Status == from) await images.Move(image.Id, from, to, "image." + verb);
        else if (image.Row.Status != to) throw Errors.NotWhile(verb, image.Row.Status);
        return Answer.Empty;
    }

    public static void AuthorizeVisibility(Call call, string visibility, PolicyTarget target)
    {
        if (visibility == "public") call.Authorize(Rules.PublicizeImage, target);
        if (visibility == "community") call.Authorize(Rules.CommunitizeImage, target);
    }
}
