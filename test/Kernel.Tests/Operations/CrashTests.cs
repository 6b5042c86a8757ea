using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Operations;

[SuppressMessage("ApiDesign", "RS0030", Justification = "Starts this program again, to have it killed.")]
public sealed class CrashTests
{
    public static TheoryData<DatabaseKind, string, bool> Points
    {
        get
        {
            var points = new TheoryData<DatabaseKind, string, bool>();
            foreach (var kind in Enum.GetValues<DatabaseKind>())
            {
                string[] wheres = kind == DatabaseKind.Sqlite ? ["before", "inside", "after"] : ["inside"];
                foreach (var where in wheres)
                {
                    foreach (var step in new[] { "place", "walls", "note", "roof" })
                    {
                        points.Add(kind, $"BuildHouse/{step}/{where}", false);
                    }
                    foreach (var step in new[] { "roof", "walls", "place" })
                    {
                        points.Add(kind, $"BuildHouse/undo-{step}/{where}", true);
                    }
                }
            }
            return points;
        }
    }

    [Theory, MemberData(nameof(Points))]
    public async Task A_process_killed_anywhere_leaves_an_operation_that_the_next_one_finishes(DatabaseKind kind, string point, bool fails)
    {
        Assert.SkipWhen(kind == DatabaseKind.Postgres && PostgresCluster.Missing is not null, PostgresCluster.Missing ?? "");
        await using var test = await TestDatabase.Create(kind);
        var db = await Houses.Create(test);
        var folder = Directory.CreateTempSubdirectory("nephos-test-").FullName;
        Assert.Equal(137, await Child(test, folder, point, fails));

        await using var runner = await TestRunner.Start(db, TimeProvider.System, CrashChild.Options, new BuildHouse(db, CrashChild.InFolder(folder, fails ? "roof" : null)));
        var house = await db.One<House>($"SELECT * FROM demo_houses");
        var ended = await runner.Ended($"house/{house!.Id}");
        house = await db.One<House>($"SELECT * FROM demo_houses");
        Assert.Equal(fails ? OperationStatus.Failed : OperationStatus.Done, ended.Status);
        Assert.Equal(fails ? "error" : "ready", house!.Status);
        // Its own rows change once, whatever happened.
        Assert.Equal(1, house.Notes);
        string[] expected = fails ? [] : ["place", "roof", "walls"];
        Assert.Equal(expected, Directory.GetFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Directory.Delete(folder, recursive: true);
    }

    [Theory, OnEachDatabase]
    public async Task A_step_that_keeps_killing_its_process_is_set_aside(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Houses.Create(test);
        var release = new TaskCompletionSource<bool>();
        var world = new World { On = (what, _) => what == "walls" ? release.Task : Task.FromResult(true) };
        await using var first = await TestRunner.Start(db, TimeProvider.System, null, new BuildHouse(db, world));
        var id = await Houses.Order(db, first.Operations);
        await EngineTests.Until(() => world.Calls.Contains("walls"));
        // As five dead processes would have left it.
        await db.Execute($"UPDATE demo_operations SET adopted = 4, holder = 'dead', epoch = epoch + 1");
        world.On = (_, _) => Task.FromResult(true);
        await using var second = await TestRunner.Start(db, TimeProvider.System, null, new BuildHouse(db, world));
        Assert.Equal(OperationStatus.Failed, (await second.Ended($"house/{id}")).Status);
        Assert.Contains("ended the program 5 times", (await Houses.Find(db, id))!.Fault, StringComparison.Ordinal);
        Assert.Empty(world.Things);
        release.SetResult(true);
    }

    [Theory, OnEachDatabase]
    public async Task Who_lost_an_operation_writes_nothing_more(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Houses.Create(test);
        await using var secondDatabase = Database.Open(test.Options with { Strict = false });
        var elsewhere = secondDatabase.For("demo");
        var (zombie, heir) = (new World(), new World());
        var release = new TaskCompletionSource();
        zombie.On = async (what, _) =>
        {
            await (what == "walls" ? release.Task : Task.CompletedTask);
            return true;
        };
        var epochs = new List<long>();
        heir.On = (_, c) =>
        {
            epochs.Add(c.Epoch);
            return Task.FromResult(true);
        };
        await using var first = await TestRunner.Start(db, TimeProvider.System, null, new BuildHouse(db, zombie));
        var id = await Houses.Order(db, first.Operations);
        await EngineTests.Until(() => zombie.Calls.Contains("walls"));
        // Its session breaks without its noticing: another process takes the row.
        await db.Execute($"UPDATE demo_operations SET holder = 'lost'");
        await using var second = await TestRunner.Start(elsewhere, TimeProvider.System, null, new BuildHouse(elsewhere, heir));
        Assert.Equal(OperationStatus.Done, (await second.Ended($"house/{id}")).Status);
        release.SetResult();
        await EngineTests.Until(() => first.Runner.Held == 0);
        Assert.DoesNotContain("roof", zombie.Calls);
        Assert.Equal(1, (await Houses.Find(db, id))!.Notes);
        // The heir's calls carry a higher epoch than the zombie's, which began with 1.
        Assert.All(epochs, e => Assert.True(e > 1));
    }

    [Fact]
    public async Task Two_controllers_share_the_work_and_take_over_from_a_dead_one_only()
    {
        Assert.SkipWhen(PostgresCluster.Missing is not null, PostgresCluster.Missing ?? "");
        await using var test = await TestDatabase.Create(DatabaseKind.Postgres);
        var db = await Houses.Create(test);
        await using var secondDatabase = Database.Open(test.Options);
        var elsewhere = secondDatabase.For("demo");
        var (one, two) = (new World(), new World());
        one.On = (what, _) => Task.FromResult(what != "roof");
        var first = await TestRunner.Start(db, TimeProvider.System, EngineTests.Patient, new BuildHouse(db, one));
        await using var second = await TestRunner.Start(elsewhere, TimeProvider.System, EngineTests.Patient, new BuildHouse(elsewhere, two));
        var id = await Houses.Order(db, first.Operations);
        await EngineTests.Until(() => one.Calls.Contains("roof"));
        // The holder lives: nobody takes it, and a nudge given to the other controller reaches it.
        await second.Runner.Sweep();
        Assert.Equal(0, second.Runner.Held);
        var asked = one.Calls.Count;
        one.On = (_, _) => Task.FromResult(true);
        second.Operations.Nudge($"house/{id}");
        await second.Ended($"house/{id}");
        Assert.True(one.Calls.Count > asked);

        // Now the first one ends in the middle.
        one.On = (what, _) => Task.FromResult(what != "roof");
        var before = one.Calls.Count(c => c == "roof");
        var next = await Houses.Order(db, first.Operations);
        await EngineTests.Until(() => one.Calls.Count(c => c == "roof") > before);
        await first.DisposeAsync();
        Assert.Equal(OperationStatus.Done, (await second.Ended($"house/{next}")).Status);
        Assert.Equal(["roof"], two.Calls);
    }

    [Fact]
    public async Task A_holder_whose_session_broke_goes_on_with_what_nobody_took()
    {
        Assert.SkipWhen(PostgresCluster.Missing is not null, PostgresCluster.Missing ?? "");
        await using var test = await TestDatabase.Create(DatabaseKind.Postgres);
        var db = await Houses.Create(test);
        var world = new World();
        var ready = false;
        world.On = (what, _) => Task.FromResult(what != "roof" || ready);
        await using var runner = await TestRunner.Start(db, TimeProvider.System, null, new BuildHouse(db, world));
        var id = await Houses.Order(db, runner.Operations);
        await EngineTests.Until(() => world.Calls.Contains("roof"));
        var holder = await db.Scalar<string>($"SELECT holder FROM demo_operations");
        await db.Query<bool>($"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        for (var i = 0; await db.Scalar<string>($"SELECT holder FROM demo_operations") == holder; i++)
        {
            Assert.True(i < 1000, "It kept its old name.");
            await Task.Delay(10);
        }
        ready = true;
        Assert.Equal(OperationStatus.Done, (await runner.Ended($"house/{id}")).Status);
        Assert.Equal(1, world.Calls.Count(c => c == "walls"));
        for (var i = 0; await db.Scalar<long>($"SELECT COUNT(*) FROM demo_incarnations") != 1; i++)
        {
            Assert.True(i < 1000, "Its old name is still written down.");
            await Task.Delay(10);
        }
    }

    [Fact]
    public Task The_harness_passes_an_operation_that_keeps_its_promises() => OperationHarness.Run(Scenario(_ => { }), nameof(BuildHouse));

    [Fact]
    public async Task The_harness_finds_an_undo_that_forgets_something()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            OperationHarness.Run(Scenario(world => world.On = (what, _) => Task.FromResult(what == "undo-walls" ? world.Things.TryAdd("forgotten", Guid.Empty) || true : true)), nameof(BuildHouse)));
        Assert.StartsWith("When 'walls' fails", error.Message, StringComparison.Ordinal);
    }

    private static Func<Task<OperationScenario>> Scenario(Action<World> change) => async () =>
    {
        var test = await TestDatabase.Create();
        var db = await Houses.Create(test);
        var world = new World();
        change(world);
        var house = Guid.Empty;
        return new OperationScenario
        {
            Db = db,
            Kinds = [new BuildHouse(db, world), new RazeHouse(db, world)],
            Start = async operations => $"house/{house = await Houses.Order(db, operations)}",
            AssertDone = async () =>
            {
                Assert.Equal(3, world.Things.Count);
                Assert.Equal(("ready", 1L), await db.One<(string, long)>($"SELECT status, notes FROM demo_houses"));
            },
            AssertClean = async () =>
            {
                Assert.Empty(world.Things);
                Assert.Equal("error", (await Houses.Find(db, house))!.Status);
            },
            End = test.DisposeAsync,
        };
    };

    private static async Task<int> Child(TestDatabase test, string world, string point, bool fails)
    {
        var start = new ProcessStartInfo { FileName = Environment.ProcessPath!, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(CrashTests).Assembly.Location);
        }
        start.ArgumentList.Add("--crash-child");
        start.Environment["NEPHOS_CRASH"] = point;
        start.Environment["TEST_SQLITE"] = test.Options.SqlitePath;
        start.Environment["TEST_POSTGRES"] = test.Options.Postgres;
        start.Environment["TEST_WORLD"] = world;
        start.Environment["TEST_FAIL"] = fails ? "roof" : null;
        using var child = Process.Start(start)!;
        var output = Task.WhenAll(child.StandardOutput.ReadToEndAsync(), child.StandardError.ReadToEndAsync());
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 137, string.Concat(await output));
        return child.ExitCode;
    }
}
