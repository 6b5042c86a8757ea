using Nephos.Contracts.Drivers;
using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.LinuxBridge.Firewall;

/// <summary>Security groups, anti-spoofing and the isolation of networks from one another and from the host.</summary>
internal sealed class HostFirewall(NetworkCommands net, OwnerMark mark, ExternalRange? external)
{
    readonly ChainNames names = new(mark);
    readonly Ruleset v4 = new("iptables", net, mark), v6 = new("ip6tables", net, mark), frames = new("ebtables", net, mark);
    readonly AddressSets sets = new(net, new(mark));
    readonly Conntrack conntrack = new(net);
    readonly Dictionary<Guid, (PortSpec Port, int Zone)> ports = [];
    readonly Dictionary<Guid, GroupSpec> groups = [];
    readonly Dictionary<string, int> bridges = [];
    /// <summary>Groups whose rules changed while this node was not there: what their ports have connected is not to be trusted.</summary>
    readonly HashSet<Guid> changedUnseen = [];

    IEnumerable<(Ruleset Rules, bool V6)> Families => [(v4, false), (v6, true)];

    /// <summary>Learns what is on the host, unless it is known.</summary>
    public Task Load(CancellationToken ct) => Task.WhenAll(v4.Load(ct), v6.Load(ct), frames.Load(ct), sets.Load(ct));

    public void Forget()
    {
        v4.Forget();
        v6.Forget();
        frames.Forget();
        sets.Forget();
    }

    /// <summary>The chains everything hangs on. They let everything pass that is not on a device of ours.</summary>
    public void Frame()
    {
        foreach (var (rules, six) in Families)
        {
            foreach (var digit in ChainNames.Digits)
            {
                rules.Exists("filter", names.ToPorts(digit));
                rules.Exists("filter", names.Bridges(digit));
                rules.Exists("mangle", names.FromPorts(digit));
                rules.Exists("raw", names.BridgeZones(digit));
            }
            rules.Chain("filter", names.External, six ? [] : ExternalRules());
            rules.Chain("filter", names.Forward, [
                .. ChainNames.Digits.Select(d => $"-m physdev --physdev-is-bridged --physdev-out tap{d}+ -j {names.ToPorts(d)}"),
                .. ByBridge(names.Bridges),
                $"-j {names.External}"]);
            rules.Chain("filter", names.ToHost, ByBridge(names.Bridges));
            rules.Chain("mangle", names.Leave, ChainNames.Digits.Select(d => $"-m physdev --physdev-in tap{d}+ -j {names.FromPorts(d)}"));
            rules.Chain("raw", names.Zones, ByBridge(names.BridgeZones));
            rules.Shared("filter", "FORWARD", names.Forward, [$"-j {names.Forward}"], first: true);
            rules.Shared("filter", "INPUT", names.ToHost, [$"-j {names.ToHost}"], first: true);
            rules.Shared("mangle", "PREROUTING", names.Leave, [$"-j {names.Leave}"], first: true);
            rules.Shared("raw", "PREROUTING", names.Zones, [$"-j {names.Zones}"], first: true);
        }
        if (external is { Masquerade: true })
        {
            v4.Chain("nat", names.Masquerade, [
                // Frames on a bridge pass here too; what is rewritten there would be lost.
                $"-s {external.Cidr} ! -d {external.Cidr} ! -o {external.Bridge} -m physdev ! --physdev-is-bridged -j MASQUERADE"]);
            v4.Shared("nat", "POSTROUTING", names.Masquerade, [$"-j {names.Masquerade}"]);
        }
        foreach (var digit in ChainNames.Digits) frames.Exists("nat", names.FromPorts(digit));
        frames.Chain("nat", names.Leave, ChainNames.Digits.Select(d => $"-i tap{d}+ -j {names.FromPorts(d)}"));
        frames.Shared("nat", "PREROUTING", names.Leave, [$"-j {names.Leave}"], first: true);
    }

    /// <summary>A network: its own connection table, free passage between its ports, and none to this host.</summary>
    public void Network(string bridge, int zone)
    {
        bridges[bridge] = zone;
        var digit = ChainNames.Digit(bridge);
        foreach (var (rules, _) in Families)
        {
            rules.Shared("raw", names.BridgeZones(digit), bridge, [$"-i {bridge} -j CT --zone {zone}"]);
            rules.Shared("filter", names.Bridges(digit), bridge, [$"-i {bridge} -m physdev --physdev-is-bridged -j ACCEPT", $"-i {bridge} -j DROP"]);
        }
    }

    public void NetworkGone(string bridge)
    {
        bridges.Remove(bridge);
        var digit = ChainNames.Digit(bridge);
        foreach (var (rules, _) in Families)
        {
            rules.Shared("raw", names.BridgeZones(digit), bridge, []);
            rules.Shared("filter", names.Bridges(digit), bridge, []);
        }
    }

    public void Group(GroupSpec group)
    {
        foreach (var rule in group.Rules) if (rule.RemoteGroup is { } remote) sets.Exists(remote);
        foreach (var (rules, six) in Families)
        {
            rules.Chain("filter", names.GroupIn(group.Id), GroupRules.Chain(group, true, six, mark, names));
            rules.Chain("mangle", names.GroupOut(group.Id), GroupRules.Chain(group, false, six, mark, names));
        }
        if (groups.TryGetValue(group.Id, out var old))
        {
            foreach (var rule in old.Rules.Except(group.Rules))
                foreach (var (port, zone) in PortsOf(group.Id)) conntrack.Rule(zone, port.Addresses, rule);
        }
        else if (ChainLabel.Of(group, mark, names).Differs(v4)) changedUnseen.Add(group.Id);
        groups[group.Id] = group;
    }

    public void Members(GroupMembersSpec members)
    {
        var gone = sets.Set(members.Group, members.Addresses);
        if (gone.Count == 0) return;
        foreach (var group in groups.Values)
            foreach (var rule in group.Rules.Where(r => r.RemoteGroup == members.Group).DistinctBy(r => r.Ingress))
                foreach (var (port, zone) in PortsOf(group.Id))
                    foreach (var member in gone) conntrack.Member(zone, port.Addresses, member, rule.Ingress);
    }

    public void GroupGone(Guid group)
    {
        foreach (var (rules, _) in Families)
        {
            rules.Remove("filter", names.GroupIn(group));
            rules.Remove("mangle", names.GroupOut(group));
        }
        groups.Remove(group);
    }

    /// <summary>Removes a group's members, after the commit that took away the rules that refer to them.</summary>
    public Task MembersGone(Guid group, CancellationToken ct) => sets.Remove(group, ct);

    public void Port(PortSpec port, int zone)
    {
        if (ports.TryGetValue(port.Id, out var old) && Narrower(old.Port, port)) conntrack.Port(zone, old.Port.Addresses);
        if (port.Kind != PortKind.Guest || !port.Security) { PortGone(port.Id, port.Device); return; }
        var label = ChainLabel.Of(port, mark);
        if (old.Port is null && (label.Differs(v4) || port.Groups.Any(changedUnseen.Contains))) conntrack.Port(zone, port.Addresses);
        var digit = ChainNames.Digit(port.Device);
        foreach (var (rules, six) in Families)
        {
            foreach (var group in port.Groups)
            {
                rules.Exists("filter", names.GroupIn(group));
                rules.Exists("mangle", names.GroupOut(group));
            }
            rules.Chain("mangle", names.Sources(port.Device), PortRules.Sources(port, six));
            rules.Chain("mangle", names.FromPort(port.Device), PortRules.FromPort(port, six, names));
            rules.Chain("filter", names.ToPort(port.Device), PortRules.ToPort(port, six, names).Prepend(label.Rule));
            rules.Shared("mangle", names.FromPorts(digit), port.Device, [$"-m physdev --physdev-in {port.Device} -j {names.FromPort(port.Device)}"]);
            rules.Shared("filter", names.ToPorts(digit), port.Device, [$"-m physdev --physdev-is-bridged --physdev-out {port.Device} -j {names.ToPort(port.Device)}"]);
        }
        frames.Chain("nat", names.Frames(port.Device), PortRules.Frames(port));
        frames.Shared("nat", names.FromPorts(digit), port.Device, [$"-i {port.Device} -j {names.Frames(port.Device)}"]);
        ports[port.Id] = (port, zone);
    }

    public void PortGone(Guid id, string device)
    {
        var digit = ChainNames.Digit(device);
        foreach (var (rules, _) in Families)
        {
            rules.Shared("mangle", names.FromPorts(digit), device, []);
            rules.Shared("filter", names.ToPorts(digit), device, []);
            foreach (var chain in (string[])[names.FromPort(device), names.Sources(device)]) rules.Remove("mangle", chain);
            rules.Remove("filter", names.ToPort(device));
        }
        frames.Shared("nat", names.FromPorts(digit), device, []);
        frames.Remove("nat", names.Frames(device));
        if (ports.Remove(id, out var old)) conntrack.Port(old.Zone, old.Port.Addresses);
    }

    /// <summary>Makes what was collected so: sets before the rules that name them, connections last.</summary>
    public async Task Commit(CancellationToken ct)
    {
        await sets.Commit(ct);
        // One after the other: the three tools share one ruleset in the kernel and would make each other start again.
        await v4.Commit(ct);
        await v6.Commit(ct);
        await frames.Commit(ct);
        await conntrack.Commit(ct);
    }

    /// <summary>Writes again what somebody else took away since it was last looked at.</summary>
    public Task Repair(CancellationToken ct)
    {
        Frame();
        foreach (var (bridge, zone) in bridges.ToList()) Network(bridge, zone);
        foreach (var group in groups.Values.ToList()) Group(group);
        foreach (var (port, zone) in ports.Values.ToList()) Port(port, zone);
        return Commit(ct);
    }

    /// <summary>Removes all of it.</summary>
    public async Task Clear(CancellationToken ct)
    {
        v4.RemoveAll();
        v6.RemoveAll();
        frames.RemoveAll();
        await Commit(ct);
        foreach (var group in sets.Groups.Distinct().ToList()) await sets.Remove(group, ct);
        ports.Clear();
        groups.Clear();
        bridges.Clear();
    }

    /// <summary>Groups with a chain or a set here.</summary>
    public IReadOnlyList<Guid> Groups()
    {
        var prefix = mark.Alias("group", "");
        var marked = v4.Labels.Keys.Concat(v6.Labels.Keys).Where(thing => thing.StartsWith(prefix, StringComparison.Ordinal)).Select(thing => Guid.Parse(thing.AsSpan(prefix.Length)));
        return [.. marked.Concat(sets.Groups).Distinct()];
    }

    IEnumerable<(PortSpec Port, int Zone)> PortsOf(Guid group) => ports.Values.Where(p => p.Port.Groups.Contains(group));

    static bool Narrower(PortSpec old, PortSpec now) => old.Groups.Except(now.Groups).Any() || old.Addresses.Except(now.Addresses).Any();

    static IEnumerable<string> ByBridge(Func<char, string> chain) => ChainNames.Digits.Select(d => $"-i brq{d}+ -j {chain(d)}");

    IEnumerable<string> ExternalRules() => external is null ? [] : [$"-i {external.Bridge} -j ACCEPT", $"-o {external.Bridge} -j ACCEPT"];
}
