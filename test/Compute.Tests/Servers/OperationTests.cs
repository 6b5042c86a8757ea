using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.Servers;

/// <summary>Every operation under the harness: each step twice, failing before and after its work, every undo twice, the process lost inside each.</summary>
public sealed class OperationTests
{
    [Fact]
    public Task Create_server_stands_the_harness() => OperationHarness.Run(async () =>
    {
        var world = await OperationWorld.Start();
        return world.Scenario(
            async (operations, row) =>
            {
                await world.Db.InTransaction(async () =>
                {
                    await world.Servers.Insert(row);
                    await operations.Start(row.Resource, world.Creation());
                });
                return row.Resource;
            },
            async () =>
            {
                var row = (await world.Servers.Find(world.Server))!;
                Assert.Equal((VmState.Active, null), (row.VmState, row.TaskState));
                Assert.Equal(PowerState.Running, world.Node.Guests[world.Server].Power);
                Assert.Equal(world.Node.Id, Assert.Single(world.Placement.Claims).Value.Provider);
                Assert.Equal(Assert.Single(world.Networks.Existing).Key, Assert.Single(row.Networks).Port);
            },
            async () =>
            {
                var row = (await world.Servers.Find(world.Server))!;
                Assert.Equal((VmState.Error, null, null), (row.VmState, row.TaskState, row.Host));
                Assert.Equal("made to fail by the harness", row.Fault!.Message);
                Assert.Empty(world.Placement.Claims);
                Assert.Empty(world.Networks.Existing);
                Assert.Empty(world.Node.Guests);
            });
    }, nameof(CreateServer));

    [Fact]
    public Task Delete_server_stands_the_harness() => OperationHarness.Run(async () =>
    {
        var world = await OperationWorld.Start();
        await world.Boot();
        return world.Scenario(
            async (operations, row) =>
            {
                await world.Db.InTransaction(() => operations.RequestDelete(row.Resource, new DeleteServer.State(row.Id, "req-2")));
                return row.Resource;
            },
            async () =>
            {
                Assert.Null(await world.Servers.Find(world.Server));
                Assert.Empty(world.Placement.Claims);
                Assert.Empty(world.Networks.Existing);
                Assert.Empty(world.Node.Guests);
            },
            // What is removed stays removed; the server says so and can be deleted again.
            async () => Assert.Equal(VmState.Error, (await world.Servers.Find(world.Server))!.VmState));
    }, nameof(DeleteServer));

    [Fact]
    public Task Change_power_stands_the_harness() => OperationHarness.Run(async () =>
    {
        var world = await OperationWorld.Start();
        await world.Boot();
        return world.Scenario(
            async (operations, row) =>
            {
                await world.Db.InTransaction(async () =>
                {
                    await world.Servers.Begin(row, TaskState.PoweringOff);
                    await operations.Start(row.Resource, new ChangePower.State(row.Id, "req-2", "stop", await world.Servers.Order(row.Id, PowerVerb.Stop), world.Node.Id));
                });
                return row.Resource;
            },
            async () =>
            {
                Assert.Equal((VmState.Stopped, null), ((await world.Servers.Find(world.Server))!.VmState, (await world.Servers.Find(world.Server))!.TaskState));
                Assert.Equal((PowerState.Shutdown, 2), (world.Node.Guests[world.Server].Power, world.Node.Guests[world.Server].Number));
            },
            async () => Assert.Null((await world.Servers.Find(world.Server))!.TaskState));
    }, nameof(ChangePower));

    [Fact]
    public Task Rebuild_server_stands_the_harness() => OperationHarness.Run(async () =>
    {
        var world = await OperationWorld.Start();
        await world.Boot();
        return world.Scenario(
            async (operations, row) =>
            {
                await world.Db.InTransaction(async () =>
                {
                    await world.Servers.Begin(row, TaskState.Rebuilding);
                    await world.Servers.Rebuild(row with { Name = "new" }, row.PowerNumber + 1);
                    await operations.Start(row.Resource, new RebuildServer.State(row.Id, "req-2", world.Node.Id, row.PowerNumber + 1, true));
                });
                return row.Resource;
            },
            async () =>
            {
                var row = (await world.Servers.Find(world.Server))!;
                Assert.Equal((VmState.Stopped, null, "new"), (row.VmState, row.TaskState, row.Name));
                Assert.Equal((PowerState.Shutdown, 3), (world.Node.Guests[world.Server].Power, world.Node.Guests[world.Server].Number));
            },
            async () => Assert.Equal((VmState.Error, null), ((await world.Servers.Find(world.Server))!.VmState, (await world.Servers.Find(world.Server))!.TaskState)));
    }, nameof(RebuildServer));

    [Fact]
    public Task Snapshot_server_stands_the_harness() => OperationHarness.Run(async () =>
    {
        var world = await OperationWorld.Start();
        await world.Boot();
        var image = new NewImage(NewId.Uuid(), "copy", Fakes.FakeTokens.DemoProject, "demo", "qcow2", "bare", 1, 0, new Dictionary<string, string>());
        return world.Scenario(
            async (operations, row) =>
            {
                await world.Db.InTransaction(async () =>
                {
                    await world.Servers.Begin(row, TaskState.ImageSnapshot);
                    await operations.Start(row.Resource, new SnapshotServer.State(row.Id, "req-2", world.Node.Id, image));
                });
                return row.Resource;
            },
            async () =>
            {
                Assert.Equal("active", world.Images.All[image.Id].Status);
                Assert.Null((await world.Servers.Find(world.Server))!.TaskState);
            },
            async () =>
            {
                Assert.False(world.Images.All.ContainsKey(image.Id));
                Assert.Equal((VmState.Active, null), ((await world.Servers.Find(world.Server))!.VmState, (await world.Servers.Find(world.Server))!.TaskState));
            });
    }, nameof(SnapshotServer));

    [Fact]
    public Task Attach_interface_stands_the_harness() => OperationHarness.Run(async () =>
    {
        var world = await OperationWorld.Start();
        await world.Boot();
        var card = new PlannedNic(NewId.Uuid(), world.Networks.All[0].Id, null, true, null);
        var resource = $"{ServerRow.ResourceOf(world.Server)}/port/{card.Port}";
        return world.Scenario(
            async (operations, row) =>
            {
                await world.Db.InTransaction(() => operations.Start(resource, new AttachInterface.State(row.Id, "req-2", world.Node.Id, card)));
                return resource;
            },
            () =>
            {
                Assert.Equal(2, world.Networks.Existing.Count);
                Assert.Equal(2, world.Node.Guests[world.Server].Item.Guest.Nics.Count);
                return Task.CompletedTask;
            },
            async () =>
            {
                Assert.Single(world.Networks.Existing);
                for (var i = 0; world.Node.Guests[world.Server].Item.Guest.Nics.Count > 1 && i < 6000; i++) await Task.Delay(10);
                Assert.Single(world.Node.Guests[world.Server].Item.Guest.Nics);
            });
    }, nameof(AttachInterface));

    [Fact]
    public Task Detach_interface_stands_the_harness() => OperationHarness.Run(async () =>
    {
        var world = await OperationWorld.Start();
        await world.Boot();
        var port = world.Networks.Existing.Keys.Single();
        var resource = $"{ServerRow.ResourceOf(world.Server)}/port/{port}";
        return world.Scenario(
            async (operations, row) =>
            {
                await world.Db.InTransaction(() => operations.Start(resource, new DetachInterface.State(row.Id, "req-2", world.Node.Id, port, true)));
                return resource;
            },
            async () =>
            {
                Assert.Empty(world.Networks.Existing);
                Assert.Empty((await world.Servers.Find(world.Server))!.Networks);
                Assert.Empty(world.Node.Guests[world.Server].Item.Guest.Nics);
            },
            () => Task.CompletedTask);
    }, nameof(DetachInterface));
}
