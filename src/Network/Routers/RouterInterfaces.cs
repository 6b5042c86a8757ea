using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Limits;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.Subnets;

namespace Nephos.Network.Routers;

/// <summary>add_router_interface, remove_router_interface, add_extraroutes, remove_extraroutes.</summary>
internal sealed class RouterInterfaces(NetworkDb db, Changes changes, ResourceApi<RouterRow> api, Routers routers, RouterTable table, PortTable ports, SubnetTable subnets, Allocation allocation,
    PortDeletion deletion, Subnets.Subnets subnetResource, Ports.Ports portResource, Quotas<NetworkDb> quotas)
{
    public void Map(RouteGroup v2)
    {
        Route(v2, "add_router_interface", Add);
        Route(v2, "remove_router_interface", Remove);
        Route(v2, "add_extraroutes", call => Extra(call, add: true));
        Route(v2, "remove_extraroutes", call => Extra(call, add: false));
    }

    private static void Route(RouteGroup v2, string rule, Handler handler) =>
        v2.Put("/routers/{id}/" + rule, handler).Policy(rule, Policies.All[rule], Policies.Describe(rule)).Audited("update/" + rule, "service/network/routers").Fails(400, 404, 409);

    private async Task<Answer> Add(Call call)
    {
        var (row, viewer) = await Allowed(call, "add_router_interface");
        var (subnetId, portId) = Asked(call.Json);
        if (subnetId is null == portId is null) throw Errors.BadOperation("router", subnetId is null ? "Either subnet_id or port_id must be specified" : "Cannot specify both subnet-id and port-id");
        var (port, subnet) = await changes.Run(async change =>
        {
            if (subnetId is not null) await quotas.TakeOrRefuse(row.ProjectId, "port");
            var locked = await routers.Touch(row.Id) ?? throw Errors.RouterNotFound(row.Id);
            return portId is { } id ? await AddPort(locked, id, viewer, change) : await AddSubnet(locked, subnetId!.Value, viewer, change);
        });
        return Info(row, port, subnet);
    }

    /// <summary>By subnet: a port with the subnet's gateway address. IPv6 ranges of a network share one port.</summary>
    private async Task<(PortRow, SubnetRow)> AddSubnet(RouterRow router, Guid subnetId, Viewer viewer, Change change)
    {
        var subnet = await subnetResource.Find(subnetId, viewer) ?? throw Errors.SubnetNotFound(subnetId);
        if (!viewer.IsAdmin && subnet.ProjectId != viewer.ProjectId && subnet.NetworkProject != viewer.ProjectId && !subnet.Shared) throw Errors.SubnetNotFound(subnetId);
        if (subnet.GatewayIp is not { } gateway) throw Errors.BadOperation("router", "Subnet for router interface must have a gateway IP");
        if (subnet is { IpVersion: 6, Ipv6RaMode: null, Ipv6AddressMode: not null })
            throw Errors.BadOperation("router", $"IPv6 subnet {subnet.Id} configured to receive RAs from an external router cannot be added to Neutron Router");
        await RefuseOverlap(router, subnet, default);
        var shared = subnet.IpVersion == 6 ? await SharedPort(router, subnet) : null;
        if (shared is { } known)
        {
            await ports.Fill([known]);
            await allocation.Reallocate(known, [.. known.FixedIps.Select(f => new WantedIp(f.SubnetId, f.IpAddress)), new(subnet.Id, gateway)]);
            await Take(router, subnet, known);
            change.Port(known.Id, known.NetworkId, "", []);
            change.Mark(Stale.Router, router.Id);
            return (known, subnet);
        }
        var now = db.Now;
        var port = await ports.Insert(new PortRow(NewId.Uuid(), router.ProjectId, subnet.NetworkId, "", "", true, "DOWN", MacAddress.Random(), router.Id.ToString(), "network:router_interface", router.Node,
            router.Node is { } node ? await ports.HostOf(node) : "", "normal", JsonDocument.Parse("{}").RootElement, false, [], [], "", "", false, 0, now, now, 1), false);
        try { await allocation.Allocate(port, [new(subnet.Id, gateway)]); }
        catch (Fault e) when (e.Name == "IpAddressAlreadyAllocated") { throw Errors.AddressInUse(gateway, subnet.NetworkId); }
        await Take(router, subnet, port);
        change.Port(port.Id, port.NetworkId, "", []);
        change.Mark(Stale.Router, router.Id);
        return (port, subnet);
    }

    private async Task<(PortRow, SubnetRow)> AddPort(RouterRow router, Guid portId, Viewer viewer, Change change)
    {
        var port = await portResource.Find(portId, viewer) ?? throw Errors.PortNotFound(portId);
        if (port.DeviceId.Length > 0) throw Errors.PortInUse(port.Id, port.NetworkId, port.DeviceId);
        if (port.FixedIps.Count == 0) throw Errors.BadOperation("router", "Router port must have at least one fixed IP");
        var own = await subnets.Get([.. port.FixedIps.Select(f => f.SubnetId)]);
        if (own.Count(s => s.IpVersion == 4) > 1) throw Errors.BadOperation("router", "Cannot have multiple IPv4 subnets on router port");
        foreach (var subnet in own)
        {
            await RefuseOverlap(router, subnet, port.Id);
            await Take(router, subnet, port);
        }
        var groups = await ports.GroupsOf(port.Id);
        await ports.SetGroups(port.Id, []);
        var changed = port with { DeviceId = router.Id.ToString(), DeviceOwner = "network:router_interface", Node = router.Node, Host = router.Node is { } node ? await ports.HostOf(node) : "", PortSecurityEnabled = false };
        await ports.Update(changed);
        change.Port(port.Id, port.NetworkId, "", groups);
        change.Mark(Stale.Router, router.Id);
        return (changed, own[0]);
    }

    private async Task<Answer> Remove(Call call)
    {
        var (row, _) = await Allowed(call, "remove_router_interface");
        var (subnetId, portId) = Asked(call.Json);
        if (subnetId is null && portId is null) throw Errors.BadOperation("router", "Either subnet_id or port_id must be specified");
        var (port, subnet) = await changes.Run(async change =>
        {
            var locked = await routers.Touch(row.Id) ?? throw Errors.RouterNotFound(row.Id);
            var interfaces = await ports.OfDevice(row.Id.ToString(), "network:router_interface");
            await ports.Fill(interfaces);
            PortRow found;
            if (portId is { } id)
            {
                found = interfaces.Find(p => p.Id == id) ?? throw Errors.NoInterface(row.Id, id);
                if (subnetId is { } expected && !found.FixedIps.Any(f => f.SubnetId == expected)) throw Errors.SubnetMismatch(id, expected);
            }
            else found = interfaces.Find(p => p.FixedIps.Any(f => f.SubnetId == subnetId)) ?? throw Errors.NoInterfaceOn(row.Id, subnetId!.Value);
            var own = await subnets.Get([.. found.FixedIps.Select(f => f.SubnetId)]);
            foreach (var one in own.Where(s => portId is not null || s.Id == subnetId)) await RefuseNeeded(locked, one);
            await Unplug(locked, found, own, portId is null ? subnetId : null, change);
            return (found, own.Find(s => s.Id == subnetId) ?? own[0]);
        });
        return Info(row, port, subnet);
    }

    private async Task Unplug(RouterRow router, PortRow port, List<SubnetRow> own, Guid? onlySubnet, Change change)
    {
        if (onlySubnet is { } subnet && own.Count > 1)
        {
            await allocation.Reallocate(port, [.. port.FixedIps.Where(f => f.SubnetId != subnet).Select(f => new WantedIp(f.SubnetId, f.IpAddress))]);
            await table.ReleaseOne(router.Id, port.Id, subnet);
            change.Port(port.Id, port.NetworkId, "", []);
        }
        else
        {
            await table.Release(router.Id, port.Id);
            await deletion.Delete(port, change);
        }
        change.Mark(Stale.Router, router.Id);
        change.Mark(Stale.Dhcp, port.NetworkId);
    }

    private async Task RefuseNeeded(RouterRow router, SubnetRow subnet)
    {
        if (await table.FloatsBehind(router.Id, subnet.Id)) throw Errors.InterfaceNeeded(router.Id, subnet.Id, "floating IPs");
        if (router.Routes.Any(r => subnet.Range.Contains(Ip.Parse(r.Nexthop)))) throw Errors.InterfaceNeeded(router.Id, subnet.Id, "routes");
    }

    private async Task RefuseOverlap(RouterRow router, SubnetRow subnet, Guid ownPort)
    {
        var there = (await table.Subnets(router.Id)).Where(s => s.Port != ownPort).Select(s => s.Subnet).ToList();
        if (there.Contains(subnet.Id)) throw Errors.BadOperation("router", $"Router already has a port on subnet {subnet.Id}");
        var others = await subnets.Get(there);
        if (router.GatewayPortId is { } gateway && await ports.Find(gateway) is { } outside) others.AddRange(await subnets.OfNetwork(outside.NetworkId));
        foreach (var other in others)
            if (other.Id == subnet.Id) throw Errors.BadOperation("router", $"Router already has a port on subnet {subnet.Id}");
            else if (other.Range.Overlaps(subnet.Range)) throw Errors.BadOperation("router", $"Cidr {subnet.Cidr} of subnet {subnet.Id} overlaps with cidr {other.Cidr} of subnet {other.Id}");
    }

    private async Task Take(RouterRow router, SubnetRow subnet, PortRow port)
    {
        if (!await table.Take(router.Id, subnet.Id, port.Id)) throw Errors.BadOperation("router", $"Router already has a port on subnet {subnet.Id}");
    }

    private async Task<PortRow?> SharedPort(RouterRow router, SubnetRow subnet)
    {
        foreach (var port in (await ports.OfDevice(router.Id.ToString(), "network:router_interface")).Where(p => p.NetworkId == subnet.NetworkId))
        {
            await ports.Fill([port]);
            if (port.FixedIps.All(f => Ip.Parse(f.IpAddress).Version == 6)) return port;
        }
        return null;
    }

    private async Task<Answer> Extra(Call call, bool add)
    {
        var (row, viewer) = await Allowed(call, add ? "add_extraroutes" : "remove_extraroutes");
        var item = BodyReader.One(call.Json, "router");
        RouteText[] asked;
        try { asked = item.TryGetProperty("routes", out var json) ? (RouteText[])SubnetReaders.Routes(json)! : throw Errors.BadOperation("router", "no routes given"); }
        catch (InvalidValue e) { throw Errors.BadRequest($"Invalid input for routes. Reason: {e.Message}."); }
        await changes.Run(async change =>
        {
            var locked = await routers.Touch(row.Id) ?? throw Errors.RouterNotFound(row.Id);
            var routes = add ? locked.Routes.Union(asked) : locked.Routes.Except(asked);
            await table.Update(locked with { Routes = await routers.Checked(locked, [.. routes]) });
            change.Mark(Stale.Router, row.Id);
        });
        return await api.Shown(call, row.Id, viewer);
    }

    private async Task<(RouterRow Row, Viewer Viewer)> Allowed(Call call, string rule)
    {
        var loaded = await api.Load(call);
        api.Authorize(call, rule, loaded.Row);
        return loaded;
    }

    private static (Guid? Subnet, Guid? Port) Asked(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) throw Errors.BadOperation("router", "Either subnet_id or port_id must be specified");
        return (Id(body, "subnet_id"), Id(body, "port_id"));

        static Guid? Id(JsonElement body, string name)
        {
            if (!body.TryGetProperty(name, out var json) || json.ValueKind == JsonValueKind.Null) return null;
            try { return (Guid)Read.Uuid(json)!; }
            catch (InvalidValue e) { throw Errors.BadRequest($"Invalid input for {name}. Reason: {e.Message}."); }
        }
    }

    private static Answer Info(RouterRow router, PortRow port, SubnetRow subnet) => Answer.Json(("id", router.Id), ("tenant_id", port.ProjectId), ("project_id", port.ProjectId),
        ("network_id", port.NetworkId), ("port_id", port.Id), ("subnet_id", subnet.Id), ("subnet_ids", new[] { subnet.Id }));
}
