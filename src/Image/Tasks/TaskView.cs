using System.Text.Json;
using Nephos.Kernel.Api.Views;

namespace Nephos.Image.Tasks;

/// <summary>A task in an answer; lists leave out input, result and message.</summary>
internal sealed record TaskView(
    Guid Id, string Type, string Status, string? Owner, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string Self,
    [property: OmitNull] DateTimeOffset? ExpiresAt, string Schema = "/v2/schemas/task")
{
    public static TaskView Short(TaskRow t) => new(t.Id, t.Type, t.Status, t.Owner, t.CreatedAt, t.UpdatedAt, $"/v2/tasks/{t.Id}", t.ExpiresAt);

    public static FullTaskView Full(TaskRow t) =>
        new(t.Id, t.Type, t.Status, t.Owner, t.CreatedAt, t.UpdatedAt, $"/v2/tasks/{t.Id}", t.ExpiresAt, t.Input, t.Result, t.Message, t.ImageId, t.RequestId, t.UserId);
}

internal sealed record FullTaskView(
    Guid Id, string Type, string Status, string? Owner, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string Self, [property: OmitNull] DateTimeOffset? ExpiresAt,
    JsonElement Input, JsonElement? Result, string Message, [property: OmitNull] Guid? ImageId, [property: OmitNull] string? RequestId, [property: OmitNull] string? UserId,
    string Schema = "/v2/schemas/task");
