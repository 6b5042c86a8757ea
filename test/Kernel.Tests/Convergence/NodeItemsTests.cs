using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Convergence;

public sealed class NodeItemsTests
{
    private sealed record Spec(string Name, int Size);

    private sealed class Watcher : INodeItemWatcher
    {
        public List<NodeItemRow> Rows { get; } = [];
        public Guid? Fails { get; set; }
        public string Service => "demo";
        public Task Seen(NodeItemRow row)
        {
            if (Fails == row.Id) throw new IOException("The database went away.");
            Rows.Add(row);
            return Task.CompletedTask;
        }
    }

    private static NodeFeed Feed(NodeItems items, string kind) => new(items, new HashSet<string> { kind });

    private static readonly Guid Node = NewId.Uuid();
    private static readonly Guid Thing = NewId.Uuid();

    [Theory, OnEachDatabase]
    public async Task A_generation_rises_with_what_is_wanted_and_only_then(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var items = new NodeItems(await test.Service("demo"), [], new());
        Assert.Equal(0, await items.Unwant(Node, "server", Thing));
        Assert.Equal(1, await items.Want(Node, "server", Thing, new Spec("a", 1)));
        Assert.Equal(1, await items.Want(Node, "server", Thing, new Spec("a", 1)));
        Assert.Equal(2, await items.Want(Node, "server", Thing, new Spec("a", 2)));
        Assert.Equal(3, await items.Unwant(Node, "server", Thing));
        Assert.Equal(3, await items.Unwant(Node, "server", Thing));
        var (changes, number) = await items.Changes(Node, 0);
        Assert.Equal([(3L, false)], changes.Select(c => (c.Generation, c.Wanted)));
        Assert.Null(changes[0].Spec);
        Assert.Empty((await items.Changes(Node, number)).Items);
        Assert.Equal([new NodeItemKey("server", Thing, 3)], await items.Inventory(Node));
        Assert.Empty((await items.Changes(NewId.Uuid(), 0)).Items);
    }

    [Fact]
    public async Task A_report_that_waits_for_an_order_holds_nothing_that_the_order_may_want_next()
    {
        Assert.SkipWhen(PostgresCluster.Missing is not null, PostgresCluster.Missing ?? "");
        await using var test = await TestDatabase.Create(DatabaseKind.Postgres);
        var db = await test.Service("demo");
        var (items, other) = (new NodeItems(db, [], new()), NewId.Uuid());
        foreach (var thing in (Guid[])[Thing, other]) await items.Want(Node, "server", thing, new Spec("a", 1));
        var report = Task.CompletedTask;
        await db.InTransaction(async () =>
        {
            await items.Want(Node, "server", Thing, new Spec("a", 2));
            report = Elsewhere(() => items.Observe(Node, [new("server", other, 1, true), new("server", Thing, 1, true)]));
            await Elsewhere(async () =>
            {
                while (await db.Scalar<long>($"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0") == 0) await Task.Delay(10);
                Assert.Equal(1, await db.Scalar<long>($"SELECT COUNT(*) FROM (SELECT 1 FROM demo_node_items WHERE id = {other} FOR UPDATE SKIP LOCKED) AS free"));
            });
            await items.Want(Node, "server", other, new Spec("a", 2));
        });
        await report;
        Assert.Equal([(2L, 1L), (2L, 1L)], (await items.All("server")).Select(r => (r.Generation, r.ObservedGeneration)));

        // Not in this transaction.
        static Task Elsewhere(Func<Task> work)
        {
            using var apart = ExecutionContext.SuppressFlow();
            return Task.Run(work);
        }
    }

    [Theory, OnEachDatabase]
    public async Task Reports_may_be_repeated_and_come_late(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var watcher = new Watcher();
        var items = new NodeItems(await test.Service("demo"), [watcher], new());
        await items.Want(Node, "server", Thing, new Spec("a", 1));
        await items.Want(Node, "server", Thing, new Spec("a", 2));
        var state = StoredJson.Element(new Spec("seen", 2));
        Observed late = new("server", Thing, 1, false, "too small"), now = new("server", Thing, 2, true, null, state);
        await items.Observe(Node, [now, now, late, new Observed("port", Thing, 1, true), new Observed("server", NewId.Uuid(), 1, true)]);
        var row = await items.Find(Node, "server", Thing);
        Assert.True(row!.IsCurrent);
        Assert.Equal((true, (string?)null), (row.ObservedPresent, row.Error));
        Assert.Equal(new Spec("seen", 2), row.StateAs<Spec>());
        Assert.Equal([2L, 2L], watcher.Rows.Select(r => r.ObservedGeneration));
        // What says nothing new changes nothing.
        await items.Observe(Node, [now]);
        Assert.Equal(row, await items.Find(Node, "server", Thing));
    }

    [Theory, OnEachDatabase]
    public async Task A_report_that_was_kept_and_not_told_is_told_when_it_is_repeated(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var watcher = new Watcher { Fails = Thing };
        var items = new NodeItems(await test.Service("demo"), [watcher], new());
        var other = NewId.Uuid();
        foreach (var id in (Guid[])[Thing, other]) await items.Want(Node, "port", id, new Spec("a", 1));
        Observed[] seen = [new("port", Thing, 1, true), new("port", other, 1, true)];
        await Assert.ThrowsAsync<AggregateException>(() => items.Observe(Node, seen));
        // It holds up nothing else.
        Assert.Equal([other], watcher.Rows.Select(r => r.Id));
        Assert.True((await items.Find(Node, "port", Thing))!.IsCurrent);
        watcher.Fails = null;
        await items.Observe(Node, seen);
        Assert.Equal([other, Thing, other], watcher.Rows.Select(r => r.Id));
    }

    [Fact]
    public async Task Each_part_of_a_report_goes_to_the_service_whose_it_is()
    {
        await using var test = await TestDatabase.Create(DatabaseKind.Sqlite);
        NodeItems servers = new(await test.Service("demo"), [], new()), ports = new(await test.Service("other"), [], new());
        foreach (var (items, kind) in new[] { (servers, "server"), (servers, "port"), (ports, "port"), (ports, "server") }) await items.Want(Node, kind, Thing, new Spec("a", 1));
        await new NodeFeeds([Feed(servers, "server"), Feed(ports, "port")]).Observe(Node, [new("server", Thing, 1, true), new("port", Thing, 1, true), new("other", Thing, 1, true)]);
        Assert.Equal((true, false), await Current(servers));
        Assert.Equal((false, true), await Current(ports));

        static async Task<(bool, bool)> Current(NodeItems items) =>
            ((await items.Find(Node, "server", Thing))!.IsCurrent, (await items.Find(Node, "port", Thing))!.IsCurrent);
    }

    [Theory, OnEachDatabase]
    public async Task A_tombstone_stays_until_it_was_confirmed_long_ago(DatabaseKind kind)
    {
        var clock = new ManualTimeProvider();
        await using var test = await TestDatabase.Create(kind, clock);
        var items = new NodeItems(await test.Service("demo"), [], new());
        await items.Want(Node, "server", Thing, new Spec("a", 1));
        await items.Observe(Node, [new Observed("server", Thing, 1, true)]);
        var generation = await items.Unwant(Node, "server", Thing);
        clock.Advance(TimeSpan.FromDays(9));
        Assert.Equal(0, await items.Purge());
        Assert.False((await items.Find(Node, "server", Thing))!.IsGone);
        await items.Observe(Node, [new Observed("server", Thing, generation, false)]);
        Assert.True((await items.Find(Node, "server", Thing))!.IsGone);
        Assert.Equal(0, await items.Purge());
        clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, await items.Purge());
    }

    [Theory, OnEachDatabase]
    public async Task A_watch_answers_when_something_changes_here_or_in_another_controller(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await test.Service("demo");
        await using var second = Database.Open(test.Options);
        var items = new NodeItems(db, [], new());
        // On PostgreSQL the change is made through another connection pool, as another process would.
        var elsewhere = kind == DatabaseKind.Postgres ? new NodeItems(second.For("demo"), [], new()) : items;
        var feeds = new NodeFeeds([Feed(items, "server")]);
        var watch = feeds.Watch(Node, new Dictionary<string, long>(), TimeSpan.FromHours(1), default);
        await Task.Delay(100);
        Assert.False(watch.IsCompleted);
        await elsewhere.Want(Node, "server", Thing, new Spec("a", 1));
        var changes = await watch.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(Thing, changes.Items.Single().Id);
        Assert.Empty((await feeds.Watch(Node, changes.Numbers, TimeSpan.FromMilliseconds(100), default)).Items);
    }

    [Fact]
    public async Task Another_controllers_change_is_told_and_not_polled_for_also_after_the_listener_was_cut_off()
    {
        Assert.SkipWhen(PostgresCluster.Missing is not null, PostgresCluster.Missing ?? "");
        // Its time stands still: a poll would never come.
        await using var test = await TestDatabase.Create(DatabaseKind.Postgres, new ManualTimeProvider());
        var items = new NodeItems(await test.Service("demo"), [], new());
        var feeds = new NodeFeeds([Feed(items, "server")]);
        await using var second = Database.Open(test.Options);
        var elsewhere = new NodeItems(second.For("demo"), [], new());
        var numbers = new Dictionary<string, long>();
        for (var size = 1; size <= 3; size++)
        {
            var watch = feeds.Watch(Node, numbers, TimeSpan.FromMinutes(5), default);
            await elsewhere.Want(Node, "server", Thing, new Spec("a", size));
            var changes = await watch.WaitAsync(TimeSpan.FromMinutes(1));
            Assert.Equal(size, changes.Items.Single().Generation);
            numbers = changes.Numbers.ToDictionary();
            await second.For("demo").Execute($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN nephos'");
        }
    }

    [Theory, OnEachDatabase]
    public async Task A_follower_of_changes_misses_none_of_many_writers(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var items = new NodeItems(await test.Service("demo"), [], new());
        var seen = new HashSet<Guid>();
        using var done = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var follower = Task.Run(async () =>
        {
            var number = 0L;
            while (seen.Count < 100 && !done.IsCancellationRequested)
            {
                var (changes, next) = await items.Changes(Node, number);
                seen.UnionWith(changes.Select(c => c.Id));
                number = next;
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => Task.Run(() => items.Want(Node, "server", NewId.Uuid(), new Spec("x", n)))));
        await follower;
        Assert.Equal(100, seen.Count);
    }

    [Theory, OnEachDatabase]
    public async Task Events_are_numbered_in_the_order_of_their_commits(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await test.Service("demo");
        var events = new EventLog(db);
        await Assert.ThrowsAsync<InvalidOperationException>(() => events.Append(new NewEvent("a.b", "x/1")));
        await db.InTransaction(() => events.Append(new NewEvent("demo.create.end", "thing/1", new Spec("a", 1)) { ProjectId = "p" }));
        await db.InTransaction(() => events.Append(new NewEvent("demo.delete.end", "thing/1")));
        var rows = await events.Read(0);
        Assert.Equal([(1L, "demo.create.end"), (2L, "demo.delete.end")], rows.Select(r => (r.Number, r.Type)));
        Assert.Equal("a", rows[0].Payload.GetProperty("name").GetString());
        Assert.Equal(2, (await events.Read(1))[0].Number);
    }
}
