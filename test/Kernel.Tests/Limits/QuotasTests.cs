using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Limits;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Limits;

public sealed class QuotasTests
{
    private static async Task<(Db Db, Quotas Quotas)> Setup(TestDatabase test)
    {
        var db = await test.Service("demo");
        await db.Execute($"CREATE TABLE demo_things (id TEXT NOT NULL PRIMARY KEY, project_id TEXT NOT NULL, size BIGINT NOT NULL)");
        return (db, new Quotas(db, [new QuotaResources("demo",
        [
            new("things", 5, p => $"SELECT COUNT(*) FROM demo_things WHERE project_id = {p}"),
            new("size", -1, p => $"SELECT COALESCE(SUM(size), 0) FROM demo_things WHERE project_id = {p}"),
            new("booked", 3),
        ]), new QuotaResources("other", [new("things", 1)])]));
    }

    private static Task Make(Db db, Quotas quotas, string project) => db.InTransaction(async () =>
    {
        await quotas.Take(project, new Dictionary<string, long> { ["things"] = 1, ["size"] = 10 });
        await db.Execute($"INSERT INTO demo_things (id, project_id, size) VALUES ({NewId.Uuid()}, {project}, {10})");
    });

    [Theory, OnEachDatabase]
    public async Task Creators_in_parallel_do_not_pass_together(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var (db, quotas) = await Setup(test);
        var made = await Task.WhenAll(Enumerable.Range(0, 30).Select(n => Task.Run(async () =>
        {
            try
            {
                await Make(db, quotas, "p" + n % 2);
                return true;
            }
            catch (QuotaExceeded e)
            {
                Assert.Equal([new QuotaShort("things", 1, 5, 5)], e.Over);
                return false;
            }
        })));
        Assert.Equal(10, made.Count(m => m));
        Assert.Equal([new("things", 5, 5, 0), new("size", -1, 50, 0), new("booked", 3, 0, 0)], await quotas.Detail("p0"));
    }

    [Theory, OnEachDatabase]
    public async Task Limits_of_a_project_win_over_those_of_the_class_and_the_defaults(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var (db, quotas) = await Setup(test);
        await quotas.SetClass(Quotas.DefaultClass, "things", 2);
        await quotas.Set("p", "things", 1);
        await quotas.Set("p", "things", 0);
        await Assert.ThrowsAsync<QuotaExceeded>(() => Make(db, quotas, "p"));
        await Make(db, quotas, "q");
        await Make(db, quotas, "q");
        await Assert.ThrowsAsync<QuotaExceeded>(() => Make(db, quotas, "q"));
        Assert.Equal(["p"], await quotas.ProjectsWithLimits());
        await quotas.Reset("p");
        await Make(db, quotas, "p");
        Assert.Equal(2, (await quotas.Of("p"))["things"]);
        Assert.Throws<ArgumentException>(() => { _ = quotas.Set("p", "nothing", 1); });
    }

    [Theory, OnEachDatabase]
    public async Task What_is_booked_can_be_given_back(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var (db, quotas) = await Setup(test);
        await db.InTransaction(() => quotas.Take("p", new Dictionary<string, long> { ["booked"] = 3 }));
        await Assert.ThrowsAsync<QuotaExceeded>(() => db.InTransaction(() => quotas.Take("p", new Dictionary<string, long> { ["booked"] = 1 })));
        await db.InTransaction(() => quotas.Give("p", new Dictionary<string, long> { ["booked"] = 2 }));
        await db.InTransaction(() => quotas.Take("p", new Dictionary<string, long> { ["booked"] = 1 }));
        Assert.Equal(2, (await quotas.Detail("p")).Single(u => u.Resource == "booked").InUse);
    }
}
