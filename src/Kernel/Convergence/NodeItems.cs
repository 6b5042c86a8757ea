using System.Text.Json;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;
using Nephos.Kernel.Operations;

namespace Nephos.Kernel.Convergence;

/// <summary>
/// What a service wants of nodes: one row per thing and node. Writing a row is the whole order; the node asks for it, and says what it
/// made of it. Absence is never an order: to remove something its row becomes a tombstone, which stays until the node confirmed it.
/// </summary>
public class NodeItems(Db db, IEnumerable<INodeItemWatcher> watchers, OperationsOptions options)
{
    private const string Revision = "node_items";
    private const int MaxChanges = 500;
    private static readonly TimeSpan KeepTombstone = TimeSpan.FromDays(1);

    private readonly SqlText items = db.Table("node_items");
    private readonly INodeItemWatcher[] watchers = [.. watchers.Where(w => w.Service == db.Service)];
    private readonly ChangeSignal changed = new(db);
    private readonly CrashHook crash = new(options.AllowCrash);

    /// <summary>The service; names its number in <see cref="INodeLink.Watch"/>.</summary>
    public string Name => db.Service;

    /// <summary>Says what should be true of a thing on a node. The same spec again changes nothing. The generation to wait for.</summary>
    public Task<long> Want<TSpec>(Guid node, string kind, Guid id, TSpec spec) where TSpec : class =>
        Write(node, kind, id, StoredJson.Write(spec), wanted: true);

    /// <summary>Makes the row a tombstone. Without a row (the node never heard of it) nothing is written and 0 returned.</summary>
    public Task<long> Unwant(Guid node, string kind, Guid id) => Write(node, kind, id, null, wanted: false);

    /// <summary>The row of a thing on a node, tombstones included.</summary>
    public Task<NodeItemRow?> Find(Guid node, string kind, Guid id) =>
        db.One<NodeItemRow>($"SELECT * FROM {items} WHERE node = {node} AND kind = {kind} AND id = {id}");

    /// <summary>The rows of a thing on every node.</summary>
    public Task<List<NodeItemRow>> ById(string kind, Guid id) =>
        db.Query<NodeItemRow>($"SELECT * FROM {items} WHERE kind = {kind} AND id = {id} ORDER BY node");

    /// <summary>Rows of a kind on a node, or of every node, tombstones included.</summary>
    public Task<List<NodeItemRow>> All(string kind, Guid? node = null) =>
        db.Query<NodeItemRow>($"SELECT * FROM {items} WHERE kind = {kind} AND ({node} IS NULL OR node = {node}) ORDER BY node, id");

    /// <summary>Items of a node that changed after a number, in order, and the number to ask from next time.</summary>
    public async Task<(IReadOnlyList<NodeItem> Items, long Number)> Changes(Guid node, long after)
    {
        var rows = await db.Query<NodeItemRow>($"SELECT * FROM {items} WHERE node = {node} AND revision > {after} ORDER BY revision LIMIT {MaxChanges}");
        return (rows.ConvertAll(r => new NodeItem(r.Kind, r.Id, r.Generation, r.Wanted, Element(r.Spec))), rows.Count > 0 ? rows[^1].Revision : after);
    }

    /// <summary>Ids and generations of everything a node should know, tombstones included.</summary>
    public async Task<IReadOnlyList<NodeItemKey>> Inventory(Guid node) =>
        (await db.Query<(string, Guid, long)>($"SELECT kind, id, generation FROM {items} WHERE node = {node} ORDER BY kind, id")).ConvertAll(r => new NodeItemKey(r.Item1, r.Item2, r.Item3));

    /// <summary>Keeps what a node made of items, and tells the watchers.</summary>
    /// <exception cref="AggregateException">All of it is kept, and some could not be told.</exception>
    public async Task Observe(Guid node, IReadOnlyList<Observed> observed)
    {
        Dies("before", observed.Select(o => o.Kind));
        var kept = await db.InTransaction(async () =>
        {
            var rows = new List<NodeItemRow>();
            await db.Counters.Hold(Revision);
            foreach (var report in observed)
            {
                var state = report.State is { } element ? element.GetRawText() : null;
                // An older report that comes late is ignored. One that says nothing new is told again: who kept it the first time may
                // have died before he told it.
                if (await db.One<NodeItemRow>($"""
                    UPDATE {items} SET observed_generation = {report.Generation}, observed_present = {report.Present}, error = {report.Error}, state = {state},
                        observed_at = CASE WHEN observed_generation <> {report.Generation} OR observed_present IS DISTINCT FROM {report.Present}
                            OR error IS DISTINCT FROM {report.Error} OR state IS DISTINCT FROM {state} THEN {db.Now} ELSE observed_at END
                    WHERE node = {node} AND kind = {report.Kind} AND id = {report.Id} AND {report.Generation} >= observed_generation AND {report.Generation} <= generation
                    RETURNING *
                    """) is { } row)
                {
                    rows.Add(row);
                }
            }
            return rows;
        });
        Dies("inside", kept.Select(r => r.Kind));
        await Tell(kept);
        Dies("after", kept.Select(r => r.Kind));
    }

    /// <summary>Begins to listen; the task it answers with completes when something changed for any node since then, here or in another controller, or after <paramref name="atMost"/>.</summary>
    public Task<Task> Listen(TimeSpan atMost, CancellationToken ct) => changed.Listen(atMost, ct);

    /// <summary>Forgets tombstones that were confirmed long ago. How many.</summary>
    public Task<int> Purge() => db.Execute($"""
        DELETE FROM {items} WHERE NOT wanted AND observed_generation = generation AND observed_present = FALSE AND observed_at < {db.Now - KeepTombstone}
        """);

    /// <summary>A node that is gone for good takes its items with it: after the operator said so.</summary>
    public Task<int> Forget(Guid node) => db.Execute($"DELETE FROM {items} WHERE node = {node}");

    /// <summary>What one of them cannot be told holds nothing else up; the node, which hears that it failed, reports all of it again.</summary>
    private async Task Tell(List<NodeItemRow> rows)
    {
        var failures = new List<Exception>();
        foreach (var (row, watcher) in from row in rows from watcher in watchers select (row, watcher))
        {
            try
            {
                await watcher.Seen(row);
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }
        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    private void Dies(string where, IEnumerable<string> kinds)
    {
        foreach (var kind in kinds)
        {
            crash.At("Node", "report-" + kind, where);
        }
    }

    private static JsonElement? Element(string? spec)
    {
        if (spec is null)
        {
            return null;
        }
        using var document = JsonDocument.Parse(spec);
        return document.RootElement.Clone();
    }

    private Task<long> Write(Guid node, string kind, Guid id, string? spec, bool wanted) => db.InTransaction(async () =>
    {
        var row = await Find(node, kind, id);
        if (row is null ? !wanted : row.Wanted == wanted && row.Spec == spec)
        {
            return row?.Generation ?? 0;
        }
        // Taken late, and its row is locked until the commit: nodes follow this number.
        var revision = await db.Counters.Next(Revision);
        var generation = await db.Scalar<long>($"""
            INSERT INTO {items} (node, kind, id, generation, revision, wanted, spec, changed_at) VALUES ({node}, {kind}, {id}, 1, {revision}, {wanted}, {spec}, {db.Now})
            ON CONFLICT (node, kind, id) DO UPDATE SET generation = {items}.generation + 1, revision = excluded.revision, wanted = excluded.wanted, spec = excluded.spec, changed_at = excluded.changed_at
            RETURNING generation
            """);
        await changed.Tell();
        return generation;
    });
}

/// <summary>The items of the service that owns <typeparamref name="TDb"/>.</summary>
public sealed class NodeItems<TDb>(TDb db, IEnumerable<INodeItemWatcher> watchers, OperationsOptions options) : NodeItems(db, watchers, options) where TDb : Db;
