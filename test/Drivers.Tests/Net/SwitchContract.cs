using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Fake;
using Xunit;
using static Nephos.Drivers.Tests.Net.Specs;

namespace Nephos.Drivers.Tests.Net;

/// <summary>What every switch promises.</summary>
public abstract class SwitchContract
{
    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Runs the body with a switch on an empty host.</summary>
    private protected abstract Task With(Func<IVirtualSwitch, Task> body);

    [Fact]
    public Task Facts_name_an_agent_and_network_types() => With(async bridges =>
    {
        var facts = await bridges.Facts(Ct);
        Assert.Equal("neutron-linuxbridge-agent", facts.Agent);
        Assert.Contains("local", facts.NetworkTypes);
        Assert.Contains("vxlan", facts.NetworkTypes);
        Assert.InRange(facts.Mtu, 1280, 65535);
    });

    [Fact]
    public Task What_was_applied_is_observed_until_it_is_gone() => With(async bridges =>
    {
        Assert.Equal((0, 0, 0), Count(await bridges.Observe(Ct)));
        var network = Network();
        var (friends, group) = (OpenGroup(), OpenGroup());
        group = group with { Rules = [.. group.Rules, In(group: friends.Id)] };
        var ports = Enumerable.Range(5, 3).Select(n => Port(network, $"10.0.0.{n}", group.Id)).ToList();
        await bridges.Apply(new() { Networks = [network], Groups = [group], Members = [new(friends.Id, ["10.0.0.77"])], Ports = ports }, Ct);
        var state = await bridges.Observe(Ct);
        Assert.Equal([network.Id], state.Networks);
        Assert.Equal(new[] { group.Id, friends.Id }.Order(), state.Groups.Order());
        Assert.Equal(ports.Select(p => p.Id).Order(), state.Ports.Order());
        await bridges.Apply(new() { PortsGone = [.. ports.Select(p => p.Id)], GroupsGone = [group.Id, friends.Id], NetworksGone = [network.Id] }, Ct);
        Assert.Equal((0, 0, 0), Count(await bridges.Observe(Ct)));
    });

    [Fact]
    public Task Everything_may_be_repeated_and_removing_nothing_succeeds() => With(async bridges =>
    {
        var network = Network();
        var group = OpenGroup(In("tcp", 22, 22));
        var port = Port(network, "10.0.0.5", group.Id);
        var change = new SwitchChange { Networks = [network], Groups = [group], Members = [new(group.Id, ["10.0.0.5"])], Ports = [port] };
        for (var i = 0; i < 3; i++) await bridges.Apply(change, Ct);
        Assert.Equal((1, 1, 1), Count(await bridges.Observe(Ct)));
        var gone = new SwitchChange { PortsGone = [port.Id, NewId.Uuid()], GroupsGone = [group.Id, NewId.Uuid()], NetworksGone = [network.Id, NewId.Uuid()] };
        for (var i = 0; i < 2; i++) await bridges.Apply(gone, Ct);
        Assert.Equal((0, 0, 0), Count(await bridges.Observe(Ct)));
    });

    [Fact]
    public Task A_port_without_its_network_is_refused() => With(async bridges =>
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => bridges.Apply(new() { Ports = [Port(Network(), "10.0.0.5")] }, Ct));
        Assert.Equal(FaultKind.Conflict, fault.Kind);
        Assert.Equal((0, 0, 0), Count(await bridges.Observe(Ct)));
    });

    static (int, int, int) Count(SwitchState state) => (state.Networks.Count, state.Groups.Count, state.Ports.Count);
}

public sealed class FakeSwitchContract : SwitchContract
{
    private protected override Task With(Func<IVirtualSwitch, Task> body) => body(new FakeSwitch());
}

public sealed class LinuxBridgeContract : SwitchContract
{
    private protected override async Task With(Func<IVirtualSwitch, Task> body)
    {
        await using var host = await NetHost.Create();
        using var bridges = host.Switch();
        await body(bridges);
    }
}
