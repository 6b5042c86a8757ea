using Nephos.Contracts;
using Nephos.Kernel.Data;

namespace Nephos.Kernel.Operations;

/// <summary>The SQL of operations. Every save names the epoch: somebody who lost the operation changes nothing.</summary>
internal sealed class OperationTable(Db db)
{
    private static readonly SqlText Live = Sql.Raw("status IN ('running', 'undoing')");

    private readonly SqlText operations = db.Table("operations");
    private readonly SqlText steps = db.Table("operation_steps");

    public Task<long> NextEpoch() => db.Counters.Next("epoch");

    public async Task Insert(OperationRow row)
    {
        try
        {
            await db.Execute($"""
                INSERT INTO {operations} (id, kind, resource, state, step, status, preempted, adopted, epoch, holder, request_id, user_id, project_id, created_at, entered_at)
                VALUES ({row.Id}, {row.Kind}, {row.Resource}, {row.State}, {row.Step}, {row.Status}, {false}, {0}, {row.Epoch}, {row.Holder}, {row.RequestId}, {row.UserId}, {row.ProjectId},
                    {row.CreatedAt}, {row.EnteredAt})
                """);
        }
        catch (DuplicateKey e) when (e.On("resource"))
        {
            throw new DuplicateOperation(row.Resource, e);
        }
    }

    /// <summary>Writes what changed; the delete that was asked for meanwhile, if any.</summary>
    public async Task<(string? Kind, string? State)> Save(OperationRow row, long epoch)
    {
        var (found, kind, state) = await db.One<(bool, string?, string?)>($"""
            UPDATE {operations} SET state = {row.State}, step = {row.Step}, status = {row.Status}, undo_to = {row.UndoTo}, retry_state = {row.RetryState}, fault = {row.Fault},
                left_behind = {row.LeftBehind}, preempted = {row.Preempted}, adopted = {row.Adopted}, epoch = {row.Epoch}, entered_at = {row.EnteredAt}, ended_at = {row.EndedAt}
            WHERE id = {row.Id} AND epoch = {epoch} AND {Live}
            RETURNING TRUE, delete_kind, delete_state
            """);
        return found ? (kind, state) : throw new LeaseLost();
    }

    public Task AddStep(OperationRow row, string step, string? name, DateTimeOffset started, bool success, string? message) => db.Execute($"""
        INSERT INTO {steps} (operation_id, number, step, event, started_at, finished_at, result, message)
        VALUES ({row.Id}, (SELECT COUNT(*) + 1 FROM {steps} WHERE operation_id = {row.Id}), {step}, {name}, {started}, {db.Now}, {(success ? "Success" : "Error")}, {message})
        """);

    /// <summary>Live operations that this holder does not have.</summary>
    public Task<List<OperationRow>> NotHeldBy(string holder) =>
        db.Query<OperationRow>($"SELECT * FROM {operations} WHERE {Live} AND holder IS DISTINCT FROM {holder} ORDER BY created_at, id");

    /// <summary>Live operations that this holder has, and whether a delete was asked for.</summary>
    public Task<List<(Guid Id, long Epoch, bool Delete)>> HeldBy(string holder) =>
        db.Query<(Guid, long, bool)>($"SELECT id, epoch, delete_kind IS NOT NULL FROM {operations} WHERE {Live} AND holder = {holder}");

    /// <summary>One of them, whole.</summary>
    public Task<OperationRow?> Find(Guid id) => db.One<OperationRow>($"SELECT * FROM {operations} WHERE id = {id} AND {Live}");

    /// <summary>Takes an operation that nobody alive has; null if somebody else was first. Only a dead holder counts as an adoption.</summary>
    public Task<OperationRow?> Claim(OperationRow seen, string holder) => db.InTransaction(async () =>
    {
        var row = await db.One<OperationRow>($"""
            UPDATE {operations} SET holder = {holder}, adopted = adopted + {(seen.Holder is null || seen.Holder == holder ? 0 : 1)} WHERE id = {seen.Id} AND epoch = {seen.Epoch} AND holder IS NOT DISTINCT FROM {seen.Holder} AND {Live}
            RETURNING *
            """);
        if (row is null)
        {
            return null;
        }
        var epoch = await NextEpoch();
        await db.Execute($"UPDATE {operations} SET epoch = {epoch} WHERE id = {row.Id}");
        return row with { Epoch = epoch };
    });

    /// <summary>A holder that ends in order, or goes on under another name.</summary>
    public Task Rename(string holder, string? other) => db.Execute($"UPDATE {operations} SET holder = {other} WHERE holder = {holder} AND {Live}");

    /// <summary>Marks live operations of a resource: a delete is asked for. The ids marked.</summary>
    public Task<List<Guid>> MarkDelete(string resource, string kind, string state) => db.Query<Guid>($"""
        UPDATE {operations} SET delete_kind = {kind}, delete_state = {state} WHERE resource = {resource} AND {Live} AND kind <> {kind} AND delete_kind IS NULL RETURNING id
        """);

    /// <summary>Marks the operations of parts of a resource, which unwind with it but are followed by nothing.</summary>
    public Task<List<Guid>> MarkParts(string resource)
    {
        var parts = PrefixOf(resource);
        return db.Query<Guid>($"UPDATE {operations} SET delete_kind = '' WHERE resource LIKE {parts} ESCAPE '\\' AND {Live} AND delete_kind IS NULL RETURNING id");
    }

    public async Task<bool> IsLive(string resource, bool parts)
    {
        var prefix = PrefixOf(resource);
        return await db.Scalar<long>($"SELECT COUNT(*) FROM {operations} WHERE {Live} AND (resource = {resource} OR ({parts} AND resource LIKE {prefix} ESCAPE '\\'))") > 0;
    }

    public Task<List<OperationView>> List(bool liveOnly, int limit) =>
        db.Query<OperationView>($"SELECT * FROM {operations} WHERE ({liveOnly} = FALSE OR {Live}) ORDER BY created_at DESC, id DESC LIMIT {limit}");

    public Task<List<OperationView>> Of(string resource) => db.Query<OperationView>($"SELECT * FROM {operations} WHERE resource = {resource} ORDER BY created_at, id");

    public Task<List<TimelineRow>> Timeline(string resource)
    {
        var parts = PrefixOf(resource);
        return db.Query<TimelineRow>($"""
            SELECT o.id AS operation_id, o.kind, o.resource, o.request_id, o.user_id, o.project_id, s.number, s.step, s.event, s.started_at, s.finished_at, s.result, s.message, o.created_at
                FROM {operations} o JOIN {steps} s ON s.operation_id = o.id WHERE o.resource = {resource} OR o.resource LIKE {parts} ESCAPE '\'
            UNION ALL
            SELECT o.id, o.kind, o.resource, o.request_id, o.user_id, o.project_id, 1000000, o.step, NULL, o.entered_at, NULL, NULL, NULL, o.created_at
                FROM {operations} o WHERE {Live} AND (o.resource = {resource} OR o.resource LIKE {parts} ESCAPE '\')
            ORDER BY created_at, operation_id, number
            """);
    }

    public Task Purge(DateTimeOffset before) => db.Execute($"DELETE FROM {operations} WHERE ended_at < {before}");

    public Task AddIncarnation(string id, long key) => db.Execute($"""
        INSERT INTO {db.Table("incarnations")} (id, key, host, pid, started_at) VALUES ({id}, {key}, {Environment.MachineName}, {Environment.ProcessId}, {db.Now})
        """);

    public Task RemoveIncarnation(string id) => db.Execute($"DELETE FROM {db.Table("incarnations")} WHERE id = {id}");

    private static string PrefixOf(string resource) =>
        resource.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "/%";
}
