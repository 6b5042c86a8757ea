using System.Globalization;
using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Image.Imports;
using Nephos.Image.Protection;
using Nephos.Image.Quotas;
using Nephos.Image.Stores;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using SortKey = Nephos.Kernel.Data.SortKey;

namespace Nephos.Image.Tasks;

/// <summary><c>/v2/tasks</c>, for administrators: what imports did, and upstream's oldest way to import.</summary>
internal sealed class TasksApi(ImageDb db, TaskTable tasks, ImageTable images, NewImport start, ImportMethods methods, ImageStores stores, ImageQuotas quotas, PropertyProtection protection, ImageOptions options)
{
    public void Map(RouteGroup v2)
    {
        v2.Get("/tasks", List).Policy("tasks_api_access", Rules.Admin, "See tasks").Fails(400);
        v2.Post("/tasks", Create).Policy("tasks_api_access", Rules.Admin, "See tasks").Body(() => TaskSchemas.New).Returns(201).Fails(409)
            .Also("add_image", Rules.Add, "Create an image").Also(Rules.PublicizeImage, Rules.Admin, "Make an image public").Also(Rules.CommunitizeImage, Rules.Member, "Make an image a community's");
        v2.Delete("/tasks/{task_id}", _ => throw Errors.TasksStay()).Policy("tasks_api_access", Rules.Admin, "See tasks").Returns(204).Fails(405);
        v2.Get("/tasks/{task_id}", Show).Policy("tasks_api_access", Rules.Admin, "See tasks").Fails(404);
    }

    private async Task<Answer> List(Call call)
    {
        var query = call.Query;
        var limit = query["limit"] is not { } text ? 25
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : throw Errors.Invalid("limit param must be an integer");
        if (limit < 0) throw Errors.Invalid("limit param must be positive");
        var descending = (query["sort_dir"] ?? "desc") switch { "desc" => true, "asc" => false, var other => throw Errors.Invalid($"Invalid sort direction: {other}") };
        var list = new ListSql("image_tasks") { Limit = Math.Min(limit, 1000), Marker = query["marker"], MarkerMissing = id => Fault.Invalid(Errors.NoTask(id).Message) };
        list.OrderBy([new SortKey(query["sort_key"] ?? "created_at", descending)], TaskTable.SortColumns, _ => Errors.Invalid("Sort key supplied was not valid."));
        if (query["status"] is { } status) list.Where(status is "pending" or "processing" or "success" or "failure" ? (SqlText)$"status = {status}" : throw Errors.Invalid($"Invalid status value: {status}"));
        if (query["type"] is { } type) list.Where($"type = {type}");
        if (query["owner"] is { } owner) list.Where($"owner = {owner}");
        var page = await tasks.List(list);
        var next = page.Items.Count > 0 && page.Items.Count == list.Limit ? "/v2/tasks" + query.With(("marker", page.Items[^1].Id.ToString())) : null;
        return Answer.Json(("tasks", page.Items.Select(TaskView.Short)), ("first", "/v2/tasks" + query.With(("marker", null))), ("next", next), ("schema", "/v2/schemas/tasks"));
    }

    private async Task<Answer> Create(Call call)
    {
        var input = TaskInput.Read(call.Json);
        var request = input.Request;
        var method = methods.Of(request);
        await method.Check(request, call.Cancel);
        var image = NewImageBody.Read(input.Image, call.Caller.ProjectId, db.Now, options.Counts);
        call.Authorize("add_image", image.Target);
        ImagesApi.AuthorizeVisibility(call, image.Row.Visibility, image.Target);
        protection.RequireNew(call, image);
        await quotas.Require(image.Row.Owner, new Dictionary<string, long> { [ImageQuotas.Size] = 0, [ImageQuotas.Staged] = 0, [ImageQuotas.Count] = 1, [ImageQuotas.Uploading] = 1 }, call.Cancel);
        try
        {
            var task = await db.InTransaction(async () =>
            {
                await images.Insert(image);
                return await start.Begin(call, "import", call.Json.GetProperty("input"), image.Id, request, method, [stores.Default.Id]);
            });
            return Answer.JsonValue(TaskView.Full(task)).With("Location", $"/v2/tasks/{task.Id}");
        }
        catch (DuplicateKey) { throw Errors.IdTaken(image.Id); }
    }

    private async Task<Answer> Show(Call call) => Guid.TryParseExact(call["task_id"], "D", out var id) && await tasks.Find(id) is { } row
        ? Answer.JsonValue(TaskView.Full(row)) : throw Errors.NoTask(call["task_id"]);
}
