using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Drivers.Fake;
using Nephos.Kernel.Data;
using Nephos.Node.Storage;
using Xunit;

namespace Nephos.Node.Tests;

/// <summary>The whole node, with its real loops, against a controller in memory.</summary>
public class NodeTests
{
    private static readonly Guid Server = Guid.NewGuid(), Network = Guid.NewGuid(), Port = Guid.NewGuid(), Image = Guid.NewGuid(), Other = Guid.NewGuid();
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_is_built_reported_and_removed_with_all_that_belongs_to_it()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        Assert.Equal("host1", controller.Hello!.Host);
        var basePath = node.Hypervisor.Spec(Server)!.Disks[0].BasePath!;
        Assert.Equal("bytes of an image", await File.ReadAllTextAsync(basePath, _ct));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(basePath));
        Assert.True(node.Switch.Ports.ContainsKey(Port));

        controller.Want(NodeItemKinds.Port, Port, null);
        controller.Want(NodeItemKinds.Server, Server, null);
        await controller.Until(NodeItemKinds.Server, Server, o => o is { Present: false, Error: null }, _ct);
        await controller.Until(NodeItemKinds.Port, Port, o => !o.Present, _ct);
        Assert.Empty(await node.Hypervisor.List(_ct));
        Assert.False(node.Switch.Ports.ContainsKey(Port));
        Assert.Empty(Directory.GetFiles(Path.Combine(node.Folder, "servers")));
    }

    [Fact]
    public async Task A_guest_that_powers_itself_off_is_reported_and_stays_off()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        node.Hypervisor.PowerOffFromInside(Server);
        var seen = await controller.Until(NodeItemKinds.Server, Server, o => State(o).Power == PowerState.Shutdown, _ct);
        Assert.Equal("guest", State(seen).Reason);
        Assert.Equal(1, State(seen).PowerNumber);
    }

    [Fact]
    public async Task A_restarted_node_carries_no_order_out_twice_and_forgets_nothing()
    {
        var controller = Cloud();
        var starts = 0;
        await using var node = new NodeUnderTest(controller, new FakeOptions { Before = (verb, _, _) => { if (verb == "Start") starts++; return Task.CompletedTask; } });
        await node.Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        await node.Stop();
        node.Hypervisor.PowerOffFromInside(Server);
        await node.Start();
        await controller.Until(NodeItemKinds.Server, Server, o => State(o).Power == PowerState.Shutdown, _ct);
        Assert.Equal(1, starts);
        controller.Want(NodeItemKinds.Server, Server, Item(2, PowerVerb.Start, "aa"));
        await Running(controller);
        Assert.Equal(2, starts);
    }

    [Fact]
    public async Task A_server_that_is_to_go_does_not_shut_down_first()
    {
        var controller = Cloud();
        var stopping = new TaskCompletionSource();
        await using var node = await new NodeUnderTest(controller, new FakeOptions
        {
            Before = async (verb, _, ct) => { if (verb == "Stop") { stopping.SetResult(); await Task.Delay(Timeout.Infinite, ct); } },
        }).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        controller.Want(NodeItemKinds.Server, Server, Item(2, PowerVerb.Stop, "aa"));
        await stopping.Task;
        controller.Want(NodeItemKinds.Server, Server, null);
        await controller.Until(NodeItemKinds.Server, Server, o => !o.Present, _ct);
    }

    [Fact]
    public async Task A_node_that_meets_an_empty_controller_destroys_nothing()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        await node.Stop();

        var empty = new SimulatedController();
        await using var second = new NodeUnderTest(empty);
        await second.Hypervisor.Define(Item(1, PowerVerb.Start, null).Guest, _ct);
        await second.Hypervisor.Start(Server, _ct);
        await second.Start();
        empty.Want(NodeItemKinds.Network, Network, new NetworkSpec { Id = Network, Type = "local", Mtu = 1500 });
        await empty.Until(NodeItemKinds.Network, Network, o => o.Present, _ct);
        Assert.Equal(PowerState.Running, Assert.Single(await second.Hypervisor.List(_ct)).Power);

        // It tells of what it has, and the operator's word removes it.
        Assert.Contains(Server.ToString(), (await empty.Ask("orphans", Guid.Empty, null, _ct)).Result!.Value.GetRawText(), StringComparison.Ordinal);
        Assert.Null((await empty.Ask("remove-orphan", Server, null, _ct)).Error);
        Assert.Empty(await second.Hypervisor.List(_ct));
    }

    [Fact]
    public async Task A_guest_that_is_wanted_or_to_go_is_no_orphan()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        Assert.Equal("[]", (await controller.Ask("orphans", Guid.Empty, null, _ct)).Result!.Value.GetRawText());
        Assert.NotNull((await controller.Ask("remove-orphan", Server, null, _ct)).Error);
        Assert.Single(await node.Hypervisor.List(_ct));
    }

    [Fact]
    public async Task A_foreign_controller_gets_nothing_done()
    {
        var controller = new SimulatedController("other000");
        controller.Want(NodeItemKinds.Network, Network, new NetworkSpec { Id = Network, Type = "local", Mtu = 1500 });
        await using var node = await new NodeUnderTest(controller).Start();
        Assert.Empty(node.Switch.Networks);
    }

    [Fact]
    public async Task An_order_that_fails_is_answered_with_the_reason()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller, new FakeOptions
        {
            Before = (verb, _, _) => verb == "Start" ? throw new InvalidOperationException("no memory left") : Task.CompletedTask,
        }).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        var seen = await controller.Until(NodeItemKinds.Server, Server, o => State(o).PowerError is not null, _ct);
        Assert.Contains("no memory left", State(seen).PowerError!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dangerous_image_never_becomes_a_base()
    {
        var controller = Cloud();
        controller.ImageData = "Evil"u8.ToArray();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "ab") with { RootImageFormat = "qcow2" });
        var seen = await controller.Until(NodeItemKinds.Server, Server, o => o.Error is not null, _ct);
        Assert.Contains("backing file", seen.Error!, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(node.Folder, "bases")));
    }

    [Fact]
    public async Task An_image_that_is_larger_than_the_disk_never_becomes_a_base()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        var item = Item(1, PowerVerb.Start, "ab") with { RootImageFormat = "qcow2" };
        controller.Want(NodeItemKinds.Server, Server, item with { Guest = item.Guest with { Disks = [item.Guest.Disks[0] with { SizeBytes = (1 << 20) - 1 }] } });
        var seen = await controller.Until(NodeItemKinds.Server, Server, o => o.Error is not null, _ct);
        Assert.Contains("Flavor disk is 1048575 bytes, image is 1048576 bytes.", seen.Error!, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(node.Folder, "bases")));
    }

    [Fact]
    public async Task A_base_that_no_guest_names_goes_a_day_after_its_last_use()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        await node.Stop();
        var used = node.Hypervisor.Spec(Server)!.Disks[0].BasePath!;
        var options = new NodeOptions { StateFolder = node.Folder, Host = "host1", Cloud = "c10d0001" };
        string Base(string name, double days)
        {
            var path = Path.Combine(node.Folder, "bases", name);
            if (path != used) File.WriteAllText(path, "");
            File.SetLastAccessTimeUtc(path, DateTime.UtcNow.AddDays(-days));
            return path;
        }
        var (spare, fresh) = (Base("spare.raw", 1.1), Base("fresh.raw", 0.9));
        Base(Path.GetFileName(used), 9);
        Task Sweep() => new BaseCache(controller, null!, node.Hypervisor, new ServerRecords(options), options, TimeProvider.System).Sweep(_ct);

        node.Records(new ServerRecords(options).Of(Server) with { Bases = null });
        await Sweep();
        Assert.True(File.Exists(spare), "what a guest may need stayed not");

        node.Records(new ServerRecords(options).Of(Server) with { Bases = [used] });
        await Sweep();
        Assert.Equal((true, true, false), (File.Exists(used), File.Exists(fresh), File.Exists(spare)));
    }

    [Fact]
    public async Task The_bases_of_a_guest_are_written_down()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        await node.Stop();
        var options = new NodeOptions { StateFolder = node.Folder, Host = "host1", Cloud = "c10d0001" };
        Assert.Equal([node.Hypervisor.Spec(Server)!.Disks[0].BasePath!], new ServerRecords(options).Of(Server).Bases!);
    }

    [Fact]
    public async Task What_the_controller_has_on_this_host_becomes_a_base_of_our_own()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.ImageFile = Path.Combine(node.Folder, "an image");
        await File.WriteAllTextAsync(controller.ImageFile, "whole", _ct);
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        // Whoever may write there must not change what guests lie over.
        await File.WriteAllTextAsync(controller.ImageFile, "other", _ct);
        var used = node.Hypervisor.Spec(Server)!.Disks[0].BasePath!;
        Assert.Equal(("whole", (UnixFileMode)0b100_100_100), (await File.ReadAllTextAsync(used, _ct), File.GetUnixFileMode(used)));
    }

    [Fact]
    public async Task Reports_survive_a_controller_that_is_down()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        controller.IsDown = true;
        node.Hypervisor.Crash(Server);
        while (State(await controller.Until(NodeItemKinds.Server, Server, _ => true, _ct)).Power != PowerState.Running) await Task.Yield();
        controller.IsDown = false;
        await controller.Until(NodeItemKinds.Server, Server, o => State(o).Power == PowerState.Crashed, _ct);
    }

    [Fact]
    public async Task Questions_are_answered()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Server, Server, Item(1, PowerVerb.Start, "aa"));
        await Running(controller);
        Assert.Contains("login:", (await controller.Ask("console", Server, null, _ct)).Result!.Value.GetString()!, StringComparison.Ordinal);
        Assert.NotNull((await controller.Ask("console", Guid.NewGuid(), null, _ct)).Error);
        Assert.Null((await controller.Ask("snapshot", Server, Image.ToString(), _ct)).Error);
        Assert.NotEmpty(controller.Uploaded!);
    }

    [Fact]
    public async Task A_dead_dhcp_server_is_started_again_with_the_next_pass()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Dhcp, Network, new DhcpSpec { Network = Network, Port = Guid.NewGuid(), Mac = "fa:16:3e:00:00:02", Addresses = ["10.0.0.2/24"], Mtu = 1450, Subnets = [], Hosts = [] });
        await controller.Until(NodeItemKinds.Dhcp, Network, o => o.Present, _ct);
        node.Dhcp.Crash(Network);
        controller.Want(NodeItemKinds.Group, Guid.NewGuid(), new GroupSpec(Guid.NewGuid(), []));
        while (!(await node.Dhcp.Observe(_ct)).Single().Alive) await Task.Delay(10, _ct);
    }

    [Fact]
    public async Task The_switch_is_looked_over_again_and_again_and_what_nobody_mentions_goes()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        await controller.Until(NodeItemKinds.Port, Port, o => o.Present, _ct);
        var stray = new NetworkSpec { Id = Guid.NewGuid(), Type = "local", Mtu = 1500 };
        await node.Switch.Apply(new SwitchChange { Networks = [stray] }, _ct);
        while (node.Switch.Networks.ContainsKey(stray.Id)) await Task.Delay(10, _ct);
        Assert.True(node.Switch.Networks.ContainsKey(Network));
        Assert.True(node.Switch.Ports.ContainsKey(Port));
    }

    [Fact]
    public async Task What_somebody_took_away_on_the_host_is_made_again()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        await controller.Until(NodeItemKinds.Port, Port, o => o.Present, _ct);
        node.Switch.Damaged = true;
        while (node.Switch.Damaged) await Task.Delay(10, _ct);
    }

    [Fact]
    public async Task The_network_of_a_guest_that_a_lost_database_does_not_mention_stays()
    {
        await using var node = new NodeUnderTest(Cloud());
        node.Records(new ServerRecord(Server, 1, 1, null, [Port]));
        await node.Switch.Apply(new SwitchChange { Networks = [new NetworkSpec { Id = Network, Type = "local", Mtu = 1500 }] }, _ct);
        var empty = new SimulatedController();
        await using var second = await new NodeUnderTest(empty) { Folder = node.Folder, Switch = node.Switch }.Start();
        empty.Want(NodeItemKinds.Network, Other, new NetworkSpec { Id = Other, Type = "local", Mtu = 1500 });
        await empty.Until(NodeItemKinds.Network, Other, o => o.Present, _ct);
        await Task.Delay(300, _ct);
        Assert.True(node.Switch.Networks.ContainsKey(Network));
    }

    [Fact]
    public async Task A_group_that_is_only_somebody_elses_source_loses_its_members_with_their_tombstone_and_a_used_one_keeps_its_rules()
    {
        var controller = Cloud();
        await using var node = await new NodeUnderTest(controller).Start();
        controller.Want(NodeItemKinds.Group, Network, new GroupSpec(Network, []));
        foreach (var group in (Guid[])[Other, Network]) controller.Want(NodeItemKinds.Members, group, new GroupMembersSpec(group, ["10.0.0.5"]));
        foreach (var group in (Guid[])[Other, Network]) await controller.Until(NodeItemKinds.Members, group, o => o.Present, _ct);
        foreach (var group in (Guid[])[Other, Network]) controller.Want(NodeItemKinds.Members, group, null);
        foreach (var group in (Guid[])[Other, Network]) await controller.Until(NodeItemKinds.Members, group, o => !o.Present, _ct);
        Assert.False(node.Switch.Members.ContainsKey(Other));
        Assert.True(node.Switch.Groups.ContainsKey(Network));
    }

    private SimulatedController Cloud()
    {
        var controller = new SimulatedController { ImageData = "bytes of an image"u8.ToArray() };
        controller.Want(NodeItemKinds.Network, Network, new NetworkSpec { Id = Network, Type = "vxlan", SegmentationId = 7, Mtu = 1450 });
        controller.Want(NodeItemKinds.Port, Port, new PortSpec { Id = Port, Network = Network, Device = DeviceNames.Tap(Port), Mac = "fa:16:3e:00:00:01", Addresses = ["10.0.0.5"], Mtu = 1450 });
        return controller;
    }

    private Task<Observed> Running(SimulatedController controller) => controller.Until(NodeItemKinds.Server, Server, o => State(o) is { Power: PowerState.Running, Phase: null }, _ct);

    private static ServerObserved State(Observed observed) => StoredJson.Read<ServerObserved>(observed.State!.Value);

    private static ServerItem Item(long number, PowerVerb verb, string? hash) => new()
    {
        Guest = new GuestSpec
        {
            Id = Server, Name = "instance-00000001", Vcpus = 1, MemoryMib = 128, Disks = [new DiskSpec { Name = "disk", SizeBytes = 1 << 20 }],
            Nics = [new NicSpec(Port, DeviceNames.Tap(Port), "fa:16:3e:00:00:01", 1450)],
        },
        RootImage = hash is null ? null : Image, RootImageFormat = "raw", RootImageHash = string.Concat(Enumerable.Repeat(hash ?? "", 32)),
        Ports = [Port], Power = new PowerRequest(number, verb),
    };
}
