using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Contracts;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Tasks;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Imports;

/// <summary><c>POST /v2/images/{id}/import</c>: staged data becomes the image's. All was looked at while it was staged, so it is done at once.</summary>
internal sealed class ImportApi(ImageTable images, ImageData data, TaskTable tasks, TimeProvider time)
{
    private static readonly SchemaHistory Anything = SchemaHistory.Of(Schema.Any);

    public void Map(RouteGroup v2)
    {
        var one = v2.Member("/images/{image_id}", ImagesApi.Visible(images));
        one.Post("/import", Import).Policy(Rules.ModifyImage, Rules.Member, "Import an image").Body(() => Anything).Returns(202).Fails(409);
        one.Get("/tasks", Tasks).Policy(Rules.GetImage, Rules.See, "List an image's tasks");

        v2.Get("/info/import", _ => Task.FromResult(Answer.JsonValue(Info()))).Policy("default", Rule.Anyone, "Show the ways to import");
    }

    private static JsonObject Info() => new()
    {
        ["import-methods"] = new JsonObject { ["description"] = "Import methods available.", ["type"] = "array", ["value"] = new JsonArray([.. ImportMethods.All.Select(m => (JsonNode)m)]) },
    };

    private async Task<Answer> Import(Call call, StoredImage image)
    {
        var body = call.Json;
        Check(body, data.StoreName);
        var row = image.Row;
        if (row.Status == "active") throw Errors.Import("Image with status active cannot be target for import");
        if (row.Status != "uploading") throw Errors.Import("Image needs to be staged before 'glance-direct' method can be used");
        if (row.ContainerFormat is null) throw Errors.Import("'container_format' needs to be set before import");
        if (row.DiskFormat is null) throw Errors.Import("'disk_format' needs to be set before import");
        if (row.Staged is null) throw Errors.Import($"New operation on image '{image.Id}' is not permitted as prior operation is still in progress");
        var now = time.GetUtcNow();
        var task = new TaskRow(NewId.Uuid(), image.Id, "api_image_import", "success", call.Caller.ProjectId, call.Caller.UserId, call.RequestId,
            JsonSerializer.SerializeToElement(new { image_id = image.Id, import_req = body, backend = new[] { data.StoreName } }),
            JsonSerializer.SerializeToElement(new { image_id = image.Id }), "", now, now, now + TaskRow.Keep);
        await data.Import(image, () => tasks.Insert(task));
        return Answer.Empty;
    }

    private static void Check(JsonElement body, string store)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("method", out var method)) throw Errors.BadImport("Import request requires a 'method' field.");
        if (method.ValueKind != JsonValueKind.Object || !method.TryGetProperty("name", out var name)) throw Errors.BadImport("Import request requires a 'name' field.");
        if (name.ValueKind != JsonValueKind.String || !ImportMethods.All.Contains(name.GetString())) throw Errors.BadImport($"Unknown import method name '{PythonRepr.Str(name)}'.");
        foreach (var flag in (string[])["all_stores_must_succeed", "all_stores"])
            if (body.TryGetProperty(flag, out var value) && value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                throw Errors.BadImport($"'{flag}' must be boolean value only");
        if (!body.TryGetProperty("stores", out var stores)) return;
        if (stores.ValueKind != JsonValueKind.Array) throw Errors.BadImport("'stores' must be a list of store identifiers");
        foreach (var one in stores.EnumerateArray())
            if (one.ValueKind != JsonValueKind.String || one.GetString() != store) throw Errors.Import($"Store for identifier {PythonRepr.Str(one)} not found");
    }

    private async Task<Answer> Tasks(Call call, StoredImage image) => Answer.Json(("tasks", (await tasks.Of(image.Id)).Select(TaskView.Full)));
}
