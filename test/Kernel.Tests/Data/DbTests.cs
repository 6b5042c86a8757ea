using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Data;

public sealed class DbTests
{
    private enum Colour { Red, DeepBlue }

    private sealed record Inner(string Name, int[] Numbers);

    private sealed record Row(Guid Id, string? Name, Colour Colour, DateTimeOffset CreatedAt, bool Enabled, [property: Json] Inner? Extra = null, int Size = 7)
    {
        public long? Weight { get; init; }
        public byte[]? Data { get; init; }
    }

    private static async Task<Db> Things(TestDatabase test)
    {
        var db = await test.Service("demo");
        await db.Execute($"""
            CREATE TABLE demo_things (id TEXT NOT NULL PRIMARY KEY, name TEXT, colour TEXT NOT NULL, created_at BIGINT NOT NULL, enabled BOOLEAN NOT NULL,
                extra TEXT, size BIGINT NOT NULL DEFAULT 7, weight BIGINT, data BYTEA, UNIQUE (name, colour))
            """);
        return db;
    }

    private static Task Insert(Db db, Guid id, string? name, Colour colour = Colour.Red) =>
        db.Execute($"INSERT INTO demo_things (id, name, colour, created_at, enabled) VALUES ({id}, {name}, {colour}, {db.Now}, {true})");

    [Theory, OnEachDatabase]
    public async Task A_record_comes_back_as_it_was_written(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        var at = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddMicroseconds(89);
        var row = new Row(NewId.Uuid(), null, Colour.DeepBlue, at, true, new Inner("ü", [1, 2]), 3) { Weight = long.MaxValue, Data = [0, 255] };
        await db.Execute($"""
            INSERT INTO demo_things (id, name, colour, created_at, enabled, extra, size, weight, data)
            VALUES ({row.Id}, {row.Name}, {row.Colour}, {row.CreatedAt}, {row.Enabled}, {Sql.Json(row.Extra)}, {row.Size}, {row.Weight}, {row.Data})
            """);
        var read = await db.One<Row>($"SELECT * FROM demo_things WHERE id = {row.Id} AND name IS NOT DISTINCT FROM {row.Name} AND enabled");
        Assert.Equivalent(row, read, strict: true);
        Assert.Equal("deep_blue", await db.Scalar<string>($"SELECT colour FROM demo_things"));
        Assert.Equal((row.Id, 3L), await db.One<(Guid, long)>($"SELECT id, size FROM demo_things"));
        Assert.Null(await db.One<Row>($"SELECT * FROM demo_things WHERE id = {NewId.Uuid()}"));
    }

    [Theory, OnEachDatabase]
    public async Task Lists_in_a_hole_expand_and_an_empty_one_matches_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        Guid[] ids = [NewId.Uuid(), NewId.Uuid(), NewId.Uuid()];
        foreach (var id in ids)
        {
            await Insert(db, id, id.ToString());
        }
        SqlText condition = $"size = {7}";
        Assert.Equal(2, await db.Scalar<long>($"SELECT COUNT(*) FROM {Sql.Raw("demo_things")} WHERE {condition} AND id IN {ids[..2]}"));
        Assert.Equal(0, await db.Scalar<long>($"SELECT COUNT(*) FROM demo_things WHERE id IN {Array.Empty<Guid>()}"));
        Assert.Equal(3, await db.Scalar<long>($"SELECT COUNT(*) FROM demo_things WHERE size NOT IN {new List<int>()}"));
    }

    [Theory, OnEachDatabase]
    public async Task A_long_list_is_one_parameter_whatever_its_length(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        Guid[] ids = [.. Enumerable.Range(0, 70_000).Select(_ => NewId.Uuid())];
        string[] names = ["a", "b\"\\'", "c\nü", "d", "e"];
        for (var i = 0; i < 5; i++)
        {
            await Insert(db, ids[i * 1000], names[i]);
        }
        SqlText asked = $"SELECT COUNT(*) FROM demo_things WHERE id IN {ids} AND size IN {Enumerable.Range(3, 5).ToList()} AND colour IN {new[] { Colour.Red, Colour.DeepBlue }}";
        Assert.Equal(5, await db.Scalar<long>(asked));
        Assert.DoesNotContain("$5", asked.ToString(), StringComparison.Ordinal);
        Assert.Equal(names, await db.Query<string>($"SELECT name FROM demo_things WHERE name IN {names} AND name NOT IN {new[] { "1", "2", "3", "4", "5" }} ORDER BY name"));
        Assert.Equal(0, await db.Scalar<long>($"SELECT COUNT(*) FROM demo_things WHERE size NOT IN {Enumerable.Range(3, 5).ToList()}"));
    }

    private sealed record Owner(Guid Id)
    {
        public IReadOnlyList<string> Names { get; set; } = ["unread"];
        public bool Blue { get; set; }
    }

    [Theory, OnEachDatabase]
    public async Task Parts_of_rows_are_read_together_and_each_row_gets_its_own(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        Guid[] ids = [NewId.Uuid(), NewId.Uuid(), NewId.Uuid()];
        await Insert(db, ids[0], "b");
        await Insert(db, ids[1], "a", Colour.DeepBlue);
        async Task<List<Owner>> Filled()
        {
            List<Owner> owners = [.. ids.Select(id => new Owner(id))];
            await db.Fill(owners,
                Part.Of((Owner o) => o.Id, ((Guid Id, string Name) t) => t.Id, $"SELECT id, name || suffix FROM demo_things, (SELECT 1 AS suffix UNION ALL SELECT 2) s WHERE id IN {ids} ORDER BY suffix DESC", (o, found) => o.Names = [.. found.Select(f => f.Name)]),
                Part.Flag((Owner o) => o.Id, $"SELECT id FROM demo_things WHERE colour = {Colour.DeepBlue}", (o, blue) => o.Blue = blue));
            return owners;
        }
        void Check(List<Owner> owners)
        {
            Assert.Equal([["b2", "b1"], ["a2", "a1"], []], owners.Select(o => o.Names));
            Assert.Equal([false, true, false], owners.Select(o => o.Blue));
        }
        Check(await Filled());
        // Inside a transaction it sees what that wrote.
        await db.InTransaction(async () =>
        {
            await Insert(db, ids[2], "c", Colour.DeepBlue);
            Assert.Equal([false, true, true], (await Filled()).Select(o => o.Blue));
            await db.Execute($"DELETE FROM demo_things WHERE id = {ids[2]}");
        });
        Check(await Filled());
        await db.Fill(Array.Empty<Owner>(), Part.Flag((Owner o) => o.Id, Sql.Raw("no statement"), (_, _) => Assert.Fail()));
    }

    [Theory, OnEachDatabase]
    public async Task A_second_row_with_the_same_key_names_table_and_columns(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        await Insert(db, NewId.Uuid(), "a");
        var error = await Assert.ThrowsAsync<DuplicateKey>(() => Insert(db, NewId.Uuid(), "a"));
        Assert.Equal("demo_things", error.Table);
        Assert.True(error.On("colour", "name"));
        Assert.False(error.On("name"));
    }

    [Theory, OnEachDatabase]
    public async Task A_failed_statement_dooms_its_transaction_unless_it_is_a_part_of_its_own(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        await Insert(db, NewId.Uuid(), "a");
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.InTransaction(async () =>
        {
            await Assert.ThrowsAsync<DuplicateKey>(() => Insert(db, NewId.Uuid(), "a"));
            await Insert(db, NewId.Uuid(), "b");
        }));
        await db.InTransaction(async () =>
        {
            await Assert.ThrowsAsync<DuplicateKey>(() => db.InTransaction(() => Insert(db, NewId.Uuid(), "a")));
            await Insert(db, NewId.Uuid(), "c");
        });
        Assert.Equal(["a", "c"], await db.Query<string>($"SELECT name FROM demo_things ORDER BY name"));
    }

    [Theory, OnEachDatabase]
    public async Task What_a_body_throws_takes_everything_back(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        var told = 0;
        await Assert.ThrowsAsync<Fault>(() => db.InTransaction(async () =>
        {
            await Insert(db, NewId.Uuid(), "a");
            db.AfterCommit(() => told++);
            throw Fault.Conflict("no");
        }));
        Assert.Equal(0, await db.Scalar<long>($"SELECT COUNT(*) FROM demo_things"));
        Assert.Equal(0, told);
    }

    [Theory, OnEachDatabase]
    public async Task Writers_in_parallel_each_have_an_outcome_of_their_own(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => Task.Run(async () =>
        {
            try
            {
                await db.InTransaction(async () =>
                {
                    await Insert(db, NewId.Uuid(), $"name{n}");
                    _ = n % 3 == 0 ? throw Fault.Conflict("third") : true;
                });
                // Answered means committed: another connection sees it.
                Assert.Equal(1, await db.Scalar<long>($"SELECT COUNT(*) FROM demo_things WHERE name = {$"name{n}"}"));
                return true;
            }
            catch (Fault)
            {
                return false;
            }
        })));
        Assert.Equal(133, outcomes.Count(o => o));
        Assert.Equal(133, await db.Scalar<long>($"SELECT COUNT(*) FROM demo_things"));
    }

    [Theory, OnEachDatabase]
    public async Task Rows_can_be_streamed_and_left_in_the_middle(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        for (var i = 0; i < 5; i++)
        {
            await Insert(db, NewId.Uuid(), $"n{i}");
        }
        for (var round = 0; round < 20; round++)
        {
            await foreach (var name in db.Stream<string>($"SELECT name FROM demo_things ORDER BY name"))
            {
                if (name == "n2")
                {
                    break;
                }
            }
        }
        Assert.Equal(5, (await db.Query<string>($"SELECT name FROM demo_things ORDER BY name")).Count);
    }

    [Theory, OnEachDatabase]
    public async Task No_transaction_spans_two_services(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        var other = await test.Service("other");
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.InTransaction(() => other.Counters.Next("x")));
        Assert.Throws<InvalidOperationException>(() => db.RequireTransaction());
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.InTransaction(() =>
        {
            Database.AssertOutside("GET http://example");
            return Task.CompletedTask;
        }));
    }

    [Fact]
    public async Task A_strict_database_refuses_to_wait_for_the_outside()
    {
        await using var test = await TestDatabase.Create();
        var db = await Things(test);
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.InTransaction(async () =>
        {
            await Insert(db, NewId.Uuid(), "a");
            await Task.Delay(1);
        }));
        Assert.Equal(0, await db.Scalar<long>($"SELECT COUNT(*) FROM demo_things"));
    }

    [Theory, OnEachDatabase]
    public async Task Users_regular_expressions_filter_on_both(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        await Insert(db, NewId.Uuid(), "web-1");
        await Insert(db, NewId.Uuid(), "db-1");
        Assert.Equal(["web-1"], await db.Query<string>($"SELECT name FROM demo_things WHERE {Sql.Matches("name", "^web")}"));
        Assert.Throws<Fault>(() => Sql.Matches("name", "("));
        Assert.Throws<Fault>(() => Sql.Matches("name", new string('a', 256)));
    }

    [Theory, OnEachDatabase]
    public async Task A_deadlock_runs_the_loser_again(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await Things(test);
        Guid[] ids = [NewId.Uuid(), NewId.Uuid()];
        await Insert(db, ids[0], "0");
        await Insert(db, ids[1], "1");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(n => Task.Run(() => db.InTransaction(async () =>
        {
            await db.Execute($"UPDATE demo_things SET size = size + 1 WHERE id = {ids[n % 2]}");
            await db.Execute($"UPDATE demo_things SET size = size + 1 WHERE id = {ids[1 - n % 2]}");
        }))));
        Assert.Equal([13L, 13L], await db.Query<long>($"SELECT size FROM demo_things"));
    }
}
