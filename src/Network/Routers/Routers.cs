using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.Subnets;

namespace Nephos.Network.Routers;

/// <summary>Routers.</summary>
internal sealed class Routers(NetworkDb db, RouterTable table, RouterGateways gateways, PortTable ports, SubnetTable subnets) : Resource<RouterRow>(db)
{
    public const int MaxRoutes = 30;

    public override string Name => "router";
    public override string Table => "network_routers";
    public override Fault Missing(string id) => Errors.RouterNotFound(id);

    public override IReadOnlyList<Attribute<RouterRow>> Attributes { get; } =
    [
        Common.Id<RouterRow>(),
        Common.Name<RouterRow>(r => r.Name),
        .. Common.Project<RouterRow>(),
        Common.Flag<RouterRow>("admin_state_up", r => r.AdminStateUp, true),
        new("status", r => r.Status) { Column = "status" },
        new("external_gateway_info", r => r.GatewayNetwork is not { } network ? null : new
        {
            network_id = network, external_fixed_ips = r.GatewayIps, enable_snat = r.EnableSnat,
        }) { Post = true, Put = true, Read = RouterReaders.Gateway, Guarded = true, Parts = RouterReaders.GatewayParts },
        Common.Description<RouterRow>(r => r.Description),
        new("availability_zone_hints", r => r.AvailabilityZoneHints) { Post = true, Read = Read.Words(255), Default = new List<string>() },
        new("availability_zones", r => r.Node is null ? [] : new[] { "nova" }),
        new("routes", r => r.Routes) { Post = true, Put = true, Read = SubnetReaders.Routes },
        new("flavor_id", _ => null) { Post = true, Read = NoFlavor },
        .. Common.Standard<RouterRow>(r => (r.CreatedAt, r.UpdatedAt)),
        Common.Tags<RouterRow>(),
    ];

    protected override IEnumerable<Part<RouterRow>> PartsOf(IReadOnlyList<RouterRow> rows, Viewer viewer) => RouterTable.PartsOf(rows);

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        var hints = values.Get<List<string>>("availability_zone_hints") ?? [];
        if (hints.Find(h => h != "nova") is { } unknown) throw Errors.ZoneNotFound(unknown);
        var row = new RouterRow(NewId.Uuid(), values.Get<string>("project_id")!, values.Get<string>("name")!, values.Get<string>("description")!, values.Get<bool>("admin_state_up"), "ACTIVE", null, true, [],
            [.. hints], null, false, Db.Now, Db.Now, 1);
        await table.Insert(row);
        if (values.Get<WantedGateway>("external_gateway_info") is { } gateway) row = await gateways.Set(row, gateway, viewer, change);
        if (values.Get<RouteText[]>("routes") is { Length: > 0 } routes) await table.Update(row with { Routes = await Checked(row, routes) });
        change.Mark(Stale.Router, row.Id);
        return row.Id;
    }

    public override async Task Update(RouterRow row, Values values, Viewer viewer, Change change)
    {
        if (values.ContainsKey("external_gateway_info"))
            row = values.Get<WantedGateway>("external_gateway_info") is { } gateway ? await gateways.Set(row, gateway, viewer, change) : await gateways.Clear(row, change);
        row = row with { Name = values.Or("name", row.Name), Description = values.Or("description", row.Description), AdminStateUp = values.Or("admin_state_up", row.AdminStateUp) };
        if (values.Get<RouteText[]>("routes") is { } routes) row = row with { Routes = await Checked(row, routes) };
        await table.Update(row);
        change.Mark(Stale.Router, row.Id);
    }

    public override async Task Delete(RouterRow row, Viewer viewer, Change change)
    {
        if ((await ports.OfDevice(row.Id.ToString(), "network:router_interface")).Count > 0) throw Errors.RouterInUse(row.Id);
        if (row.GatewayPortId is not null) await gateways.Clear(row, change);
        await table.Delete(row.Id);
        change.Mark(Stale.Router, row.Id);
    }

    /// <summary>Extra routes lead to neighbours: a next hop is on an interface's range and is not the router itself.</summary>
    public async Task<RouteText[]> Checked(RouterRow row, RouteText[] routes)
    {
        if (routes.Length > MaxRoutes) throw Errors.RoutesExhausted(row.Id, MaxRoutes);
        var own = await ports.OfDevices([row.Id.ToString()]);
        await ports.Fill(own);
        var ips = own.SelectMany(p => p.FixedIps).ToList();
        var ranges = (await subnets.Get([.. ips.Select(i => i.SubnetId).Distinct()])).ConvertAll(s => s.Range);
        foreach (var route in routes)
        {
            var text = $"[{{'destination': '{route.Destination}', 'nexthop': '{route.Nexthop}'}}]";
            if (!ranges.Exists(r => r.Contains(Ip.Parse(route.Nexthop)))) throw Errors.InvalidRoutes(text, "the nexthop is not connected with router");
            if (ips.Exists(i => i.IpAddress == route.Nexthop)) throw Errors.InvalidRoutes(text, "the nexthop is used by router");
        }
        return routes;
    }

    private static object? NoFlavor(System.Text.Json.JsonElement json) =>
        json.ValueKind == System.Text.Json.JsonValueKind.Null ? null : throw new Fault(FaultKind.NotFound, "FlavorNotFound", $"Flavor {json} could not be found.");
}
