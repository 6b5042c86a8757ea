using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.SecurityGroups;
using Nephos.Network.Sharing;

namespace Nephos.Network.Ports;

/// <summary>Ports.</summary>
internal sealed class Ports(NetworkDb db, PortTable table, NetworkTable networks, GroupTable groups, Allocation allocation, PortDeletion deletion) : Resource<PortRow>(db)
{
    private static readonly string[] VnicTypes = ["normal", "direct", "macvtap", "baremetal", "direct-physical", "virtio-forwarder", "smart-nic", "vdpa", "accelerator-direct", "accelerator-direct-physical", "remote-managed"];
    private static readonly JsonElement NoProfile = JsonDocument.Parse("{}").RootElement.Clone();

    public override string Name => "port";
    public override string Table => "network_ports";
    public override string Select => PortTable.Select;
    public override Fault Missing(string id) => Errors.PortNotFound(id);
    public override SqlText Visible(Viewer viewer) => PortTable.Visible(viewer);

    public override IReadOnlyList<Attribute<PortRow>> Attributes { get; } =
    [
        Common.Id<PortRow>(),
        Common.Name<PortRow>(p => p.Name),
        new("network_id", p => p.NetworkId) { Post = true, Read = Read.Uuid, Default = Unset.Required, Column = "network_id" },
        .. Common.Project<PortRow>(),
        new("mac_address", p => p.MacAddress) { Post = true, Put = true, Read = Read.Mac, Guarded = true, Column = "mac_address" },
        Common.Flag<PortRow>("admin_state_up", p => p.AdminStateUp, true),
        new("status", p => p.Status) { Column = "status" },
        new("device_id", p => p.DeviceId) { Post = true, Put = true, Read = Read.Text(), Default = "", Guarded = true, Column = "device_id" },
        new("device_owner", p => p.DeviceOwner) { Post = true, Put = true, Read = Read.Text(), Default = "", Guarded = true, Column = "device_owner" },
        new("fixed_ips", p => p.FixedIps) { Post = true, Put = true, Read = PortReaders.FixedIps, Guarded = true, Parts = PortReaders.FixedIpParts, Filter = (v, _) => PortFilters.FixedIps(v) },
        new("allowed_address_pairs", p => p.AllowedAddressPairs) { Post = true, Put = true, Read = PortReaders.Pairs, Guarded = true, Parts = PortReaders.PairParts },
        new("extra_dhcp_opts", p => p.ExtraDhcpOpts) { Post = true, Put = true, Read = PortReaders.Options },
        new("security_groups", p => p.Groups) { Post = true, Put = true, Read = Read.UuidList, Filter = (v, _) => $"id IN (SELECT port_id FROM network_port_groups WHERE group_id IN {v})" },
        Common.Description<PortRow>(p => p.Description),
        new("binding:vnic_type", p => p.VnicType) { Post = true, Put = true, Read = Read.Choice(VnicTypes), Default = "normal", Guarded = true, Column = "vnic_type" },
        new("binding:profile", p => p.Profile) { Post = true, Put = true, Read = PortReaders.Profile, Guarded = true },
        new("binding:host_id", p => p.Host) { Post = true, Put = true, Read = Read.TextOrNull(), Guarded = true, Column = "host" },
        new("binding:vif_type", p => p.VifType ?? (p.Host.Length > 0 ? "binding_failed" : "unbound")),
        new("binding:vif_details", p => p.VifType is null ? new Dictionary<string, object>() : new Dictionary<string, object> { ["port_filter"] = true, ["connectivity"] = "l2" }),
        new("port_security_enabled", p => p.PortSecurityEnabled) { Post = true, Put = true, Read = Read.Bool, Guarded = true, Column = "port_security_enabled", Kind = ColumnKind.Bool },
        new("dns_name", p => p.DnsName) { Post = true, Put = true, Read = PortFilters.DnsName, Default = "", Column = "dns_name" },
        new("dns_domain", p => p.DnsDomain) { Post = true, Put = true, Read = Read.Text(255), Default = "", Column = "dns_domain" },
        new("dns_assignment", PortFilters.DnsAssignment),
        new("ip_allocation", _ => "immediate"),
        Common.Tags<PortRow>() with { Post = true, Read = Read.Words(255) },
        .. Common.Standard<PortRow>(p => (p.CreatedAt, p.UpdatedAt)),
    ];

    protected override IEnumerable<Part<PortRow>> PartsOf(IReadOnlyList<PortRow> rows, Viewer viewer) =>
    [
        .. PortTable.PartsOf(rows),
        Part.Flag((PortRow p) => p.NetworkId, RbacTable.Shared("network", rows.Select(r => r.NetworkId).Distinct(), viewer.ProjectId), (port, shared) => port.NetworkShared = shared),
    ];

    public override void Target(PortRow row, PolicyTarget target)
    {
        target["network:tenant_id"] = target["network:project_id"] = row.NetworkProject;
        target["shared"] = row.NetworkShared ? "True" : "False";
    }

    public override Task Target(Values values, Viewer viewer, PolicyTarget target) => Subnets.Subnets.OnNetwork(networks, values, viewer, target, Name);

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        var network = await networks.Find(values.Get<Guid>("network_id")) ?? throw Errors.NetworkNotFound(values.Get<Guid>("network_id"));
        var project = values.Get<string>("project_id")!;
        var (device, owner) = (values.Get<string>("device_id")!, values.Get<string>("device_owner")!);
        await RefuseForeignRouter(device, owner, viewer);
        var security = values.Or("port_security_enabled", network.PortSecurityEnabled) && !owner.StartsWith("network:", StringComparison.Ordinal);
        var pairs = values.Get<PairText[]>("allowed_address_pairs") ?? [];
        if (!security && pairs.Length > 0) throw Errors.PortSecurityNeeded();
        if (!security && values.Get<Guid[]>("security_groups") is { Length: > 0 }) throw Errors.PortSecurityNeededForGroups();
        var host = values.Get<string>("binding:host_id") ?? "";
        var now = Db.Now;
        var mac = values.Get<string>("mac_address");
        var port = await table.Insert(new PortRow(NewId.Uuid(), project, network.Id, values.Get<string>("name")!, values.Get<string>("description")!, values.Get<bool>("admin_state_up"), "DOWN",
            mac ?? MacAddress.Random(), device, owner, host.Length > 0 ? await table.NodeOf(host) : null, host, values.Get<string>("binding:vnic_type")!,
            values.Get<JsonElement?>("binding:profile") ?? NoProfile, security, [], Merge([], values), values.Get<string>("dns_name")!, values.Get<string>("dns_domain")!, false, 0, now, now, 1), mac is not null);
        if (pairs.Length > 0) await table.Update(port = port with { AllowedAddressPairs = WithMac(pairs, port.MacAddress) });
        await allocation.Allocate(port, values.Get<WantedIp[]>("fixed_ips"));
        var own = await groups.ForPort(project, security, values.Get<Guid[]>("security_groups"), viewer);
        await table.SetGroups(port.Id, own);
        change.Port(port.Id, network.Id, device, own);
        return port.Id;
    }

    public override async Task Update(PortRow row, Values values, Viewer viewer, Change change)
    {
        var (device, owner) = (values.Or("device_id", row.DeviceId), values.Or("device_owner", row.DeviceOwner));
        if (device != row.DeviceId || owner != row.DeviceOwner) await RefuseForeignRouter(device, owner, viewer);
        var host = values.ContainsKey("binding:host_id") ? values.Get<string>("binding:host_id") ?? "" : row.Host;
        var node = host == row.Host ? row.Node : host.Length > 0 ? await table.NodeOf(host) : null;
        var mac = values.Or("mac_address", row.MacAddress);
        if (mac != row.MacAddress && node is not null) throw Errors.BoundMac(row.Id, row.VifType ?? "unbound", row.MacAddress, mac);
        var security = values.Or("port_security_enabled", row.PortSecurityEnabled);
        var pairs = values.ContainsKey("allowed_address_pairs") ? WithMac(values.Get<PairText[]>("allowed_address_pairs")!, mac) : row.AllowedAddressPairs;
        var wantedGroups = values.Get<Guid[]>("security_groups");
        if (!security)
        {
            if (pairs.Length > 0) throw Errors.PortSecurityNeeded();
            if (wantedGroups is { Length: > 0 }) throw Errors.PortSecurityNeededForGroups();
            if (row.Groups.Count > 0 && wantedGroups is null) throw Errors.PortSecurityAndGroups();
        }
        await table.Update(row with
        {
            Name = values.Or("name", row.Name),
            Description = values.Or("description", row.Description),
            AdminStateUp = values.Or("admin_state_up", row.AdminStateUp),
            DeviceId = device,
            DeviceOwner = owner,
            Host = host,
            Node = node,
            Status = node == row.Node && values.Or("admin_state_up", row.AdminStateUp) == row.AdminStateUp ? row.Status : "DOWN",
            MacAddress = mac,
            PortSecurityEnabled = security,
            AllowedAddressPairs = pairs,
            ExtraDhcpOpts = Merge(row.ExtraDhcpOpts, values),
            VnicType = values.Or("binding:vnic_type", row.VnicType),
            Profile = values.ContainsKey("binding:profile") ? values.Get<JsonElement?>("binding:profile") ?? NoProfile : row.Profile,
            DnsName = values.Or("dns_name", row.DnsName),
            DnsDomain = values.Or("dns_domain", row.DnsDomain),
        });
        if (values.Get<WantedIp[]>("fixed_ips") is { } ips) await ChangeAddresses(row with { MacAddress = mac }, ips, change);
        var now = row.Groups;
        if (wantedGroups is not null) await table.SetGroups(row.Id, [.. now = await groups.ForPort(row.ProjectId, security, wantedGroups, viewer)]);
        change.Port(row.Id, row.NetworkId, device, now.Union(row.Groups));
        change.Device(row.DeviceId);
    }

    public override async Task Delete(PortRow row, Viewer viewer, Change change)
    {
        if (row.DeviceOwner is "network:router_interface" or "network:router_gateway" or "network:floatingip")
            throw Errors.ServicePort(row.Id, row.DeviceOwner == "network:floatingip" ? $"has device owner {row.DeviceOwner}" : $"has device owner {row.DeviceOwner}");
        await deletion.Delete(row, change);
    }

    private async Task ChangeAddresses(PortRow row, WantedIp[] wanted, Change change)
    {
        if (row.DeviceOwner is "network:router_interface" or "network:router_gateway" && Guid.TryParse(row.DeviceId, out var router))
        {
            // A router's subnets change by its own operations only; which address it has there may change here.
            var (old, now) = (row.FixedIps.Select(f => f.SubnetId).ToHashSet(), wanted.Select(w => w.SubnetId).OfType<Guid>().ToHashSet());
            if (row.DeviceOwner == "network:router_interface" && (wanted.Length == 0 || !now.SetEquals(old) && now.Count > 0)) throw Errors.UnsupportedOwner("fixed_ips update", row.DeviceOwner, row.Id);
            change.Mark(Stale.Router, router);
        }
        await allocation.Reallocate(row with { FixedIps = row.FixedIps }, wanted);
        await deletion.DropFloating(row, change);
    }

    /// <summary>Nobody gets into another project's router by naming it as a device.</summary>
    private async Task RefuseForeignRouter(string device, string owner, Viewer viewer)
    {
        if (viewer.IsAdmin || owner is not ("network:router_interface" or "network:router_interface_distributed") || !Guid.TryParse(device, out var router)) return;
        if (await groups.RouterOwner(router) is { } project && project != viewer.ProjectId) throw Errors.DeviceNotOwned(device);
    }

    private static PairText[] WithMac(PairText[] pairs, string mac)
    {
        var result = new List<PairText>();
        foreach (var pair in pairs.Select(p => p.MacAddress.Length > 0 ? p : p with { MacAddress = mac }))
        {
            if (result.Contains(pair)) throw Errors.DuplicatePair(pair.MacAddress, pair.IpAddress);
            result.Add(pair);
        }
        return [.. result];
    }

    private static DhcpOption[] Merge(DhcpOption[] old, Values values)
    {
        var result = old.ToList();
        foreach (var (option, set) in values.Get<(DhcpOption, bool)[]>("extra_dhcp_opts") ?? [])
        {
            result.RemoveAll(o => o.OptName == option.OptName && o.IpVersion == option.IpVersion);
            if (set) result.Add(option);
        }
        return [.. result];
    }
}
