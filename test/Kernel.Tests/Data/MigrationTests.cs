using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Data;

public sealed class MigrationTests
{
    [Theory, OnEachDatabase]
    public async Task Migrations_run_once_and_may_be_asked_for_again(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await test.Service("demo");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Migrations.Apply(db))));
        Assert.Equal(await db.Scalar<long>($"SELECT COUNT(DISTINCT name) FROM demo_migrations"), await db.Scalar<long>($"SELECT COUNT(*) FROM demo_migrations"));
        Assert.Equal(0, await db.Counters.Last("x"));
    }

    [Fact]
    public async Task Both_databases_get_the_same_tables()
    {
        Assert.SkipWhen(PostgresCluster.Missing is not null, PostgresCluster.Missing ?? "");
        var schemas = new List<string>();
        foreach (var kind in Enum.GetValues<DatabaseKind>())
        {
            await using var test = await TestDatabase.Create(kind);
            schemas.Add(await Migrations.Schema(await test.Service("demo")));
        }
        Assert.Contains("table demo_counters\n  name TEXT not null\n  value BIGINT not null\n  key (name)\n", schemas[0], StringComparison.Ordinal);
        Assert.Equal(schemas[0], schemas[1]);
    }

    [Theory, OnEachDatabase]
    public async Task Numbers_of_a_counter_have_no_holes_and_a_reader_never_sees_a_later_one_first(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var db = await test.Service("demo");
        await db.Execute($"CREATE TABLE demo_things (number BIGINT NOT NULL)");
        var seen = new List<long>();
        var reader = Task.Run(async () =>
        {
            while (seen.Count < 60)
            {
                var after = seen.Count == 0 ? 0 : seen[^1];
                seen.AddRange(await db.Query<long>($"SELECT number FROM demo_things WHERE number > {after} ORDER BY number"));
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 90).Select(n => Task.Run(async () =>
        {
            try
            {
                await db.InTransaction(async () =>
                {
                    await db.Execute($"INSERT INTO demo_things (number) VALUES ({await db.Counters.Next("things")})");
                    _ = n % 3 == 0 ? throw new TimeoutException() : true;
                });
            }
            catch (TimeoutException)
            {
                // One in three is taken back.
            }
        })));
        await reader;
        Assert.Equal(Enumerable.Range(1, 60).Select(n => (long)n), seen);
    }
}
