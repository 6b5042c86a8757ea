using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;
using Nephos.Node.Compute;
using Xunit;

namespace Nephos.Node.Tests;

public class ServerPlanTests
{
    private static readonly Guid Server = Guid.NewGuid();
    private static readonly NicSpec Nic = new(Guid.NewGuid(), "tap0", "fa:16:3e:00:00:01", 1450);

    [Fact]
    public void A_new_server_is_defined_and_started_once_its_ports_are_ready()
    {
        Assert.Equal([typeof(ServerStep.Define), typeof(ServerStep.WaitForPorts)], Plan(Item(1, PowerVerb.Start), null, null, ready: false));
        Assert.Equal([typeof(ServerStep.Define), typeof(ServerStep.Power)], Plan(Item(1, PowerVerb.Start), null, null));
    }

    [Fact]
    public void A_guest_that_went_off_by_itself_is_left_alone() =>
        Assert.Empty(Plan(Item(1, PowerVerb.Start), Record(1), new GuestState(Server, PowerState.Shutdown, "guest")));

    [Fact]
    public void An_order_is_carried_out_once()
    {
        Assert.Equal([typeof(ServerStep.Power)], Plan(Item(2, PowerVerb.Stop), Record(1), new GuestState(Server, PowerState.Running)));
        Assert.Empty(Plan(Item(2, PowerVerb.Stop), Record(2), new GuestState(Server, PowerState.Running)));
    }

    [Fact]
    public void Before_a_start_what_could_not_change_while_it_ran_changes() =>
        Assert.Equal([typeof(ServerStep.Define), typeof(ServerStep.Power)], Plan(Item(3, PowerVerb.Start), Record(2), new GuestState(Server, PowerState.Shutdown, "host")));

    [Fact]
    public void A_suspended_guest_is_restored_and_not_made_anew() =>
        Assert.Equal([typeof(ServerStep.Power)], Plan(Item(3, PowerVerb.Resume), Record(2), new GuestState(Server, PowerState.Suspended)));

    [Fact]
    public void Cards_are_plugged_when_their_port_is_ready_and_unplugged_when_it_goes()
    {
        var running = new GuestState(Server, PowerState.Running);
        Assert.Equal([typeof(ServerStep.Plug)], Plan(Item(1, PowerVerb.Start), Record(1, []), running));
        Assert.Equal([typeof(ServerStep.WaitForPorts)], Plan(Item(1, PowerVerb.Start), Record(1, []), running, ready: false));
        Assert.Equal([typeof(ServerStep.Unplug)], Plan(Item(1, PowerVerb.Start), Record(1, [Nic.Port, Guid.NewGuid()]), running));
    }

    [Fact]
    public void Only_a_tombstone_removes()
    {
        var tombstone = new NodeItem(NodeItemKinds.Server, Server, 5, Wanted: false, null);
        Assert.Equal([typeof(ServerStep.Remove)], ServerPlan.Of(tombstone, null, Record(1), new GuestState(Server, PowerState.Running), _ => true).Select(s => s.GetType()));
    }

    private static IEnumerable<Type> Plan(ServerItem item, ServerRecord? record, GuestState? seen, bool ready = true) => ServerPlan.Of(
        new NodeItem(NodeItemKinds.Server, Server, 9, Wanted: true, StoredJson.Element(item)), item, record ?? ServerRecord.New(Server), seen, _ => ready).Select(s => s.GetType());

    private static ServerRecord Record(long power, IReadOnlyList<Guid>? ports = null) => new(Server, 1, power, null, ports ?? [Nic.Port]);

    private static ServerItem Item(long number, PowerVerb verb) => new()
    {
        Guest = new GuestSpec { Id = Server, Name = "instance-00000001", Vcpus = 1, MemoryMib = 128, Disks = [new DiskSpec { Name = "disk", SizeBytes = 1 << 30 }], Nics = [Nic] },
        Ports = [Nic.Port], Power = new PowerRequest(number, verb),
    };
}
