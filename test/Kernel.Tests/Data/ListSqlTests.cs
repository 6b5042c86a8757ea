using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Data;

public sealed class ListSqlTests
{
    private sealed record Row(Guid Id, string? Name, long? Size, bool Flag);

    private static readonly Dictionary<string, string> Allowed = new() { ["name"] = "name", ["size"] = "size", ["flag"] = "flag" };

    [Theory, OnEachDatabase]
    public async Task Pages_after_a_marker_give_every_row_once_whatever_the_order(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await test.Service("demo");
        await db.Execute($"CREATE TABLE demo_things (id TEXT NOT NULL PRIMARY KEY, name TEXT, size BIGINT, flag BOOLEAN NOT NULL)");
        var random = new Random(4711);
        string?[] names = [null, "", "a", "A", "ä", "b"];
        for (var i = 0; i < 60; i++)
        {
            await db.Execute($"INSERT INTO demo_things (id, name, size, flag) VALUES ({NewId.Uuid()}, {names[random.Next(names.Length)]}, {(random.Next(3) is var n and > 0 ? n : (long?)null)}, {random.Next(2) == 0})");
        }
        for (var round = 0; round < 40; round++)
        {
            SortKey[] keys = [.. new[] { "name", "size", "flag" }.OrderBy(_ => random.Next()).Take(random.Next(4)).Select(k => new SortKey(k, random.Next(2) == 0))];
            var (limit, descending, own) = (random.Next(1, 25), random.Next(2) == 0, random.Next(2) == 0);
            var mixed = random.Next(2) == 0;
            // The list's own keys are columns without nulls.
            ListSql Ordered(ListSql list) => own ? list.OrderBy("flag", descending).OrderBy("id", descending != mixed) : list.OrderBy(keys, Allowed);
            var all = await db.Page<Row>(Ordered(new ListSql("demo_things").Where($"flag OR size IS NULL")));
            Assert.False(all.HasMore);
            Assert.Equal(all.Items, await Walk(db, Ordered, limit));
        }
    }

    private static async Task<List<Row>> Walk(Db db, Func<ListSql, ListSql> ordered, int limit)
    {
        var rows = new List<Row>();
        string? marker = null;
        while (true)
        {
            var page = await db.Page<Row>(ordered(new ListSql("demo_things") { Limit = limit, Marker = marker }.Where($"flag OR size IS NULL")));
            if (marker is not null)
            {
                // The page before the first row of this page ends with the rows we came from.
                var back = await db.Page<Row>(ordered(new ListSql("demo_things") { Limit = limit, Marker = page.Items[0].Id.ToString(), Backwards = true }.Where($"flag OR size IS NULL")));
                Assert.Equal(rows.TakeLast(limit), back.Items);
            }
            rows.AddRange(page.Items);
            if (!page.HasMore)
            {
                return rows;
            }
            Assert.Equal(limit, page.Items.Count);
            marker = page.Items[^1].Id.ToString();
        }
    }

    [Theory, OnEachDatabase]
    public async Task A_marker_out_of_scope_and_a_sort_key_not_allowed_are_refused(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await test.Service("demo");
        await db.Execute($"CREATE TABLE demo_things (id TEXT NOT NULL PRIMARY KEY, project TEXT NOT NULL)");
        await db.Execute($"INSERT INTO demo_things (id, project) VALUES ('x', 'theirs'), ('y', 'mine'), ('z', 'mine')");
        ListSql List(string marker) => new ListSql("demo_things") { Marker = marker }.Scope($"project = {"mine"}");
        Assert.Equal(["z"], (await db.Page<string>(List("y"))).Items);
        await Assert.ThrowsAsync<Fault>(() => db.Page<string>(List("x")));
        Assert.Throws<Fault>(() => new ListSql("demo_things").OrderBy([new SortKey("project; DROP TABLE x")], Allowed));
        Assert.Equal(2, await db.Scalar<long>(List("y").Count()));
    }
}
