using System.Text.Json;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.LinuxBridge;

/// <summary>The devices of networks and ports. All carry the owner mark as alias; a device of the same name without it is never touched.</summary>
internal sealed class BridgeLinks(NetworkCommands net, OwnerMark mark, LinuxBridgeOptions options)
{
    const string Port = "port", Network = "network", Tunnel = "tunnel", Flat = "flat", Vlan = "vlan";

    /// <summary>Makes a network's bridge and its way to other hosts; gives the bridge's number.</summary>
    public async Task<int> Ensure(NetworkSpec network, CancellationToken ct)
    {
        var bridge = DeviceNames.Bridge(network.Id);
        var uplink = Uplink(network);
        var links = await net.Links(null, uplink is null ? [bridge] : [bridge, uplink.Device, .. uplink.Needs], ct);
        var lines = new List<string>();
        var have = Mine(links, bridge, Network, network.Id);
        if (have is null) lines.Add($"link add name {bridge} type bridge stp_state 0 forward_delay 0");
        Set(lines, have, bridge, Network, network.Id, network.Mtu, master: null);
        if (uplink is not null) Connect(lines, links, uplink, network, bridge);
        await net.Ip(null, lines, ct);
        // This host is no neighbour of its tenants: no IPv6, no answers to ARP (iptables drops what is sent to it all the same).
        if (have is null) await net.Run(null, "sysctl", ["-qw", $"net.ipv6.conf.{bridge}.disable_ipv6=1", $"net.ipv4.conf.{bridge}.arp_ignore=1"], ct);
        if (network.Type == "vxlan") await SetPeers(uplink!.Device, network.Peers, ct);
        return have?.Index ?? (await net.Links(null, [bridge], ct))[bridge].Index;
    }

    /// <summary>True if a network's bridge is there, and its way to other hosts hangs on it.</summary>
    public bool IsWhole(NetworkSpec network, IReadOnlyDictionary<string, Link> links)
    {
        var bridge = DeviceNames.Bridge(network.Id);
        bool On(string device, string master) => links.TryGetValue(device, out var link) && link.Up && link.Master == master;
        return On(bridge, "") && (Uplink(network) is not { } way || On(way.Device, bridge) && (way.Kind != Flat || On(FlatPair(network.Id).Outside, PhysicalBridge(network))));
    }

    /// <summary>Makes the devices of ports, but leaves new ones down, since rules come first; gives those to be opened.</summary>
    public async Task<IReadOnlyList<string>> Ensure(IReadOnlyList<PortSpec> ports, CancellationToken ct)
    {
        var links = await net.Links(null, [.. ports.Select(p => p.Device)], ct);
        var lines = new List<string>();
        foreach (var port in ports)
        {
            var bridge = DeviceNames.Bridge(port.Network);
            if (port.Kind == PortKind.Namespace)
            {
                // Its driver made it, or will; only where it hangs is ours to say.
                if (links.TryGetValue(port.Device, out var end) && end.Alias.StartsWith(mark.Alias("", "")[..^2], StringComparison.Ordinal) && (end.Master != bridge || end.Mtu != port.Mtu))
                    lines.Add($"link set dev {port.Device} mtu {port.Mtu} master {bridge}");
                continue;
            }
            var have = Mine(links, port.Device, Port, port.Id);
            if (have is null) lines.Add($"tuntap add dev {port.Device} mode tap user {options.TapUser}");
            if (have is { Up: true } && !port.AdminUp) lines.Add($"link set dev {port.Device} down");
            Set(lines, have, port.Device, Port, port.Id, port.Mtu, bridge, up: false);
        }
        await net.Ip(null, lines, ct);
        return [.. ports.Where(p => p is { Kind: PortKind.Guest, AdminUp: true } && links.GetValueOrDefault(p.Device) is not { Up: true }).Select(p => p.Device)];
    }

    /// <summary>Lets traffic through.</summary>
    public Task Open(IReadOnlyList<string> devices, CancellationToken ct) => net.Ip(null, [.. devices.Select(d => $"link set dev {d} up")], ct);

    /// <summary>Removes devices of ports.</summary>
    public async Task RemovePorts(IReadOnlyList<Guid> ports, CancellationToken ct)
    {
        var devices = ports.ToDictionary(DeviceNames.Tap);
        var links = await net.Links(null, devices.Keys, ct);
        await net.Ip(null, [.. links.Values.Where(l => l.Alias == mark.Alias(Port, devices[l.Name])).Select(l => $"link del dev {l.Name}")], ct);
    }

    /// <summary>Removes a network's bridge and what connects it.</summary>
    public async Task RemoveNetwork(Guid network, CancellationToken ct)
    {
        var bridge = DeviceNames.Bridge(network);
        var links = await net.Links(null, [bridge], ct);
        if (links.GetValueOrDefault(bridge)?.Alias != mark.Alias(Network, network)) return;
        var mine = ((string[])[Tunnel, Flat, Vlan]).Select(kind => mark.Alias(kind, network)).ToHashSet();
        var parts = await net.AllLinks(null, ["master", bridge], ct);
        await net.Ip(null, [.. parts.Where(l => mine.Contains(l.Alias)).Select(l => $"link del dev {l.Name}"), $"link del dev {bridge}"], ct);
    }

    /// <summary>Ids of the devices of one kind that carry our mark.</summary>
    public static IReadOnlyList<Guid> Ids(IReadOnlyList<Link> links, OwnerMark mark, string kind)
    {
        var prefix = mark.Alias(kind, "");
        return [.. links.Where(l => l.Alias.StartsWith(prefix, StringComparison.Ordinal) && Guid.TryParse(l.Alias.AsSpan(prefix.Length), out _)).Select(l => Guid.Parse(l.Alias.AsSpan(prefix.Length)))];
    }

    sealed record Way(string Device, string Kind, string Add, IReadOnlyList<string> Needs);

    /// <summary>The device that leads a network to other hosts or to a physical network, and how it is made.</summary>
    Way? Uplink(NetworkSpec network)
    {
        var vni = network.SegmentationId;
        switch (network.Type)
        {
            case "local": return null;
            case "vxlan":
                var local = options.TunnelAddress is { } address ? $" local {address}" : "";
                return new($"vxlan-{vni}", Tunnel, $"link add name vxlan-{vni} type vxlan id {vni} dstport {options.VxlanPort}{local}", []);
            case "flat":
                var (inside, outside) = FlatPair(network.Id);
                return new(inside, Flat, $"link add name {inside} type veth peer name {outside}", [outside, PhysicalBridge(network)]);
            case "vlan":
                var physical = PhysicalBridge(network);
                return new($"vl-{network.Id.ToString()[..11]}", Vlan, $"link add link {physical} name vl-{network.Id.ToString()[..11]} type vlan id {vni}", [physical]);
            default: throw Fault.Invalid($"Networks of type {network.Type} cannot be made on this host.");
        }
    }

    void Connect(List<string> lines, IReadOnlyDictionary<string, Link> links, Way way, NetworkSpec network, string bridge)
    {
        var have = Mine(links, way.Device, way.Kind, network.Id);
        if (have is null) lines.Add(way.Add);
        Set(lines, have, way.Device, way.Kind, network.Id, network.Mtu, bridge);
        if (way.Kind != Flat) return;
        var (_, outside) = FlatPair(network.Id);
        var physical = PhysicalBridge(network);
        if (!links.ContainsKey(physical)) throw Fault.Invalid($"The bridge {physical} of the physical network {network.PhysicalNetwork} does not exist on this host.");
        // The other end carries a kind of its own, or the network would seem to be there twice.
        Set(lines, have is null ? null : links.GetValueOrDefault(outside), outside, "flat-outside", network.Id, network.Mtu, physical);
    }

    string PhysicalBridge(NetworkSpec network) => options.PhysicalNetworks.GetValueOrDefault(network.PhysicalNetwork ?? "")
        ?? throw Fault.Invalid($"This host has no bridge for the physical network {network.PhysicalNetwork}.");

    static (string Inside, string Outside) FlatPair(Guid network) => ("fl-" + network.ToString()[..11], "fx-" + network.ToString()[..11]);

    /// <summary>The link if it exists and is ours. A crash between the making and the marking leaves one unmarked and unused: ours too.</summary>
    Link? Mine(IReadOnlyDictionary<string, Link> links, string device, string kind, Guid id)
    {
        if (!links.TryGetValue(device, out var link)) return null;
        if (link.Alias == mark.Alias(kind, id) || (link.Alias.Length == 0 && link.Master.Length == 0)) return link;
        throw Fault.Conflict($"The device {device} exists on this host and does not belong to this cloud.");
    }

    void Set(List<string> lines, Link? have, string device, string kind, Guid id, int mtu, string? master, bool up = true)
    {
        var alias = mark.Alias(kind, id);
        if (have?.Alias != alias) lines.Add($"link set dev {device} alias {alias}");
        // The host takes no IPv6 address on a tenant's wire.
        if (have is null) lines.Add($"link set dev {device} addrgenmode none");
        if (have?.Mtu != mtu) lines.Add($"link set dev {device} mtu {mtu}");
        if (master is not null && have?.Master != master) lines.Add($"link set dev {device} master {master}");
        if (up && have is not { Up: true }) lines.Add($"link set dev {device} up");
    }

    /// <summary>Frames to unknown addresses go to every other host of the network; the answers teach the device who is where.</summary>
    async Task SetPeers(string device, IReadOnlyList<string> peers, CancellationToken ct)
    {
        const string All = "00:00:00:00:00:00";
        using var entries = JsonDocument.Parse(await net.Must(null, "bridge", ["-j", "fdb", "show", "dev", device], ct));
        var have = entries.RootElement.EnumerateArray()
            .Where(e => e.GetProperty("mac").GetString() == All && e.TryGetProperty("dst", out _))
            .Select(e => e.GetProperty("dst").GetString()!).ToHashSet();
        var lines = peers.Except(have).Select(p => $"fdb append {All} dev {device} dst {p}")
            .Concat(have.Except(peers).Select(p => $"fdb del {All} dev {device} dst {p}")).ToList();
        if (lines.Count > 0) await net.Must(null, "bridge", ["-batch", "-"], ct, string.Join('\n', lines) + "\n");
    }
}
