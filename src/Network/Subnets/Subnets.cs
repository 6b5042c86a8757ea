using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.Sharing;
using Nephos.Network.SubnetPools;

namespace Nephos.Network.Subnets;

/// <summary>Subnets.</summary>
internal sealed class Subnets(NetworkDb db, SubnetTable table, NetworkTable networks, PoolAllocation pools, PortTable ports, AddressTable addresses, Allocation allocation) : Resource<SubnetRow>(db)
{
    private const int MaxDns = 5, MaxRoutes = 20;
    private static readonly string[] V6Modes = ["slaac", "dhcpv6-stateful", "dhcpv6-stateless"];

    public override string Name => "subnet";
    public override string Table => "network_subnets";
    public override string Select => SubnetTable.Select;
    public override Fault Missing(string id) => Errors.SubnetNotFound(id);
    public override SqlText Visible(Viewer viewer) => SubnetTable.Visible(viewer);

    public override IReadOnlyList<Attribute<SubnetRow>> Attributes { get; } =
    [
        Common.Id<SubnetRow>(),
        Common.Name<SubnetRow>(s => s.Name),
        .. Common.Project<SubnetRow>(),
        new("network_id", s => s.NetworkId) { Post = true, Read = Read.Uuid, Default = Unset.Required, Column = "network_id" },
        new("ip_version", s => s.IpVersion) { Post = true, Read = Read.IpVersion, Column = "ip_version", Kind = ColumnKind.Number },
        new("subnetpool_id", s => s.SubnetpoolId) { Post = true, Read = PoolId, Column = "subnetpool_id" },
        new("prefixlen", _ => null) { Post = true, Read = Read.IntOrNull(0, 128), Hidden = true },
        new("use_default_subnetpool", _ => null) { Post = true, Read = Read.Bool, Default = false, Hidden = true },
        new("enable_dhcp", s => s.EnableDhcp) { Post = true, Put = true, Read = Read.Bool, Default = true, Column = "enable_dhcp", Kind = ColumnKind.Bool },
        new("ipv6_ra_mode", s => s.Ipv6RaMode) { Post = true, Read = Read.ChoiceOrNull(V6Modes), Column = "ipv6_ra_mode" },
        new("ipv6_address_mode", s => s.Ipv6AddressMode) { Post = true, Read = Read.ChoiceOrNull(V6Modes), Column = "ipv6_address_mode" },
        new("gateway_ip", s => s.GatewayIp) { Post = true, Put = true, Read = Read.AddressOrNull, Column = "gateway_ip" },
        new("cidr", s => s.Cidr) { Post = true, Read = Read.CidrOrNull, Column = "cidr" },
        new("allocation_pools", s => s.AllocationPools) { Post = true, Put = true, Read = SubnetReaders.Pools },
        new("host_routes", s => s.HostRoutes) { Post = true, Put = true, Read = SubnetReaders.Routes },
        new("dns_nameservers", s => s.DnsNameservers) { Post = true, Put = true, Read = SubnetReaders.Nameservers },
        Common.Description<SubnetRow>(s => s.Description),
        new("service_types", s => s.ServiceTypes) { Post = true, Put = true, Read = Read.Words(255), Default = new List<string>(), Guarded = true },
        new("dns_publish_fixed_ip", s => s.DnsPublishFixedIp) { Post = true, Put = true, Read = Read.Bool, Default = false, Column = "dns_publish_fixed_ip", Kind = ColumnKind.Bool },
        .. Common.Standard<SubnetRow>(s => (s.CreatedAt, s.UpdatedAt)),
        Common.Tags<SubnetRow>(),
        new("shared", s => s.Shared) { Hidden = true, Filter = (v, viewer) => $"network_id IN (SELECT id FROM network_networks WHERE {Common.SharedFilter("network", "access_as_shared", v, viewer)})" },
    ];

    protected override IEnumerable<Part<SubnetRow>> PartsOf(IReadOnlyList<SubnetRow> rows, Viewer viewer) =>
        [Part.Flag((SubnetRow s) => s.NetworkId, RbacTable.Shared("network", rows.Select(r => r.NetworkId).Distinct(), viewer.ProjectId), (subnet, shared) => subnet.Shared = shared)];

    public override void Target(SubnetRow row, PolicyTarget target) => target["network:tenant_id"] = target["network:project_id"] = row.NetworkProject;

    public override async Task Target(Values values, Viewer viewer, PolicyTarget target) =>
        await OnNetwork(networks, values, viewer, target, Name);

    /// <summary>For subnets and ports: the network must be visible, and be the caller's or shared with it.</summary>
    public static async Task<NetworkRow> OnNetwork(NetworkTable networks, Values values, Viewer viewer, PolicyTarget target, string what)
    {
        var id = values.Get<Guid>("network_id");
        var network = await networks.Find(id, viewer) ?? throw Errors.NetworkNotFound(id);
        var shared = await networks.IsShared(id, viewer.ProjectId);
        target["network:tenant_id"] = target["network:project_id"] = network.ProjectId;
        target["shared"] = shared ? "True" : "False";
        if (!viewer.IsAdmin && !shared && network.ProjectId != values.Get<string>("project_id")) throw Errors.NotYourNetwork(values.Get<string>("project_id")!, what);
        return network;
    }

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        var network = values.Get<Guid>("network_id");
        await table.LockNetwork(network);
        var siblings = await table.OfNetwork(network);
        var (cidr, pool) = await pools.RangeOf(values, viewer, siblings);
        var row = NewSubnet.From(values, cidr, pool, Db.Now);
        if (row.DnsNameservers.Length > MaxDns) throw Errors.TooManyDns(row.Id, MaxDns);
        if (row.HostRoutes.Length > MaxRoutes) throw Errors.TooManyRoutes(row.Id, MaxRoutes);
        var other = siblings.Find(s => s.Range.Overlaps(cidr));
        if (other is not null) throw Errors.Overlap(cidr.ToString(), network, other.Cidr, other.Id);
        await table.Insert(row);
        // Ports that hosts give themselves an address on get it as soon as there is such a subnet.
        if (row.IsAuto) await allocation.AddAuto(row, change);
        change.Mark(Stale.Dhcp, network);
        return row.Id;
    }

    public override async Task Update(SubnetRow row, Values values, Viewer viewer, Change change)
    {
        var changed = row with
        {
            Name = values.Or("name", row.Name),
            Description = values.Or("description", row.Description),
            EnableDhcp = values.Or("enable_dhcp", row.EnableDhcp),
            GatewayIp = values.Or("gateway_ip", row.GatewayIp),
            AllocationPools = values.Or("allocation_pools", row.AllocationPools),
            HostRoutes = values.Or("host_routes", row.HostRoutes),
            DnsNameservers = values.Or("dns_nameservers", row.DnsNameservers),
            DnsPublishFixedIp = values.Or("dns_publish_fixed_ip", row.DnsPublishFixedIp),
            ServiceTypes = values.ContainsKey("service_types") ? [.. values.Get<List<string>>("service_types")!] : row.ServiceTypes,
        };
        if (changed.DnsNameservers.Length > MaxDns) throw Errors.TooManyDns(row.Id, MaxDns);
        if (changed.HostRoutes.Length > MaxRoutes) throw Errors.TooManyRoutes(row.Id, MaxRoutes);
        NewSubnet.CheckModes(changed.IpVersion, changed.EnableDhcp, values.ContainsKey("enable_dhcp"), changed.Ipv6RaMode, changed.Ipv6AddressMode);
        SubnetReaders.CheckPools(changed.AllocationPools, changed.Range);
        NewSubnet.CheckRoutes(changed);
        if (changed.GatewayIp != row.GatewayIp || values.ContainsKey("allocation_pools")) await CheckGateway(row, changed);
        await table.Update(changed);
        if (row.EnableDhcp && !changed.EnableDhcp) await addresses.RemoveOwned(row.Id, "network:dhcp");
        change.Mark(Stale.Dhcp, row.NetworkId);
        foreach (var router in await ports.RoutersOn(row.NetworkId)) change.Mark(Stale.Router, router);
        foreach (var device in await ports.DevicesOn(row.Id)) change.Device(device);
    }

    public override async Task Delete(SubnetRow row, Viewer viewer, Change change)
    {
        var users = await table.Users(row.Id);
        // Addresses that hosts made themselves go with the subnet, unless a router stands on it.
        if (users.Exists(u => u.Owner != "network:dhcp" && (!row.IsAuto || u.Owner.StartsWith("network:router", StringComparison.Ordinal)))) throw Errors.SubnetHasPorts(row.Id);
        foreach (var port in await ports.Get([.. users.Select(u => u.Port)])) change.Port(port.Id, port.NetworkId, port.DeviceId, await ports.GroupsOf(port.Id));
        await addresses.RemoveAll(row.Id);
        await table.Delete(row.Id);
        change.Mark(Stale.Dhcp, row.NetworkId);
    }

    private async Task CheckGateway(SubnetRow old, SubnetRow changed)
    {
        if (changed.GatewayIp is { } text)
        {
            var gateway = Ip.Parse(text);
            if (gateway.Version != changed.IpVersion || changed.IpVersion == 4 && !changed.Range.IsHost(gateway)) throw Errors.InvalidInput("Gateway is not valid on subnet");
            foreach (var pool in changed.AllocationPools)
                if (pool.Pool.Contains(gateway)) throw Errors.GatewayInPool(gateway, pool.Pool);
        }
        if (old.GatewayIp is { } before && before != changed.GatewayIp && await addresses.RouterAt(old.Id, before) is { } port) throw Errors.GatewayInUse(before, port);
    }

    private static object? PoolId(System.Text.Json.JsonElement json) =>
        json.ValueKind == System.Text.Json.JsonValueKind.String && json.GetString() == "prefix_delegation" ? throw new InvalidValue("prefix delegation is not offered by this cloud") : Read.UuidOrNull(json);
}
