using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Operations;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.SecurityGroups;
using Nephos.Network.Topology;

namespace Nephos.Network;

/// <summary>What Compute asks of Network, by the same code that the API uses.</summary>
internal sealed class NetworkContract(NetworkDb db, Changes changes, NetworkTable networks, PortTable ports, PortFactsReader facts, PortDeletion deletion, GroupTable groups, Allocation allocation,
    Quotas<NetworkDb> quotas, AutoTopology topology, Tombstones<NetworkDb> tombstones) : INetworks
{
    public async Task<IReadOnlyList<NetworkFacts>> Usable(string projectId, bool isAdmin, IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        var found = ids.Count > 0 ? await networks.Get(ids) : await networks.Pluggable(projectId);
        await db.Fill(found, NetworkTable.PartsOf(found, projectId));
        return [.. found
            .Where(n => n.ProjectId == projectId || n.Shared || isAdmin && ids.Count > 0)
            .Where(n => !n.External || n.ProjectId == projectId || isAdmin || n.Shared)
            .OrderBy(n => n.ProjectId == projectId ? 0 : 1).ThenBy(n => n.CreatedAt).ThenBy(n => n.Id)
            .Select(n => new NetworkFacts(n.Id, n.Name, n.ProjectId, n.Shared, n.External, n.PortSecurityEnabled, n.Subnets.Count, n.Mtu))];
    }

    public Task<NetworkFacts> Auto(string projectId, CancellationToken ct) => topology.ForServers(projectId, this, ct);

    public async Task<IReadOnlyList<GroupFacts>> SecurityGroups(string projectId, IReadOnlyList<string> namesOrIds, CancellationToken ct)
    {
        if (namesOrIds.Contains("default")) await groups.EnsureDefault(projectId);
        var own = await groups.OfProject(projectId);
        var others = await groups.Get([.. namesOrIds.Select(n => Guid.TryParse(n, out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty && own.TrueForAll(g => g.Id != id))]);
        var viewer = new Viewer(projectId, false);
        var result = new List<GroupFacts>();
        foreach (var wanted in namesOrIds)
        {
            var group = own.Find(g => g.Id.ToString() == wanted) ?? own.Find(g => g.Name == wanted) ?? others.Find(g => g.Id.ToString() == wanted);
            if (group is not null && (group.ProjectId == projectId || await groups.Find(group.Id, viewer) is not null)) result.Add(new(group.Id, group.Name));
        }
        return result;
    }

    public async Task<IReadOnlyList<PortFacts>> Ports(IReadOnlyList<Guid> ids, CancellationToken ct) => await facts.Of(await ports.Get(ids));

    public async Task<IReadOnlyList<PortFacts>> PortsOf(IReadOnlyList<Guid> devices, CancellationToken ct) => await facts.Of(await ports.OfDevices([.. devices.Select(d => d.ToString())]));

    public async Task<PortFacts> EnsurePort(NewPort wanted, CancellationToken ct)
    {
        await changes.Run(async change =>
        {
            await tombstones.Refuse("port", wanted.Id, wanted.Epoch);
            if (await ports.Find(wanted.Id) is { } known)
            {
                if (known.DeviceId != wanted.Device.ToString()) throw Errors.PortInUse(known.Id, known.NetworkId, known.DeviceId);
                if (known.Node != wanted.Node) await Move(known, wanted.Device, wanted.DeviceOwner, wanted.Node, wanted.Epoch, known.MadeForServer, change);
                return;
            }
            await Make(wanted, change);
        });
        return (await Ports([wanted.Id], ct))[0];
    }

    public async Task<PortFacts> Bind(Guid port, Guid device, string deviceOwner, Guid node, long epoch, CancellationToken ct)
    {
        await changes.Run(async change =>
        {
            await tombstones.Refuse("port", port, epoch);
            var row = await ports.Find(port) ?? throw Errors.PortNotFound(port);
            if (row.DeviceId.Length > 0 && row.DeviceId != device.ToString()) throw Errors.PortInUse(port, row.NetworkId, row.DeviceId);
            await Move(row, device, deviceOwner, node, epoch, row.MadeForServer, change);
        });
        return (await Ports([port], ct))[0];
    }

    public Task Unbind(Guid port, Guid device, CancellationToken ct) => changes.Run(async change =>
    {
        if (await ports.Find(port) is not { } row || row.DeviceId != device.ToString()) return;
        await ports.Update(row with { DeviceId = "", DeviceOwner = "", Node = null, Host = "", Status = "DOWN", DnsName = row.MadeForServer ? "" : row.DnsName });
        change.Port(port, row.NetworkId, row.DeviceId, await ports.GroupsOf(port));
    });

    public Task DeletePort(Guid port, long epoch, CancellationToken ct) => changes.Run(async change =>
    {
        await tombstones.Bury("port", port, epoch);
        if (await ports.Find(port) is { } row) await deletion.Delete(row, change);
    });

    public Task SetGroups(Guid device, IReadOnlyList<Guid> add, IReadOnlyList<Guid> remove, CancellationToken ct) => changes.Run(async change =>
    {
        var own = await ports.OfDevices([device.ToString()]);
        await ports.Fill(own);
        foreach (var port in own.Where(p => p.PortSecurityEnabled))
        {
            var now = port.Groups.Except(remove).Union(add).ToList();
            await ports.SetGroups(port.Id, now);
            change.Port(port.Id, port.NetworkId, port.DeviceId, now.Union(port.Groups));
        }
    });

    public Task ChangeAddress(Guid device, Guid? addFromNetwork, string? removeAddress, CancellationToken ct) => changes.Run(async change =>
    {
        var own = await ports.OfDevices([device.ToString()]);
        await ports.Fill(own);
        if (addFromNetwork is { } network)
        {
            var port = own.Find(p => p.NetworkId == network) ?? throw Errors.NetworkNotFound(network);
            await allocation.AddOne(port);
            change.Port(port.Id, port.NetworkId, port.DeviceId, port.Groups);
        }
        if (removeAddress is not null)
        {
            var port = own.Find(p => p.FixedIps.Any(f => f.IpAddress == removeAddress)) ?? throw Errors.NotOnNetwork(removeAddress);
            await allocation.Reallocate(port, [.. port.FixedIps.Where(f => f.IpAddress != removeAddress).Select(f => new WantedIp(f.SubnetId, f.IpAddress))]);
            await deletion.DropFloating(port, change);
            change.Port(port.Id, port.NetworkId, port.DeviceId, port.Groups);
        }
    });

    public async Task<PortFacts?> PortAt(Guid? network, Guid? router, string address, CancellationToken ct) =>
        await ports.At(network, router, address) is { } row ? (await facts.Of([row]))[0] : null;

    public Task<DeviceChanges> Changes(long after, CancellationToken ct) => changes.After(after);


    private async Task Make(NewPort wanted, Change change)
    {
        await quotas.TakeOrRefuse(wanted.ProjectId, "port");
        var network = await networks.Find(wanted.Network) ?? throw Errors.NetworkNotFound(wanted.Network);
        var now = db.Now;
        var port = await ports.Insert(new PortRow(wanted.Id, wanted.ProjectId, network.Id, "", "", true, "DOWN", MacAddress.Random(), wanted.Device.ToString(), wanted.DeviceOwner, wanted.Node,
            await ports.HostOf(wanted.Node), "normal", JsonDocument.Parse("{}").RootElement, network.PortSecurityEnabled, [], [], wanted.DnsName, "", true, wanted.Epoch, now, now, 1), ownMac: false, ownId: true);
        await allocation.Allocate(port, wanted.Address is { } address ? [new(null, address)] : null);
        var own = await groups.ForPort(wanted.ProjectId, network.PortSecurityEnabled, network.PortSecurityEnabled && wanted.Groups is { } asked ? [.. asked] : null, new(wanted.ProjectId, false));
        await ports.SetGroups(port.Id, own);
        change.Port(port.Id, network.Id, port.DeviceId, own);
    }

    private async Task Move(PortRow row, Guid device, string owner, Guid node, long epoch, bool made, Change change)
    {
        await ports.Update(row with
        {
            DeviceId = device.ToString(),
            DeviceOwner = owner,
            Node = node,
            Host = await ports.HostOf(node),
            Status = row.Node == node ? row.Status : "DOWN",
            Epoch = Math.Max(epoch, row.Epoch),
            MadeForServer = made,
        });
        change.Port(row.Id, row.NetworkId, device.ToString(), await ports.GroupsOf(row.Id));
    }
}
