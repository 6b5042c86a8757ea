using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Quotas;
using Nephos.Image.Stores;
using Nephos.Image.Tasks;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Imports;

/// <summary><c>POST /v2/images/{id}/import</c>, and what there is to know about imports.</summary>
internal sealed class ImportApi(ImageTable images, NewImport start, TaskTable tasks, ImportMethods methods, ImageQuotas quotas, ImageStores stores)
{
    private static readonly SchemaHistory Anything = SchemaHistory.Of(Schema.Any);

    public void Map(RouteGroup v2)
    {
        var one = v2.Member("/images/{image_id}", ImagesApi.Visible(images));
        one.Post("/import", Import).Policy(Rules.GetImage, Rules.See, "Show an image").Also(Rules.ModifyImage, Rules.Member, "Import data into an image")
            .Also(Rules.CopyImage, Rules.Admin, "Copy an image's data to another store").Body(() => Anything).Returns(202).Fails(409);
        one.Get("/tasks", Tasks).Policy(Rules.GetImage, Rules.See, "List an image's tasks");

        v2.Get("/info/import", _ => Task.FromResult(Answer.JsonValue(Info()))).Policy("default", Rule.Anyone, "Show the ways to import");
    }

    private JsonObject Info() => new()
    {
        ["import-methods"] = new JsonObject { ["description"] = "Import methods available.", ["type"] = "array", ["value"] = new JsonArray([.. methods.Names.Select(m => (JsonNode)m)]) },
    };

    private async Task<Answer> Import(Call call, StoredImage image)
    {
        var request = ImportRequest.Read(call.Json, methods.Names);
        var (method, row) = (methods.Of(request), image.Row);
        var copy = method is CopyImage;
        if (row.Status == "active" && !copy) throw Errors.Import("Image with status active cannot be target for import");
        if (row.Status != method.From) throw row.ImportTask is null ? method.WrongStatus() : Errors.ImportRuns();
        if (row.ContainerFormat is null) throw Errors.Import("'container_format' needs to be set before import");
        if (row.DiskFormat is null) throw Errors.Import("'disk_format' needs to be set before import");
        call.Authorize(copy ? Rules.CopyImage : Rules.ModifyImage, image.Target);
        if (row.ImportTask is not null) throw Errors.ImportRuns();
        var targets = Targets(call, request, image, copy);
        await quotas.Require(row.Owner, Asked(method, row), call.Cancel);
        await method.Check(request, call.Cancel);
        if (targets.Count > 0)
            await start.Begin(call, "api_image_import", JsonSerializer.SerializeToElement(new { image_id = image.Id, import_req = call.Json, backend = targets }), image.Id, request, method, targets);
        return Answer.Empty;
    }

    // What is staged is counted as such already; everything else is staged on its way.
    private static Dictionary<string, long> Asked(ImportMethod method, ImageRow row) => method is GlanceDirect
        ? new() { [ImageQuotas.Size] = ImageQuotas.Mebibytes(row.Size ?? 0) }
        : new() { [ImageQuotas.Size] = 0, [ImageQuotas.Staged] = ImageQuotas.Mebibytes(row.Size ?? 0), [ImageQuotas.Uploading] = 1 };

    private IReadOnlyList<string> Targets(Call call, ImportRequest request, StoredImage image, bool copy)
    {
        var header = call.Header(ImageDataApi.StoreHeader);
        if (request.AllStores && (request.Stores is not null || header is not null))
            throw Errors.BadImport("All_stores parameter can't be used with x-image-meta-store header or stores parameter");
        if (request.Stores is not null && header is not null) throw Errors.BadImport("Stores parameter and x-image-meta-store header can't be both specified");
        IReadOnlyList<string> targets = request.AllStores ? [.. stores.Writable.Select(s => s.Id)] : request.Stores ?? [header ?? stores.Default.Id];
        foreach (var id in targets) if (stores.Find(id) is null) throw Errors.Import(Errors.UnknownStore(id).Message);
        if (!copy) return targets;
        var there = image.Locations.Select(l => l.Store).ToHashSet(StringComparer.Ordinal);
        if (request.AllStores) return [.. targets.Where(id => !there.Contains(id))];
        return targets.FirstOrDefault(there.Contains) is { } present ? throw Errors.BadImport($"Image is already present at store '{present}'") : targets;
    }

    private async Task<Answer> Tasks(Call call, StoredImage image) => Answer.Json(("tasks", (await tasks.Of(image.Id)).Select(TaskView.Full)));
}
