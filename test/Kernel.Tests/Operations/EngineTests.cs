using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;
using Nephos.Kernel.Operations;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Operations;

public sealed class EngineTests
{
    // Nothing happens by itself.
    internal static readonly OperationsOptions Patient = new() { Fallback = TimeSpan.FromHours(1), FallbackMax = TimeSpan.FromHours(1) };

    private static async Task<(TestDatabase Test, Db Db, World World, TestRunner Runner)> Setup(DatabaseKind kind, TimeSpan? patience = null, TimeSpan? undoPatience = null, OperationsOptions? options = null)
    {
        var test = await TestDatabase.Create(kind);
        var db = await Houses.Create(test);
        var world = new World();
        var runner = await TestRunner.Start(db, TimeProvider.System, options, new BuildHouse(db, world) { Patience = patience ?? TimeSpan.FromMinutes(1), UndoPatience = undoPatience ?? TimeSpan.FromMinutes(1) }, new RazeHouse(db, world));
        return (test, db, world, runner);
    }

    [Theory, OnEachDatabase]
    public async Task Steps_run_in_order_and_the_timeline_names_upstreams_events(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind);
        await using var a = test;
        await using var b = runner;
        RequestScope.Current = new("req-1", "user", "project");
        var id = await Houses.Order(db, runner.Operations);
        Assert.Equal(OperationStatus.Done, (await runner.Ended($"house/{id}")).Status);
        Assert.Equal(["place", "walls", "roof"], world.Calls);
        Assert.Equal(new House(id, "ready", "place0", 1, null), await Houses.Find(db, id));
        var timeline = await runner.Operations.Timeline($"house/{id}");
        Assert.Equal(["place", "walls", "note", "roof"], timeline.Select(t => t.Step));
        Assert.Equal(("demo__place", "Success", "req-1", "user", "project"), (timeline[0].Event, timeline[0].Result, timeline[0].RequestId, timeline[0].UserId, timeline[0].ProjectId));
    }

    [Theory, OnEachDatabase]
    public async Task A_fault_takes_back_every_step_and_is_written_down(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind);
        await using var a = test;
        await using var b = runner;
        world.On = (what, _) => what == "roof" ? throw Fault.Conflict("no tiles") : Task.FromResult(true);
        var id = await Houses.Order(db, runner.Operations);
        Assert.Equal(OperationStatus.Failed, (await runner.Ended($"house/{id}")).Status);
        Assert.Equal(["place", "walls", "roof", "undo-roof", "undo-walls", "undo-place"], world.Calls);
        Assert.Empty(world.Things);
        Assert.Equal(("error", "no tiles"), await db.One<(string, string)>($"SELECT status, fault FROM demo_houses"));
    }

    [Theory, OnEachDatabase]
    public async Task Retry_undoes_down_to_a_step_and_goes_forward_with_a_higher_epoch(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind);
        await using var a = test;
        await using var b = runner;
        var epochs = new List<long>();
        world.On = (what, c) =>
        {
            if (what == "roof")
            {
                epochs.Add(c.Epoch);
            }
            return what == "roof" && epochs.Count < 3 ? throw Fault.Conflict("not here", "Elsewhere") : Task.FromResult(true);
        };
        var id = await Houses.Order(db, runner.Operations);
        Assert.Equal(OperationStatus.Done, (await runner.Ended($"house/{id}")).Status);
        Assert.Equal("place2", (await Houses.Find(db, id))!.Place);
        Assert.Equal(epochs.Order().Distinct(), epochs);
        Assert.Equal(3, epochs.Count);
    }

    [Theory, OnEachDatabase]
    public async Task Unexpected_errors_are_tried_again(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind);
        await using var a = test;
        await using var b = runner;
        var times = 0;
        world.On = (what, _) => what == "walls" && ++times < 4 ? throw new TimeoutException("flaky") : Task.FromResult(true);
        var id = await Houses.Order(db, runner.Operations);
        Assert.Equal(OperationStatus.Done, (await runner.Ended($"house/{id}")).Status);
        Assert.Equal(4, times);
    }

    [Theory, OnEachDatabase]
    public async Task A_parked_operation_writes_nothing_and_asks_by_itself(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind);
        await using var a = test;
        await using var b = runner;
        var ready = false;
        world.On = (what, _) => Task.FromResult(what != "roof" || ready);
        var id = await Houses.Order(db, runner.Operations);
        await Until(() => world.Calls.Contains("roof"));
        var before = (await runner.Operations.Of($"house/{id}"))[0];
        // The fallback asks, though nobody nudges.
        await Until(() => world.Calls.Count(c => c == "roof") >= 3);
        Assert.Equal(before, (await runner.Operations.Of($"house/{id}"))[0]);
        ready = true;
        Assert.Equal(OperationStatus.Done, (await runner.Ended($"house/{id}")).Status);
    }

    [Theory, OnEachDatabase]
    public async Task A_parked_operation_goes_on_when_nudged(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind, options: Patient);
        await using var a = test;
        await using var b = runner;
        var ready = false;
        world.On = (what, _) => Task.FromResult(what != "roof" || ready);
        var id = await Houses.Order(db, runner.Operations);
        await Until(() => world.Calls.Contains("roof"));
        ready = true;
        runner.Operations.Nudge($"house/{id}");
        Assert.Equal(OperationStatus.Done, (await runner.Ended($"house/{id}")).Status);
    }

    [Theory, OnEachDatabase]
    public async Task A_delete_that_nobody_passed_on_is_found(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind, options: Patient);
        await using var a = test;
        await using var b = runner;
        world.On = (what, _) => Task.FromResult(what != "roof");
        var id = await Houses.Order(db, runner.Operations);
        await Until(() => world.Calls.Contains("roof"));
        // As another controller marks it that ends before it can say so.
        await db.Execute($"UPDATE demo_operations SET delete_kind = 'RazeHouse', delete_state = {StoredJson.Write(new RazeHouse.State(id))}");
        await runner.Runner.CatchUp([]);
        Assert.Equal("RazeHouse", (await runner.Ended($"house/{id}")).Kind);
        Assert.Null(await Houses.Find(db, id));
    }

    [Theory, OnEachDatabase]
    public async Task An_operation_whose_commit_was_not_answered_is_taken_up(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind, options: Patient);
        await using var a = test;
        await using var b = runner;
        var first = await Houses.Order(db, runner.Operations);
        await runner.Ended($"house/{first}");
        // A row in this process's name that it never heard of.
        var id = NewId.Uuid();
        await db.Execute($"INSERT INTO demo_houses (id, status, notes) VALUES ({id}, 'building', 0)");
        await db.Execute($"""
            INSERT INTO demo_operations (id, kind, resource, state, step, status, preempted, adopted, epoch, holder, created_at, entered_at)
            VALUES ({NewId.Ordered()}, 'BuildHouse', {$"house/{id}"}, {StoredJson.Write(new BuildHouse.State(id))}, '', 'running', {false}, {0}, {await db.Counters.Next("epoch")}, {runner.Runner.Holder}, {db.Now}, {db.Now})
            """);
        var missing = await runner.Runner.CatchUp([]);
        await runner.Runner.CatchUp(missing);
        Assert.Equal(OperationStatus.Done, (await runner.Ended($"house/{id}")).Status);
        Assert.Equal(2, world.Calls.Count(c => c == "roof"));
    }

    [Theory, OnEachDatabase]
    public async Task A_step_that_is_never_done_fails_by_its_deadline_and_says_what_it_waited_for(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind, TimeSpan.FromMilliseconds(400));
        await using var a = test;
        await using var b = runner;
        world.On = (what, _) => Task.FromResult(what != "roof");
        var id = await Houses.Order(db, runner.Operations);
        Assert.Equal(OperationStatus.Failed, (await runner.Ended($"house/{id}")).Status);
        Assert.Empty(world.Things);
        Assert.Contains("'roof' was not finished within 0 s: it waited for the roofer", (await Houses.Find(db, id))!.Fault, StringComparison.Ordinal);
    }

    [Theory, OnEachDatabase]
    public async Task A_call_that_hangs_is_cancelled_at_its_deadline(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind, TimeSpan.FromMilliseconds(300));
        await using var a = test;
        await using var b = runner;
        world.On = async (what, c) =>
        {
            await (what == "roof" ? Task.Delay(Timeout.Infinite, c.Cancel) : Task.CompletedTask);
            return true;
        };
        var id = await Houses.Order(db, runner.Operations);
        Assert.Equal(OperationStatus.Failed, (await runner.Ended($"house/{id}")).Status);
        Assert.Empty(world.Things);
    }

    [Theory, OnEachDatabase]
    public async Task An_undo_that_never_succeeds_ends_as_failed_with_what_is_left(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind, undoPatience: TimeSpan.FromSeconds(1));
        await using var a = test;
        await using var b = runner;
        world.On = (what, _) => what switch { "roof" => throw Fault.Conflict("no tiles"), "undo-walls" => throw new IOException("stuck"), _ => Task.FromResult(true) };
        var id = await Houses.Order(db, runner.Operations);
        var ended = await runner.Ended($"house/{id}");
        Assert.Equal(OperationStatus.Failed, ended.Status);
        Assert.Contains("walls: not taken back", ended.LeftBehind, StringComparison.Ordinal);
        Assert.Contains("stuck", (await Houses.Find(db, id))!.Fault, StringComparison.Ordinal);
        Assert.Equal([$"walls {id}"], world.Things.Keys);
    }

    [Theory, OnEachDatabase]
    public async Task A_delete_wakes_a_parked_operation_which_unwinds_and_hands_over(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind, options: Patient);
        await using var a = test;
        await using var b = runner;
        world.On = (what, _) => Task.FromResult(what != "roof");
        var id = await Houses.Order(db, runner.Operations);
        await Until(() => world.Calls.Contains("roof"));
        Assert.True(await Houses.Raze(db, runner.Operations, id));
        Assert.False(await Houses.Raze(db, runner.Operations, id));
        var ended = await runner.Ended($"house/{id}");
        Assert.Equal(("RazeHouse", OperationStatus.Done), (ended.Kind, ended.Status));
        Assert.Null(await Houses.Find(db, id));
        Assert.Equal(2, (await runner.Operations.Of($"house/{id}")).Count);
        Assert.Equal(1, world.Calls.Count(c => c == "raze"));
    }

    [Theory, OnEachDatabase]
    public async Task A_delete_cancels_a_long_call(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind);
        await using var a = test;
        await using var b = runner;
        world.On = async (what, c) =>
        {
            await (what == "walls" ? Task.Delay(Timeout.Infinite, c.Cancel) : Task.CompletedTask);
            return true;
        };
        var id = await Houses.Order(db, runner.Operations);
        await Until(() => world.Calls.Contains("walls"));
        Assert.True(await Houses.Raze(db, runner.Operations, id));
        Assert.Equal("RazeHouse", (await runner.Ended($"house/{id}")).Kind);
        Assert.Empty(world.Things);
    }

    [Theory, OnEachDatabase]
    public async Task A_resource_has_one_live_operation(DatabaseKind kind)
    {
        var (test, db, world, runner) = await Setup(kind);
        await using var a = test;
        await using var b = runner;
        world.On = (what, _) => Task.FromResult(what != "roof");
        var id = await Houses.Order(db, runner.Operations);
        await Assert.ThrowsAsync<DuplicateOperation>(() => db.InTransaction(() => runner.Operations.Start($"house/{id}", new BuildHouse.State(id))));
        // Deletes that race start one operation.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Houses.Raze(db, runner.Operations, id))));
        await runner.Ended($"house/{id}");
        Assert.Equal(1, world.Calls.Count(c => c == "raze"));
    }

    [Theory, OnEachDatabase]
    public async Task Many_operations_run_beside_each_other(DatabaseKind kind)
    {
        var (test, db, _, runner) = await Setup(kind);
        await using var a = test;
        await using var b = runner;
        var ids = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Houses.Order(db, runner.Operations))));
        foreach (var id in ids)
        {
            Assert.Equal(OperationStatus.Done, (await runner.Ended($"house/{id}")).Status);
        }
    }

    internal static async Task Until(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 12_000, "It never came.");
            await Task.Delay(5);
        }
    }
}
