using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Image.Tasks;

/// <summary>What an import did.</summary>
internal sealed record TaskRow(
    Guid Id, Guid? ImageId, string Type, string Status, string? Owner, string? UserId, string? RequestId, JsonElement Input, JsonElement? Result, string Message,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? ExpiresAt)
{
    /// <summary>How long one is kept: upstream's <c>task_time_to_live</c>.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromHours(48);

    /// <summary>A new one, of who asks.</summary>
    public static TaskRow Begun(Call call, Guid image, string type, JsonElement input, DateTimeOffset now) =>
        new(NewId.Uuid(), image, type, "processing", call.Caller.ProjectId, call.Caller.UserId, call.RequestId, input, null, "", now, now, now + Keep);
}

internal sealed class TaskTable(ImageDb db)
{
    public static readonly Dictionary<string, string> SortColumns =
        ((string[])["id", "type", "status", "owner", "created_at", "updated_at", "expires_at"]).ToDictionary(k => k, StringComparer.Ordinal);

    public Task Insert(TaskRow t) => db.Execute($"""
        INSERT INTO image_tasks (id, image_id, type, status, owner, user_id, request_id, input, result, message, created_at, updated_at, expires_at)
        VALUES ({t.Id}, {t.ImageId}, {t.Type}, {t.Status}, {t.Owner}, {t.UserId}, {t.RequestId}, {t.Input}, {t.Result}, {t.Message}, {t.CreatedAt}, {t.UpdatedAt}, {t.ExpiresAt})
        """);

    public TimeProvider Time => db.Database.Time;

    /// <summary>What a task that runs has done so far.</summary>
    public Task Tell(Guid id, string message) => db.Execute($"UPDATE image_tasks SET message = {message}, updated_at = {db.Now} WHERE id = {id} AND status = 'processing'");

    /// <summary>Its end; a message of null leaves the last one.</summary>
    public Task End(Guid id, string status, string? message) => db.Execute($$"""
        UPDATE image_tasks SET status = {{status}}, message = COALESCE({{message}}, message), result = CASE WHEN {{status}} = 'success' THEN '{"image_id": "' || image_id || '"}' END,
            updated_at = {{db.Now}}, expires_at = {{db.Now + TaskRow.Keep}}
        WHERE id = {{id}} AND status = 'processing'
        """);

    public Task<TaskRow?> Find(Guid id) => db.One<TaskRow>($"SELECT * FROM image_tasks WHERE id = {id} AND expires_at > {db.Now}");

    public Task<List<TaskRow>> Of(Guid image) => db.Query<TaskRow>($"SELECT * FROM image_tasks WHERE image_id = {image} AND expires_at > {db.Now} ORDER BY created_at DESC, id");

    public Task<Page<TaskRow>> List(ListSql list) => db.Page<TaskRow>(list.Scope($"expires_at > {db.Now}"));

    public Task Purge() => db.Execute($"DELETE FROM image_tasks WHERE expires_at <= {db.Now}");
}
