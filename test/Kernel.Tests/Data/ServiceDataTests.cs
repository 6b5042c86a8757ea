using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Operations;
using Nephos.Kernel.Tests.Operations;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Data;

public sealed class ServiceDataTests
{
    private sealed class DemoDb(Database database) : Db(database, "demo");

    private sealed class OtherDb(Database database) : Db(database, "other");

    private sealed class Build(DemoDb db, World world) : Operation<Build.State>(db)
    {
        public sealed record State(string Name) : IStateOf<Build>;
        protected override IReadOnlyList<Step> Steps => [new("build", async (s, c) => await world.Do("build " + s.Name, c) ? s : null)];
        protected override Task Failed(State state, OperationFailure failure) => Task.CompletedTask;
    }

    [Theory, OnEachDatabase]
    public async Task A_program_of_two_services_starts_and_runs_their_operations_and_loops(DatabaseKind kind)
    {
        await using var test = await TestDatabase.Create(kind);
        var services = new ServiceCollection().AddLogging().AddSingleton<World>().AddDatabase(test.Options)
            .AddServiceData<DemoDb>().AddServiceData<OtherDb>().AddNodeFeed<OtherDb>("thing").AddOperation<Build>().AddQuotas("demo", new QuotaResource("things", 3));
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
        await provider.MigrateAll();
        var hosted = provider.GetServices<IHostedService>().ToList();
        Assert.Equal(3, hosted.Count);
        foreach (var service in hosted)
        {
            await service.StartAsync(default);
        }
        var (db, operations) = (provider.GetRequiredService<DemoDb>(), provider.GetRequiredService<Operations<DemoDb>>());
        await db.InTransaction(() => operations.Start("house/1", new Build.State("one")));
        await EngineTests.Until(() => provider.GetRequiredService<World>().Calls.Contains("build one"));
        await EngineTests.Until(() => provider.GetRequiredService<LoopRunner>().Loops.All(l => l.Last is not null));
        Assert.Equal(["demo.housekeeping", "other.housekeeping"], provider.GetRequiredService<LoopRunner>().Loops.Select(l => l.Name));
        Assert.Equal("other", Assert.Single(provider.GetServices<NodeFeed>()).Items.Name);
        Assert.Equal(3, (await provider.GetRequiredService<Quotas<DemoDb>>().Of("p"))["things"]);
        Assert.True((await provider.GetRequiredService<HealthStatus>().Check()).Ok);
        Assert.NotNull(provider.GetRequiredService<NodeFeeds>());
        foreach (var service in hosted)
        {
            await service.StopAsync(default);
        }
    }

    [Fact]
    public Task The_kernels_tables_are_as_written_down() => SchemaGolden.Check("demo", typeof(Migrations).Assembly);
}
