using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;
using Nephos.Network.Attributes;
using Nephos.Network.FloatingIps;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.Sharing;
using Nephos.Network.Subnets;

namespace Nephos.Network.Networks;

/// <summary>Networks.</summary>
internal sealed class Networks(NetworkDb db, NetworkTable table, RbacTable rbac, SubnetTable subnets, PortTable ports, PortDeletion deletion, FloatingIpTable floating) : Resource<NetworkRow>(db)
{
    public override string Name => "network";
    public override string Table => "network_networks";
    public override Fault Missing(string id) => Errors.NetworkNotFound(id);
    public override SqlText Visible(Viewer viewer) => NetworkTable.Visible(viewer);

    public override IReadOnlyList<Attribute<NetworkRow>> Attributes { get; } =
    [
        Common.Id<NetworkRow>(),
        Common.Name<NetworkRow>(n => n.Name),
        .. Common.Project<NetworkRow>(),
        Common.Flag<NetworkRow>("admin_state_up", n => n.AdminStateUp, true),
        new("mtu", n => n.Mtu) { Post = true, Put = true, Read = Read.Int(0, 65535), Column = "mtu", Kind = ColumnKind.Number },
        new("status", n => n.Status) { Column = "status" },
        new("subnets", n => n.Subnets.Select(s => s.Id).ToArray()) { Filter = (ids, _) => $"id IN (SELECT network_id FROM network_subnets WHERE id IN {ids})" },
        new("shared", n => n.Shared) { Post = true, Put = true, Read = Read.Bool, Default = false, Guarded = true, Filter = (v, viewer) => Common.SharedFilter("network", "access_as_shared", v, viewer) },
        new("availability_zone_hints", n => n.AvailabilityZoneHints) { Post = true, Read = Read.Words(255), Default = new List<string>() },
        new("availability_zones", n => n.Zones),
        new("ipv4_address_scope", n => n.Subnets.FirstOrDefault(s => s.IpVersion == 4 && s.AddressScopeId is not null)?.AddressScopeId),
        new("ipv6_address_scope", n => n.Subnets.FirstOrDefault(s => s.IpVersion == 6 && s.AddressScopeId is not null)?.AddressScopeId),
        new("router:external", n => n.External) { Post = true, Put = true, Read = Read.Bool, Default = false, Guarded = true, Column = "external", Kind = ColumnKind.Bool },
        Common.Description<NetworkRow>(n => n.Description),
        Common.Flag<NetworkRow>("port_security_enabled", n => n.PortSecurityEnabled, true) with { Guarded = true },
        new("dns_domain", n => n.DnsDomain) { Post = true, Put = true, Read = Read.Text(255), Default = "", Column = "dns_domain" },
        new("is_default", n => n.IsDefault) { Post = true, Put = true, Read = Read.Bool, Default = false, Guarded = true, Column = "is_default", Kind = ColumnKind.Bool },
        new("provider:network_type", n => n.NetworkType) { Post = true, Put = true, Read = Read.TextOrNull(32), Guarded = true, Column = "network_type" },
        new("provider:physical_network", n => n.PhysicalNetwork) { Post = true, Put = true, Read = Read.TextOrNull(64), Guarded = true, Column = "physical_network" },
        new("provider:segmentation_id", n => n.SegmentationId) { Post = true, Put = true, Read = Read.IntOrNull(0, (1L << 32) - 1), Guarded = true, Column = "segmentation_id", Kind = ColumnKind.Number },
        .. Common.Standard<NetworkRow>(n => (n.CreatedAt, n.UpdatedAt)),
        Common.Tags<NetworkRow>(),
    ];

    protected override IEnumerable<Part<NetworkRow>> PartsOf(IReadOnlyList<NetworkRow> rows, Viewer viewer) => NetworkTable.PartsOf(rows, viewer.ProjectId);

    public override void Target(NetworkRow row, PolicyTarget target) => target["network:tenant_id"] = target["network:project_id"] = row.ProjectId;

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        var project = values.Get<string>("project_id")!;
        var (type, physical, number) = (values.Get<string>("provider:network_type"), values.Get<string>("provider:physical_network"), values.Get<long?>("provider:segmentation_id"));
        var wanted = Segment.Of(type, physical, number);
        var hints = values.Get<List<string>>("availability_zone_hints") ?? [];
        if (hints.Find(h => h != "nova") is { } unknown) throw Errors.ZoneNotFound(unknown);
        var most = Segment.Mtu(wanted.Type, await table.Underlay());
        var mtu = values.Get<long?>("mtu") is { } asked and > 0 ? (int)asked : most;
        if (mtu > most) throw Errors.InvalidInput($"Requested MTU is too big, maximum is {most}");
        var external = values.Get<bool>("router:external");
        if (values.Get<bool>("is_default")) await RefuseSecondDefault(external);
        var now = Db.Now;
        var row = await table.Insert(new NetworkRow(NewId.Uuid(), project, values.Get<string>("name")!, values.Get<string>("description")!, values.Get<bool>("admin_state_up"), "ACTIVE", mtu,
            values.Get<bool>("port_security_enabled"), external, values.Get<bool>("is_default"), wanted.Type, wanted.Physical, wanted.Number, values.Get<string>("dns_domain")!, [.. hints], false, now, now, 1));
        await TakeSegment(row, wanted);
        if (values.Get<bool>("shared")) await rbac.Add(project, "network", row.Id, "access_as_shared", "*");
        if (external) await rbac.Add(project, "network", row.Id, "access_as_external", "*");
        return row.Id;
    }

    public override async Task Update(NetworkRow row, Values values, Viewer viewer, Change change)
    {
        foreach (var name in new[] { "provider:network_type", "provider:physical_network", "provider:segmentation_id" })
            if (values.ContainsKey(name)) throw Errors.InvalidInput("Plugin does not support updating provider attributes");
        if (values.ContainsKey("shared")) await Share(row, values.Get<bool>("shared"));
        if (values.ContainsKey("router:external") && values.Get<bool>("router:external") != row.External) await MakeExternal(row, values.Get<bool>("router:external"));
        if (values.Get<bool>("is_default") && !row.IsDefault) await RefuseSecondDefault(values.Or("router:external", row.External));
        var mtu = row.Mtu;
        if (values.Get<long?>("mtu") is { } asked)
        {
            mtu = (int)asked;
            if (mtu > Segment.Mtu(row.NetworkType, await table.Underlay())) throw Errors.InvalidInput("Requested MTU is too big");
            if (mtu < (row.Subnets.Any(s => s.IpVersion == 6) ? 1280 : row.Subnets.Count > 0 ? 68 : 0)) throw Errors.InvalidInput("Requested MTU is too small for the subnets of the network");
        }
        await table.Update(row with
        {
            Name = values.Or("name", row.Name),
            Description = values.Or("description", row.Description),
            AdminStateUp = values.Or("admin_state_up", row.AdminStateUp),
            Mtu = mtu,
            PortSecurityEnabled = values.Or("port_security_enabled", row.PortSecurityEnabled),
            External = values.Or("router:external", row.External),
            IsDefault = values.Or("is_default", row.IsDefault),
            DnsDomain = values.Or("dns_domain", row.DnsDomain),
        });
        if (mtu == row.Mtu && !values.ContainsKey("admin_state_up") && !values.ContainsKey("dns_domain")) return;
        change.Mark(Stale.Network, row.Id);
        change.Mark(Stale.Dhcp, row.Id);
        foreach (var port in await ports.OfNetwork(row.Id)) change.Port(port.Id, row.Id, port.DeviceId, []);
        foreach (var router in await ports.RoutersOn(row.Id)) change.Mark(Stale.Router, router);
    }

    public override async Task Delete(NetworkRow row, Viewer viewer, Change change)
    {
        // Floating addresses that stand in front of nothing go with their network.
        foreach (var ip in await floating.Idle(row.Id))
        {
            await floating.Delete(ip.Id);
            await ports.Delete(ip.FloatingPortId);
        }
        if (await table.PortsOf(row.Id, butOwn: true) > 0) throw Errors.NetworkHasPorts(row.Id);
        foreach (var port in await ports.OfNetwork(row.Id)) await deletion.Delete(port, change);
        foreach (var subnet in row.Subnets) await subnets.Delete(subnet.Id);
        await rbac.Clear("network", row.Id);
        await table.FreeSegments(row.Id);
        await table.Delete(row.Id);
        change.Mark(Stale.Network, row.Id);
        change.Mark(Stale.Dhcp, row.Id);
    }

    private async Task Share(NetworkRow row, bool shared)
    {
        if (shared) await rbac.Add(row.ProjectId, "network", row.Id, "access_as_shared", "*");
        else if (await rbac.Remove("network", row.Id, "access_as_shared", "*") && (await table.OtherUsers(row.Id, row.ProjectId)).Count > 0) throw Errors.SharedByOthers(row.Name);
    }

    private async Task MakeExternal(NetworkRow row, bool external)
    {
        if (external) await rbac.Add(row.ProjectId, "network", row.Id, "access_as_external", "*");
        else if (await ports.AnyOn(row.Id, "network:router_gateway")) throw Errors.ExternalInUse(row.Id);
        else await rbac.Remove("network", row.Id, "access_as_external", "*");
    }

    private async Task RefuseSecondDefault(bool external)
    {
        if (external && await table.DefaultExternal() is { } other) throw Errors.DefaultExternalExists(other);
    }

    private async Task TakeSegment(NetworkRow row, Segment wanted)
    {
        if (wanted.Type == "local") return;
        if (wanted.Type == "flat")
        {
            if (!await table.TakeSegment("flat", wanted.Physical!, 0, row.Id)) throw Errors.FlatInUse(wanted.Physical!);
            return;
        }
        if (wanted.Number is { } number)
        {
            if (await table.TakeSegment(wanted.Type, wanted.Physical ?? "", number, row.Id)) return;
            throw wanted.Type == "vlan" ? Errors.VlanInUse(number, wanted.Physical!) : Errors.TunnelInUse(number);
        }
        for (var attempt = 0; attempt < 50; attempt++)
        {
            var free = await table.FreeSegment(wanted.Type, wanted.Physical ?? "");
            if (free > wanted.Last) throw Errors.NoNetworkAvailable();
            if (!await table.TakeSegment(wanted.Type, wanted.Physical ?? "", free, row.Id)) continue;
            await table.SetSegment(row.Id, free);
            return;
        }
        throw Errors.Retry();
    }
}
