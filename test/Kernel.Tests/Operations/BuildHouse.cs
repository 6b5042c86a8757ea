using System.Collections.Concurrent;
using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Kernel.Tests.Operations;

/// <summary>The world outside: what exists is remembered here, and every call.</summary>
internal sealed class World
{
    public ConcurrentDictionary<string, Guid> Things { get; } = new();
    public ConcurrentQueue<string> Calls { get; } = new();
    public Func<string, OperationContext, Task<bool>> On { get; set; } = (_, _) => Task.FromResult(true);

    public async Task<bool> Do(string what, OperationContext c)
    {
        Calls.Enqueue(what);
        return await On(what, c);
    }
}

internal sealed class BuildHouse(Db db, World world) : Operation<BuildHouse.State>(db)
{
    internal sealed record State(Guid House, string? Place = null, string[]? Tried = null) : IStateOf<BuildHouse>;

    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan UndoPatience { get; init; } = TimeSpan.FromMinutes(1);

    protected override IReadOnlyList<Step> Steps =>
    [
        new("place", Choose, Save: s => Db.Execute($"UPDATE demo_houses SET place = {s.Place} WHERE id = {s.House}"), Undo: (s, c) => Remove("place", s, c)) { Event = "demo__place" },
        new("walls", (s, c) => Make("walls", s, c), Undo: (s, c) => Remove("walls", s, c)) { UndoDeadline = UndoPatience },
        new("note", Save: s => Db.Execute($"UPDATE demo_houses SET notes = notes + 1 WHERE id = {s.House}")),
        new("roof", (s, c) => Make("roof", s, c), Undo: (s, c) => Remove("roof", s, c), Retry: Elsewhere,
            Save: s => Db.Execute($"UPDATE demo_houses SET status = 'ready' WHERE id = {s.House}")) { Deadline = Patience, WaitsFor = "the roofer" },
    ];

    protected override Task Failed(State s, OperationFailure f) =>
        Db.Execute($"UPDATE demo_houses SET status = 'error', fault = {f.Fault.Message + string.Concat(f.Left)} WHERE id = {s.House}");

    private async Task<State?> Choose(State s, OperationContext c)
    {
        var place = "place" + (s.Tried?.Length ?? 0);
        var next = s with { Place = place };
        return await Make("place", next, c);
    }

    private async Task<State?> Make(string what, State s, OperationContext c)
    {
        world.Things[$"{what} {s.House}"] = s.House;
        return await world.Do(what, c) ? s : null;
    }

    private async Task<bool> Remove(string what, State s, OperationContext c)
    {
        if (!await world.Do("undo-" + what, c))
        {
            return false;
        }
        world.Things.TryRemove($"{what} {s.House}", out _);
        return true;
    }

    private static (string, State)? Elsewhere(State s, Fault f) =>
        f.Name == "Elsewhere" && (s.Tried?.Length ?? 0) < 2 ? ("place", s with { Place = null, Tried = [.. s.Tried ?? [], s.Place!] }) : null;
}

internal sealed class RazeHouse(Db db, World world) : Operation<RazeHouse.State>(db)
{
    internal sealed record State(Guid House) : IStateOf<RazeHouse>;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("raze", async (s, c) =>
        {
            foreach (var thing in world.Things.Where(t => t.Value == s.House))
            {
                world.Things.TryRemove(thing);
            }
            return await world.Do("raze", c) ? s : null;
        }, Save: s => Db.Execute($"DELETE FROM demo_houses WHERE id = {s.House}")),
    ];

    protected override Task Failed(State s, OperationFailure f) => Task.CompletedTask;
}

internal sealed record House(Guid Id, string Status, string? Place, long Notes, string? Fault);

internal static class Houses
{
    public static async Task<Db> Create(Testing.TestDatabase test)
    {
        var db = await test.Service("demo");
        await db.Execute($"CREATE TABLE IF NOT EXISTS demo_houses (id TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL, place TEXT, notes BIGINT NOT NULL, fault TEXT)");
        return db;
    }

    public static async Task<Guid> Order(Db db, Kernel.Operations.Operations operations)
    {
        var id = NewId.Uuid();
        await db.InTransaction(async () =>
        {
            await db.Execute($"INSERT INTO demo_houses (id, status, notes) VALUES ({id}, 'building', 0)");
            await operations.Start($"house/{id}", new BuildHouse.State(id));
        });
        return id;
    }

    public static Task<bool> Raze(Db db, Kernel.Operations.Operations operations, Guid id) => db.InTransaction(async () =>
        await db.Changed($"UPDATE demo_houses SET notes = notes WHERE id = {id}") && await operations.RequestDelete($"house/{id}", new RazeHouse.State(id)));

    public static Task<House?> Find(Db db, Guid id) => db.One<House>($"SELECT * FROM demo_houses WHERE id = {id}");
}
