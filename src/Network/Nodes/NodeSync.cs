using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Network.FloatingIps;
using Nephos.Network.Networks;
using Nephos.Network.Ports;
using Nephos.Network.Routers;
using Nephos.Network.SecurityGroups;
using Nephos.Network.Subnets;

namespace Nephos.Network.Nodes;

/// <summary>
/// Works out again what nodes should have, for what changes marked as stale. Marks are taken in the transaction that writes the orders,
/// so a crash loses none; many changes of one thing become one order.
/// </summary>
internal sealed class NodeSync(NetworkDb db, NodeTable nodes, NodeItems<NetworkDb> items, NetworkTable networks, SubnetTable subnets, PortTable ports, RouterTable routers, GroupTable groups,
    FloatingIpTable floating, Placing placing, PortStatus status, ChangeTable changes, DeviceNews news) : Loop
{
    private const int Batch = 100;

    public override string Name => "network.nodes";
    public override TimeSpan Period => TimeSpan.FromSeconds(10);

    public override async Task<object> Run(CancellationToken ct)
    {
        var done = 0;
        while (!ct.IsCancellationRequested)
        {
            var taken = await db.InTransaction(async () =>
            {
                var stale = await nodes.TakeStale(Batch);
                // Placing first: what it moves is among what the others then see.
                foreach (var (kind, id) in stale.Where(s => s.Kind == Stale.Dhcp)) await placing.Dhcp(id);
                foreach (var (kind, id) in stale.Where(s => s.Kind == Stale.Router)) await placing.Router(id);
                // In one batch a thing is worked out once, however many others lead to it.
                var run = new Round([], new Change());
                foreach (var (kind, id) in stale) await Sync(kind, id, run);
                if (run.Change.Devices.Count > 0)
                {
                    await changes.Number(run.Change.Devices);
                    db.AfterCommit(() => news.Tell(run.Change.Devices));
                }
                return stale.Count;
            });
            done += taken;
            // Placing marks what it moved: the last round is the one that finds nothing.
            if (taken == 0) break;
        }
        return new { worked_out = done };
    }

    private Task Sync(Stale kind, Guid id, Round run) => !run.Seen.Add((kind, id)) ? Task.CompletedTask : kind switch
    {
        Stale.Network => Network(id),
        Stale.Dhcp => Dhcp(id, run),
        Stale.Port => Port(id, run),
        Stale.Group => Group(id, run),
        Stale.Members => Members(id),
        _ => Router(id, run),
    };

    private async Task Network(Guid id)
    {
        var row = await networks.Find(id);
        var hosts = row is null ? [] : await nodes.WithNetwork(id);
        var addresses = row?.NetworkType is "vxlan" or "gre" && hosts.Count > 1 ? (await nodes.All()).ToDictionary(n => n.Id, n => n.Address) : [];
        foreach (var node in hosts)
            await items.Want(node, NodeItemKinds.Network, id, Specs.Network(row!, [.. hosts.Where(h => h != node && addresses.ContainsKey(h)).Select(h => addresses[h]).Order(StringComparer.Ordinal)]));
        await Forget(NodeItemKinds.Network, id, hosts);
    }

    private async Task Port(Guid id, Round run)
    {
        var row = await ports.Find(id);
        if (row?.Node is not { } node)
        {
            await Forget(NodeItemKinds.Port, id, []);
            return;
        }
        await ports.Fill([row]);
        // A port's network and groups may be new to this node; the same again changes nothing.
        await Sync(Stale.Network, row.NetworkId, run);
        foreach (var group in row.Groups) await Sync(Stale.Group, group, run);
        await items.Want(node, NodeItemKinds.Port, id, Specs.Port(row, (await networks.Find(row.NetworkId))!));
        // An order that is as it was brings no new report: what the node said of it holds still.
        if (row is { Status: "DOWN", AdminStateUp: true } && await status.IsApplied(node, NodeItemKinds.Port, id)) await status.Wired(node, id, run.Change);
        await Forget(NodeItemKinds.Port, id, [node]);
    }

    private async Task Group(Guid id, Round run)
    {
        var hosts = await nodes.WithGroup(id);
        var rules = hosts.Count > 0 ? await groups.Rules([id]) : [];
        foreach (var remote in rules.Select(r => r.RemoteGroupId).OfType<Guid>().Distinct()) await Sync(Stale.Members, remote, run);
        foreach (var node in hosts) await items.Want(node, NodeItemKinds.Group, id, Specs.Group(id, rules));
        if (await Forget(NodeItemKinds.Group, id, hosts))
            foreach (var remote in (await groups.Rules([id])).Select(r => r.RemoteGroupId).OfType<Guid>().Distinct()) await Sync(Stale.Members, remote, run);
    }

    private async Task Members(Guid id)
    {
        var hosts = await nodes.WithMembers(id);
        if (hosts.Count > 0)
        {
            var spec = new Contracts.Drivers.GroupMembersSpec(id, await nodes.Members(id));
            foreach (var node in hosts) await items.Want(node, NodeItemKinds.Members, id, spec);
        }
        await Forget(NodeItemKinds.Members, id, hosts);
    }

    private async Task Dhcp(Guid id, Round run)
    {
        var network = await networks.Find(id);
        var all = network is null ? [] : await ports.OfNetwork(id);
        var own = all.Find(p => p is { DeviceOwner: "network:dhcp", Node: not null });
        var ranges = own is null ? [] : await subnets.OfNetwork(id);
        if (network is null || own is null || !ranges.Exists(s => s.EnableDhcp))
        {
            await Forget(NodeItemKinds.Dhcp, id, []);
            return;
        }
        await ports.Fill(all);
        var routed = await routers.Routed([.. ranges.Select(s => s.Id)]);
        await items.Want(own.Node!.Value, NodeItemKinds.Dhcp, id, Specs.Dhcp(network, own, ranges, all, routed));
        if (await status.IsApplied(own.Node.Value, NodeItemKinds.Dhcp, id)) await status.Served(id, run.Change);
        await Forget(NodeItemKinds.Dhcp, id, [own.Node.Value]);
    }

    private async Task Router(Guid id, Round run)
    {
        var row = await routers.Find(id);
        if (row?.Node is not { } node)
        {
            await Forget(NodeItemKinds.Router, id, []);
            return;
        }
        await routers.Fill([row]);
        var own = await ports.OfDevices([id.ToString()]);
        await ports.Fill(own);
        var ranges = (await subnets.Get([.. own.SelectMany(p => p.FixedIps).Select(f => f.SubnetId).Distinct()])).ToDictionary(s => s.Id);
        var nets = (await networks.Get([.. own.Select(p => p.NetworkId).Distinct()])).ToDictionary(n => n.Id);
        await items.Want(node, NodeItemKinds.Router, id, Specs.Router(row, own, nets, ranges, await floating.OfRouter(id)));
        // Taken away and given back before anybody looked, a floating IP changes no order.
        if (await status.IsApplied(node, NodeItemKinds.Router, id)) await status.Routed(id, run.Change);
        await Forget(NodeItemKinds.Router, id, [node]);
    }

    /// <summary>Tombstones where a thing is no longer wanted. True if there were any.</summary>
    private async Task<bool> Forget(string kind, Guid id, IReadOnlyList<Guid> wanted)
    {
        var any = false;
        foreach (var row in await items.ById(kind, id))
        {
            if (!row.Wanted || wanted.Contains(row.Node)) continue;
            await items.Unwant(row.Node, kind, id);
            any = true;
        }
        return any;
    }

    /// <summary>What one batch has worked out already, and which devices it touched.</summary>
    private sealed record Round(HashSet<(Stale Kind, Guid Id)> Seen, Change Change);
}
