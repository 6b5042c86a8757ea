using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.LinuxBridge.Firewall;
using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.LinuxBridge;

/// <summary>The kernel's own bridges, VXLAN devices and packet filter: needs nothing but a Linux kernel and its tools.</summary>
public sealed partial class LinuxBridgeSwitch(LinuxBridgeOptions options, OwnerMark mark, NetworkCommands net, ILogger<LinuxBridgeSwitch> log) : IVirtualSwitch, IDisposable
{
    readonly SemaphoreSlim gate = new(1);
    readonly BridgeLinks links = new(net, mark, options);
    readonly HostFirewall firewall = new(net, mark, options.External);
    readonly ExternalBridge? external = options.External is { } range ? new(net, mark, range) : null;
    readonly Dictionary<Guid, int> zones = [];
    /// <summary>As they were made in this life.</summary>
    readonly Dictionary<Guid, NetworkSpec> made = [];
    bool prepared;

    public async Task<SwitchFacts> Facts(CancellationToken ct)
    {
        List<string> types = ["local"];
        if (options.PhysicalNetworks.Count > 0) types.Add("flat");
        if (options.PhysicalNetworks.Count > 0 && await Knows("vlan", ct)) types.Add("vlan");
        if (await Knows("vxlan", ct)) types.Add("vxlan");
        return new("neutron-linuxbridge-agent", "bridge", types, options.UnderlayMtu ?? await UnderlayMtu(ct));
    }

    public async Task Apply(SwitchChange change, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            await Prepare(ct);
            foreach (var network in change.Networks) await Network(network, ct);
            // Refused before anything is made.
            foreach (var port in change.Ports) await Zone(port.Network, ct);
            var closed = await links.Ensure(change.Ports, ct);
            await links.RemovePorts(change.PortsGone, ct);
            foreach (var group in change.Groups) firewall.Group(group);
            foreach (var members in change.Members) firewall.Members(members);
            foreach (var port in change.Ports) firewall.Port(port, zones[port.Network]);
            foreach (var port in change.PortsGone) firewall.PortGone(port, DeviceNames.Tap(port));
            await firewall.Commit(ct);
            await links.Open(closed, ct);
            foreach (var group in change.GroupsGone) firewall.GroupGone(group);
            foreach (var network in change.NetworksGone) await NetworkGone(network, ct);
            await firewall.Commit(ct);
            foreach (var group in change.GroupsGone) await firewall.MembersGone(group, ct);
        }
        finally { gate.Release(); }
    }

    public async Task<SwitchState> Observe(CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            firewall.Forget();
            await firewall.Load(ct);
            if (prepared)
            {
                if (external is not null) await external.Ensure(ct);
                await firewall.Repair(ct);
            }
            var all = await net.AllLinks(null, [], ct);
            var byName = all.DistinctBy(l => l.Name).ToDictionary(l => l.Name);
            return new(BridgeLinks.Ids(all, mark, "network"), firewall.Groups(), BridgeLinks.Ids(all, mark, "port"), Damaged: made.Values.Any(n => !links.IsWhole(n, byName)));
        }
        finally { gate.Release(); }
    }

    /// <summary>Removes everything of this cloud that this driver made on the host, also the chains and the external bridge.</summary>
    public async Task Clear(CancellationToken ct)
    {
        var state = await Observe(ct);
        await Apply(new() { PortsGone = state.Ports, GroupsGone = state.Groups, NetworksGone = state.Networks }, ct);
        await gate.WaitAsync(ct);
        try
        {
            await firewall.Clear(ct);
            if (external is not null) await external.Remove(ct);
            prepared = false;
        }
        finally { gate.Release(); }
    }

    public void Dispose() => gate.Dispose();

    async Task Prepare(CancellationToken ct)
    {
        await firewall.Load(ct);
        firewall.Frame();
        if (prepared) return;
        string[] wanted = ["-qw", "net.bridge.bridge-nf-call-iptables=1", "net.bridge.bridge-nf-call-ip6tables=1"];
        if (!(await net.Run(null, "sysctl", wanted, ct)).Ok)
        {
            // A module where the kernel has modules.
            await net.Run(null, "modprobe", ["br_netfilter"], ct);
            if (await net.Run(null, "sysctl", wanted, ct) is { Ok: false } failed)
                throw Fault.Unavailable($"This kernel does not show bridged packets to iptables, so security groups are impossible: {failed.Error.Trim()}");
        }
        // Without the chains nothing may be plugged, so they are there before the first device.
        await firewall.Commit(ct);
        if (external is not null) await external.Ensure(ct);
        prepared = true;
        Prepared(log, mark.Prefix);
    }

    async Task Network(NetworkSpec network, CancellationToken ct)
    {
        var bridge = DeviceNames.Bridge(network.Id);
        firewall.Network(bridge, zones[network.Id] = ZoneOf(await links.Ensure(network, ct)));
        made[network.Id] = network;
    }

    async Task NetworkGone(Guid network, CancellationToken ct)
    {
        made.Remove(network);
        await links.RemoveNetwork(network, ct);
        firewall.NetworkGone(DeviceNames.Bridge(network));
        if (zones.Remove(network, out var zone)) await net.Run(null, "conntrack", ["-D", "-w", $"{zone}"], ct);
    }

    async Task<int> Zone(Guid network, CancellationToken ct)
    {
        if (zones.TryGetValue(network, out var zone)) return zone;
        var bridge = DeviceNames.Bridge(network);
        var found = (await net.Links(null, [bridge], ct)).GetValueOrDefault(bridge)
            ?? throw Fault.Conflict($"The network {network} is not on this host yet.");
        return zones[network] = ZoneOf(found.Index);
    }

    /// <summary>The number of the bridge is free of other uses on this host and stays as long as the bridge; zones have 16 bits, 0 is the host's own.</summary>
    static int ZoneOf(int index) => (index - 1) % 65535 + 1;

    /// <summary>Asks for the type on a device that cannot carry it: a kernel without the type says so first.</summary>
    async Task<bool> Knows(string type, CancellationToken ct)
    {
        var result = await net.Run(null, "ip", ["link", "add", "link", "lo", "name", "nephos-probe", "type", type, "id", "1", .. type == "vxlan" ? (string[])["dstport", "1"] : []], ct);
        if (result.Ok) await net.Run(null, "ip", ["link", "del", "nephos-probe"], ct);
        return result.Ok || !result.Error.Contains("nknown device type", StringComparison.Ordinal);
    }

    async Task<int> UnderlayMtu(CancellationToken ct)
    {
        if (options.TunnelAddress is not { } address) return 1500;
        var shown = await net.Run(null, "ip", ["-j", "address", "show", "to", address], ct);
        return Link.Parse(shown.Out) is [var device, ..] ? device.Mtu : 1500;
    }

    [LoggerMessage(1, LogLevel.Information, "The switch is ready; its chains and sets begin with {Prefix}")]
    static partial void Prepared(ILogger log, string prefix);
}
