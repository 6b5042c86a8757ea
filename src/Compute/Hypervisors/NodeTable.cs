using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;

namespace Nephos.Compute.Hypervisors;

/// <summary>A node: hypervisor, compute service and resource provider are the same thing with the same id (rule 35).</summary>
internal sealed record NodeRow(Guid Id, long Number, Guid ServiceId, string Host, string Address, string Release, [property: Json][Json] HypervisorFacts Facts,
    bool Disabled, string? DisabledReason, bool ForcedDown, DateTimeOffset SeenAt, DateTimeOffset CreatedAt, DateTimeOffset? UpdatedAt)
{
    /// <summary>nova's <c>service_down_time</c>.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public bool IsUp(DateTimeOffset now) => !ForcedDown && now - SeenAt < Patience;

    /// <summary>The <c>host_status</c> of its servers.</summary>
    public string HostStatus(DateTimeOffset now) => ForcedDown ? "DOWN" : !IsUp(now) ? "UNKNOWN" : Disabled ? "MAINTENANCE" : "UP";
}

/// <summary>Where the SQL of nodes lives.</summary>
internal sealed class NodeTable(ComputeDb db)
{
    public Task<List<NodeRow>> All() => db.Query<NodeRow>($"SELECT * FROM compute_nodes WHERE deleted_at IS NULL ORDER BY number");
    public Task<NodeRow?> Find(Guid id) => db.One<NodeRow>($"SELECT * FROM compute_nodes WHERE id = {id} AND deleted_at IS NULL");
    public Task<List<NodeRow>> Of(IReadOnlyList<Guid> ids) => db.Query<NodeRow>($"SELECT * FROM compute_nodes WHERE id IN {ids} AND deleted_at IS NULL");

    public Task Join(NodeHello hello) => db.InTransaction(async () =>
    {
        var changed = await db.Changed($"""
            UPDATE compute_nodes SET host = {hello.Host}, address = {hello.Address}, release = {hello.Release}, facts = {Sql.Json(hello.Hypervisor)},
                seen_at = {db.Now}, updated_at = {db.Now}, deleted_at = NULL WHERE id = {hello.Node}
            """);
        if (changed) return;
        var number = await db.Counters.Next("node");
        await db.Execute($"""
            INSERT INTO compute_nodes (id, number, service_id, host, address, release, facts, disabled, forced_down, seen_at, created_at)
            VALUES ({hello.Node}, {number}, {Contracts.NewId.Uuid()}, {hello.Host}, {hello.Address}, {hello.Release}, {Sql.Json(hello.Hypervisor)}, {false}, {false}, {db.Now}, {db.Now})
            """);
    });

    public Task Seen(Guid id) => db.Execute($"UPDATE compute_nodes SET seen_at = {db.Now} WHERE id = {id}");

    public Task Enable(Guid id, bool enabled, string? reason) =>
        db.Execute($"UPDATE compute_nodes SET disabled = {!enabled}, disabled_reason = {(enabled ? null : reason)}, updated_at = {db.Now} WHERE id = {id}");
    public Task ForceDown(Guid id, bool down) => db.Execute($"UPDATE compute_nodes SET forced_down = {down}, updated_at = {db.Now} WHERE id = {id}");
    public Task Delete(Guid id) => db.Execute($"UPDATE compute_nodes SET deleted_at = {db.Now} WHERE id = {id}");
}
