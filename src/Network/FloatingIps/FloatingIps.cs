using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.Subnets;

namespace Nephos.Network.FloatingIps;

/// <summary>Floating IPs.</summary>
internal sealed class FloatingIps(NetworkDb db, FloatingIpTable table, NetworkTable networks, PortTable ports, SubnetTable subnets, Allocation allocation) : Resource<FloatingIpRow>(db)
{
    public override string Name => "floatingip";
    public override string Table => "network_floating_ips";
    public override Fault Missing(string id) => Errors.FloatingIpNotFound(id);

    public override IReadOnlyList<Attribute<FloatingIpRow>> Attributes { get; } =
    [
        Common.Id<FloatingIpRow>(),
        .. Common.Project<FloatingIpRow>(),
        new("floating_ip_address", f => f.FloatingIpAddress) { Post = true, Read = Read.AddressOrNull, Guarded = true, Column = "floating_ip_address" },
        new("floating_network_id", f => f.FloatingNetworkId) { Post = true, Read = Read.Uuid, Default = Unset.Required, Column = "floating_network_id" },
        new("subnet_id", _ => null) { Post = true, Read = Read.UuidOrNull, Hidden = true },
        new("router_id", f => f.RouterId) { Column = "router_id" },
        new("port_id", f => f.PortId) { Post = true, Put = true, Read = Read.UuidOrNull, Column = "port_id" },
        new("fixed_ip_address", f => f.FixedIpAddress) { Post = true, Put = true, Read = Read.AddressOrNull, Column = "fixed_ip_address" },
        new("status", f => f.Status) { Column = "status" },
        Common.Description<FloatingIpRow>(f => f.Description),
        new("dns_name", f => f.DnsName) { Post = true, Read = PortFilters.DnsName, Default = "", Column = "dns_name" },
        new("dns_domain", f => f.DnsDomain) { Post = true, Read = Read.Text(255), Default = "", Column = "dns_domain" },
        new("port_details", f => f.Details is not { } d ? null : new { name = d.Name, network_id = d.NetworkId, mac_address = d.MacAddress, admin_state_up = d.AdminStateUp, status = d.Status, device_id = d.DeviceId, device_owner = d.DeviceOwner }),
        .. Common.Standard<FloatingIpRow>(f => (f.CreatedAt, f.UpdatedAt)),
        Common.Tags<FloatingIpRow>(),
    ];

    protected override IEnumerable<Part<FloatingIpRow>> PartsOf(IReadOnlyList<FloatingIpRow> rows, Viewer viewer) =>
        [Part.Of((FloatingIpRow f) => f.PortId.GetValueOrDefault(), (PortDetails p) => p.Id, FloatingIpTable.PortsBehind(rows.Select(r => r.PortId).OfType<Guid>()), (ip, ports) => ip.Details = ports is [var port] ? port : null)];

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        var network = await networks.Find(values.Get<Guid>("floating_network_id"), viewer) ?? throw Errors.NetworkNotFound(values.Get<Guid>("floating_network_id"));
        if (!network.External) throw Errors.NotExternal(network.Id);
        var (id, now) = (NewId.Uuid(), Db.Now);
        // The address is that of a port of nobody on the external network.
        var port = await ports.Insert(new PortRow(NewId.Uuid(), "", network.Id, "", "", true, "N/A", MacAddress.Random(), id.ToString(), "network:floatingip", null, "", "normal",
            System.Text.Json.JsonDocument.Parse("{}").RootElement, false, [], [], "", "", false, 0, now, now, 1), false);
        await allocation.Allocate(port, await Wanted(values, network.Id));
        await ports.Fill([port]);
        var address = port.FixedIps.FirstOrDefault(f => Ip.Parse(f.IpAddress).Version == 4)?.IpAddress ?? throw Errors.NoExternalAddresses(network.Id);
        await table.Insert(new FloatingIpRow(id, values.Get<string>("project_id")!, values.Get<string>("description")!, network.Id, address, port.Id, null, null, null, "DOWN",
            values.Get<string>("dns_name")!, values.Get<string>("dns_domain")!, now, now, 0));
        if (values.Get<Guid?>("port_id") is { } inside) await Associate((await table.Find(id))!, inside, values.Get<string>("fixed_ip_address"), viewer, change);
        else if (values.Get<string>("fixed_ip_address") is not null) throw Errors.BadOperation("floatingip", "fixed_ip_address cannot be specified without a port_id");
        return id;
    }

    public override async Task Update(FloatingIpRow row, Values values, Viewer viewer, Change change)
    {
        if (values.ContainsKey("description")) await table.SetDescription(row.Id, values.Get<string>("description")!);
        if (!values.ContainsKey("port_id"))
        {
            if (values.Get<string>("fixed_ip_address") is not { } other) return;
            if (row.PortId is not { } same) throw Errors.BadOperation("floatingip", "fixed_ip_address cannot be specified without a port_id");
            await Associate(row, same, other, viewer, change);
            return;
        }
        if (row.PortId is { } old)
        {
            if (row.RouterId is { } router) change.Mark(Stale.Router, router);
            if (await ports.Find(old) is { } before) change.Device(before.DeviceId);
        }
        if (values.Get<Guid?>("port_id") is { } port) await Associate(row, port, values.Get<string>("fixed_ip_address"), viewer, change);
        else await table.Associate(row.Id, null, null, null);
    }

    public override async Task Delete(FloatingIpRow row, Viewer viewer, Change change)
    {
        if (row.RouterId is { } router) change.Mark(Stale.Router, router);
        if (row.PortId is { } port && await ports.Find(port) is { } inside) change.Device(inside.DeviceId);
        await table.Delete(row.Id);
        await ports.Delete(row.FloatingPortId);
    }

    private async Task<WantedIp[]> Wanted(Values values, Guid network)
    {
        if (values.Get<Guid?>("subnet_id") is { } subnet) return [new(subnet, values.Get<string>("floating_ip_address"))];
        if (values.Get<string>("floating_ip_address") is { } address) return [new(null, address)];
        // Only IPv4 floats; the first subnet with a free address is found by trying.
        var candidates = (await subnets.OfNetwork(network)).Where(s => s.IpVersion == 4 && (s.ServiceTypes.Length == 0 || s.ServiceTypes.Contains("network:floatingip"))).ToList();
        foreach (var candidate in candidates)
            if (await allocation.HasFree(candidate)) return [new(candidate.Id, null)];
        throw Errors.NoExternalAddresses(network);
    }

    private async Task Associate(FloatingIpRow row, Guid portId, string? address, Viewer viewer, Change change)
    {
        var port = await ports.Find(portId);
        if (port is null || !viewer.IsAdmin && port.ProjectId != viewer.ProjectId && port.NetworkProject != viewer.ProjectId) throw Errors.PortNotFound(portId);
        await ports.Fill([port]);
        var candidates = port.FixedIps.Where(f => Ip.Parse(f.IpAddress).Version == 4).ToList();
        FixedIp? inside;
        if (address is not null)
            inside = candidates.Find(f => f.IpAddress == address) ?? throw Errors.BadOperation("floatingip", $"Port {portId} does not have fixed ip {address}");
        else if (candidates.Count == 0) throw Errors.BadOperation("floatingip", $"Cannot add floating IP to port {portId} that has no fixed IPv4 addresses");
        else inside = candidates.Count == 1 ? candidates[0] : throw Errors.BadOperation("floatingip", $"Port {portId} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP");
        var routers = await table.RoutersBetween(inside.SubnetId, row.FloatingNetworkId);
        if (routers.Count == 0) throw Errors.Unreachable(row.FloatingNetworkId, inside.SubnetId, portId);
        if ((await table.OfPort(portId)).Exists(f => f.Id != row.Id && f.FixedIpAddress == inside.IpAddress && f.FloatingNetworkId == row.FloatingNetworkId))
            throw Errors.AlreadyAssociated(row.FloatingIpAddress, row.Id, portId, inside.IpAddress, row.FloatingNetworkId);
        if (row.RouterId is { } old) change.Mark(Stale.Router, old);
        await table.Associate(row.Id, portId, inside.IpAddress, routers[0]);
        change.Mark(Stale.Router, routers[0]);
        change.Device(port.DeviceId);
    }
}
