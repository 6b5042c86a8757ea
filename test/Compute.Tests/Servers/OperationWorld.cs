using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nephos.Compute.Flavors;
using Nephos.Compute.Servers;
using Nephos.Compute.Tests.Fakes;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.Servers;

/// <summary>Everything an operation on a server touches, without the API: the harness runs the operations itself.</summary>
internal sealed class OperationWorld : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;
    private readonly SimulatedNode _node;

    private OperationWorld(TestDatabase database, ServiceProvider services)
    {
        (_database, _services) = (database, services);
        _node = new SimulatedNode(services.GetRequiredService<NodeFeeds>(), services.GetServices<INodeListener>(), Images);
    }

    public ComputeDb Db => _services.GetRequiredService<ComputeDb>();
    public ServerTable Servers => _services.GetRequiredService<ServerTable>();
    public FakeNetworks Networks => _services.GetRequiredService<FakeNetworks>();
    public FakePlacement Placement => _services.GetRequiredService<FakePlacement>();
    public FakeImages Images => _services.GetRequiredService<FakeImages>();
    public SimulatedNode Node => _node;
    public Guid Server { get; } = NewId.Uuid();

    public static async Task<OperationWorld> Start()
    {
        var database = await TestDatabase.Create();
        var services = new ServiceCollection();
        services.AddLogging(l => l.ClearProviders());
        services.AddSingleton(database.Database).AddSingleton(TimeProvider.System)
            .AddSingleton<FakePlacement>().AddSingleton<IPlacement>(p => p.GetRequiredService<FakePlacement>())
            .AddSingleton<FakeNetworks>().AddSingleton<INetworks>(p => p.GetRequiredService<FakeNetworks>())
            .AddSingleton<ISecurityGroups, FakeSecurityGroups>().AddSingleton<IIdentity, FakeIdentity>()
            .AddSingleton<IFloatingIps, FakeFloatingIps>().AddSingleton<INetworkCatalog, FakeNetworkCatalog>().AddSingleton<IImageCatalog, FakeImageCatalog>()
            .AddSingleton<FakeImages>().AddSingleton<IImages>(p => p.GetRequiredService<FakeImages>())
            .AddSingleton<INodeQuestions>(p => new SimulatedNode(p.GetRequiredService<NodeFeeds>(), [], p.GetRequiredService<FakeImages>()))
            .AddCompute();
        var world = new OperationWorld(database, services.BuildServiceProvider());
        await world._services.MigrateAll();
        await world._node.Start();
        return world;
    }

    /// <summary>An operation to test, with the kinds beside it that it may hand over to.</summary>
    public OperationScenario Scenario(Func<Operations, ServerRow, Task<string>> start, Func<Task> done, Func<Task> clean) => new()
    {
        Db = Db, Kinds = [.. _services.GetServices<Operation>()],
        Start = async operations => await start(operations, await Servers.Find(Server) ?? Row()),
        AssertDone = done, AssertClean = clean, End = DisposeAsync,
    };

    /// <summary>A new server's row.</summary>
    public ServerRow Row() => new()
    {
        Id = Server, Number = 1, Name = "vm", Hostname = "vm", ProjectId = FakeTokens.DemoProject, UserId = "demo", VmState = VmState.Building, TaskState = TaskState.Scheduling,
        FlavorId = "1", Flavor = new FlavorUse("1", "tiny", 1, 512, 1, 0, 0, 1, []), ImageId = Images.Cirros.Id,
        Image = new ImageUse(Images.Cirros.Id, "qcow2", "hash", 1 << 20, 0, 0, null, null, []), ReservationId = "r-1", Metadata = [], CreatedAt = Db.Now, UpdatedAt = Db.Now,
    };

    public CreateServer.State Creation() => new(Server, "req-1", [new(NewId.Uuid(), Networks.All[0].Id, null, true, null)], null, null, [], []);

    /// <summary>Lets a server be, as a create leaves it.</summary>
    public async Task Boot()
    {
        var runner = await TestRunner.Start(Db, TimeProvider.System, new OperationsOptions { Fallback = TimeSpan.FromMilliseconds(20), FallbackMax = TimeSpan.FromMilliseconds(50) }, _services.GetServices<Operation>());
        await Db.InTransaction(async () =>
        {
            await Servers.Insert(Row());
            await runner.Operations.Start(Row().Resource, Creation());
        });
        await runner.Ended(ServerRow.ResourceOf(Server));
        await runner.DisposeAsync();
        Assert.Equal(VmState.Active, (await Servers.Find(Server))!.VmState);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }
}
