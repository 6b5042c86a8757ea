using System.Text.Json;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;

namespace Nephos.Kernel.Convergence;

/// <summary>An event to be logged. User, project and request come from the request under way unless given.</summary>
/// <param name="Type">Upstream's notification type: <c>compute.instance.create.end</c>.</param>
/// <param name="Resource">What it is about, as operations name it: <c>server/&lt;id&gt;</c>.</param>
/// <param name="Payload">A record of plain data without secrets, or null.</param>
public sealed record NewEvent(string Type, string Resource, object? Payload = null)
{
    /// <summary>Project the resource belongs to.</summary>
    public string? ProjectId { get; init; }
    /// <summary>Who did it.</summary>
    public string? UserId { get; init; }
}

/// <summary>An event that happened.</summary>
/// <param name="Number">Without holes; later events have higher ones.</param>
/// <param name="Type">Upstream's notification type.</param>
/// <param name="ProjectId">Project of the resource.</param>
/// <param name="UserId">Who did it.</param>
/// <param name="Resource">What it is about.</param>
/// <param name="Payload">JSON.</param>
/// <param name="RequestId">The request behind it.</param>
/// <param name="At">When.</param>
public sealed record EventRow(long Number, string Type, string? ProjectId, string? UserId, string Resource, JsonElement Payload, string? RequestId, DateTimeOffset At);

/// <summary>
/// What happened in a service, as numbered rows written in the transaction of the change and read by number: nothing is published from
/// memory, so nothing can be lost between.
/// </summary>
public class EventLog(Db db)
{
    private readonly SqlText events = db.Table("events");

    /// <summary>Logs an event, as the last thing in the transaction of the change. Its number.</summary>
    public async Task<long> Append(NewEvent what)
    {
        db.RequireTransaction();
        var request = RequestScope.Current;
        var payload = what.Payload is null ? "{}" : StoredJson.Write(what.Payload);
        var number = await db.Counters.Next("events");
        await db.Execute($"""
            INSERT INTO {events} (number, type, project_id, user_id, resource, payload, request_id, at)
            VALUES ({number}, {what.Type}, {what.ProjectId ?? request?.ProjectId}, {what.UserId ?? request?.UserId}, {what.Resource}, {payload}, {request?.RequestId}, {db.Now})
            """);
        return number;
    }

    /// <summary>Events after a number, in order.</summary>
    public Task<List<EventRow>> Read(long after, int limit = 500) =>
        db.Query<EventRow>($"SELECT * FROM {events} WHERE number > {after} ORDER BY number LIMIT {limit}");

    /// <summary>Events of a resource, in order.</summary>
    public Task<List<EventRow>> Of(string resource) => db.Query<EventRow>($"SELECT * FROM {events} WHERE resource = {resource} ORDER BY number");

    /// <summary>Forgets old ones. How many.</summary>
    public Task<int> Purge(DateTimeOffset before) => db.Execute($"DELETE FROM {events} WHERE at < {before}");
}

/// <summary>The events of the service that owns <typeparamref name="TDb"/>.</summary>
public sealed class EventLog<TDb>(TDb db) : EventLog(db) where TDb : Db;
