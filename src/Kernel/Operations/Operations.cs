using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;

namespace Nephos.Kernel.Operations;

/// <summary>Starts, wakes and looks at the operations of one service.</summary>
public class Operations
{
    private readonly OperationTable table;
    private readonly Db db;

    /// <summary>For a service's part of the database.</summary>
    public Operations(Db db)
    {
        this.db = db;
        table = new OperationTable(db);
    }

    /// <summary>Runs them in this process, once it has started; else null, and another process or a later start finds the rows.</summary>
    internal OperationsRunner? Runner { get; set; }

    internal Db Db => db;

    /// <summary>
    /// Starts an operation, in the transaction that writes the rows it is about.
    /// </summary>
    /// <param name="resource">As fine as the conflict: <c>server/&lt;id&gt;</c>, <c>server/&lt;id&gt;/port/&lt;id&gt;</c>. One live operation each.</param>
    /// <param name="state">The state it begins with.</param>
    /// <exception cref="DuplicateOperation">The resource has a live operation.</exception>
    public async Task<Guid> Start<TOperation>(string resource, IStateOf<TOperation> state) where TOperation : Operation
    {
        db.RequireTransaction();
        var row = NewRow(typeof(TOperation).Name, resource, StoredJson.Write(state), RequestScope.Current) with { Epoch = await table.NextEpoch() };
        await Begin(row);
        return row.Id;
    }

    /// <summary>
    /// Asks for the deletion of a resource, in the transaction that marks its row. Without a live operation the delete starts now. Else the
    /// live one is woken: it unwinds at once (if it may be pre-empted) and its last transaction starts the delete. Operations of parts of the resource unwind too.
    /// </summary>
    /// <returns>False if a delete was asked for before: nothing new is started.</returns>
    public async Task<bool> RequestDelete<TOperation>(string resource, IStateOf<TOperation> state) where TOperation : Operation
    {
        db.RequireTransaction();
        var (kind, text) = (typeof(TOperation).Name, StoredJson.Write(state));
        Wake(await table.MarkParts(resource));
        if (await table.MarkDelete(resource, kind, text) is { Count: > 0 } marked)
        {
            Wake(marked);
            return true;
        }
        if (await table.IsLive(resource, parts: false))
        {
            return false;
        }
        try
        {
            await db.InTransaction(() => Start(resource, state));
            return true;
        }
        catch (DuplicateOperation)
        {
            return false;
        }
    }

    /// <summary>Something an operation of this resource may wait for has happened. In a transaction: told after the commit.</summary>
    public void Nudge(string resource) => db.AfterCommit(() =>
    {
        if (Runner?.Nudge(resource) != true && db.Database.IsPostgres)
        {
            _ = Tell(resource);
        }
    });

    /// <summary>True if the resource has a live operation; with <paramref name="parts"/> also if something below it has (<c>server/1/port/2</c>).</summary>
    public Task<bool> IsLive(string resource, bool parts = false) => table.IsLive(resource, parts);

    /// <summary>What was done to a resource and its parts, oldest first, the step under way included.</summary>
    public async Task<List<TimelineRow>> Timeline(string resource)
    {
        var rows = await table.Timeline(resource);
        return rows.ConvertAll(r => r.FinishedAt is null && Runner?.StepOf(r.Kind, r.Step) is { } step ? r with { Step = step.Name, Event = step.Event } : r);
    }

    /// <summary>Operations of a resource, oldest first.</summary>
    public Task<List<OperationView>> Of(string resource) => table.Of(resource);

    /// <summary>Operations for the operator, newest first.</summary>
    public Task<List<OperationView>> List(bool liveOnly, int limit = 1000) => table.List(liveOnly, limit);

    /// <summary>Inserts a row in the open transaction and hands it to the runner after the commit.</summary>
    internal async Task Begin(OperationRow row)
    {
        row = row with { Holder = Runner?.Holder };
        await table.Insert(row);
        db.AfterCommit(() => Runner?.Take(row));
    }

    internal OperationRow NewRow(string kind, string resource, string state, RequestScope? scope) => new()
    {
        Id = Contracts.NewId.Ordered(), Kind = kind, Resource = resource, State = state, Step = "", Status = OperationStatus.Running,
        RequestId = scope?.RequestId, UserId = scope?.UserId, ProjectId = scope?.ProjectId, CreatedAt = db.Now, EnteredAt = db.Now,
    };

    private void Wake(List<Guid> marked) => db.AfterCommit(() =>
    {
        foreach (var id in marked)
        {
            if (Runner?.Preempt(id) != true && db.Database.IsPostgres)
            {
                _ = Tell("delete " + id);
            }
        }
    });

    // Another controller may have it. Lost messages do no harm: what waits asks by itself now and then, and its runner looks for deletes.
    private async Task Tell(string message)
    {
        try
        {
            await db.Scalar<string>($"SELECT CAST(pg_notify({db.Service + "_operations"}, {message}) AS TEXT)");
        }
        catch (DatabaseUnavailable)
        {
            // See above.
        }
    }
}

/// <summary>The operations of the service that owns <typeparamref name="TDb"/>.</summary>
public sealed class Operations<TDb>(TDb db) : Operations(db) where TDb : Db;
