using System.Collections.Concurrent;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Fake;

/// <summary>A switch that only remembers, with the same refusals as a real one.</summary>
public sealed class FakeSwitch : IVirtualSwitch
{
    readonly ConcurrentDictionary<Guid, NetworkSpec> networks = new();
    readonly ConcurrentDictionary<Guid, GroupSpec> groups = new();
    readonly ConcurrentDictionary<Guid, IReadOnlyList<string>> members = new();
    readonly ConcurrentDictionary<Guid, PortSpec> ports = new();

    public IReadOnlyDictionary<Guid, NetworkSpec> Networks => networks;
    public IReadOnlyDictionary<Guid, GroupSpec> Groups => groups;
    public IReadOnlyDictionary<Guid, IReadOnlyList<string>> Members => members;
    public IReadOnlyDictionary<Guid, PortSpec> Ports => ports;

    /// <summary>As if somebody had taken away devices; the next Apply of a network mends it.</summary>
    public bool Damaged { get; set; }

    /// <summary>Thrown by the next Apply when set.</summary>
    public Exception? Failure { get; set; }

    public Task<SwitchFacts> Facts(CancellationToken ct) => Task.FromResult(new SwitchFacts("neutron-linuxbridge-agent", "bridge", ["local", "flat", "vlan", "vxlan"], 1500));

    public Task Apply(SwitchChange change, CancellationToken ct)
    {
        if (Failure is { } failure)
        {
            Failure = null;
            return Task.FromException(failure);
        }
        foreach (var network in change.Networks)
        {
            networks[network.Id] = network;
            Damaged = false;
        }
        foreach (var group in change.Groups) groups[group.Id] = group;
        foreach (var m in change.Members) members[m.Group] = m.Addresses;
        foreach (var port in change.Ports)
        {
            if (!networks.ContainsKey(port.Network)) return Task.FromException(Fault.Conflict($"The network {port.Network} is not on this host yet."));
            ports[port.Id] = port;
        }
        foreach (var port in change.PortsGone) ports.TryRemove(port, out _);
        foreach (var group in change.GroupsGone)
        {
            groups.TryRemove(group, out _);
            members.TryRemove(group, out _);
        }
        foreach (var network in change.NetworksGone) networks.TryRemove(network, out _);
        return Task.CompletedTask;
    }

    public Task<SwitchState> Observe(CancellationToken ct) => Task.FromResult(new SwitchState(
        [.. networks.Keys], [.. groups.Keys.Union(members.Keys)], [.. ports.Values.Where(p => p.Kind == PortKind.Guest).Select(p => p.Id)], Damaged));
}
