using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Compute.InstanceActions;

internal sealed record InstanceAction(long Id, Guid ServerId, string Action, string RequestId, string? ProjectId, string? UserId, DateTimeOffset StartedAt, DateTimeOffset UpdatedAt, string? Message);

/// <summary>Where the SQL of instance actions lives. They outlive their servers (rule 34).</summary>
internal sealed class ActionTable(ComputeDb db)
{
    /// <summary>Writes down that somebody began something, in the transaction that begins it.</summary>
    public async Task Start(Guid server, string action, Call call) => await db.Execute($"""
        INSERT INTO compute_instance_actions (id, server_id, action, request_id, project_id, user_id, started_at, updated_at)
        VALUES ({await db.Counters.Next("action")}, {server}, {action}, {call.RequestId}, {call.Caller.ProjectId}, {call.Caller.UserId}, {db.Now}, {db.Now})
        """);

    /// <summary>Writes down how it ended; "Error" is nova's message for any failure.</summary>
    public Task End(Guid server, string request, bool failed = false) => db.Execute($"""
        UPDATE compute_instance_actions SET updated_at = {db.Now}, message = {(failed ? "Error" : null)} WHERE server_id = {server} AND request_id = {request}
        """);

    public Task<Page<InstanceAction>> List(ListSql list) => db.Page<InstanceAction>(list);

    public Task<InstanceAction?> Find(Guid server, string request) =>
        db.One<InstanceAction>($"SELECT * FROM compute_instance_actions WHERE server_id = {server} AND request_id = {request} ORDER BY id DESC LIMIT 1");
}
