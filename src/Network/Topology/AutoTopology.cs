using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Limits;
using Nephos.Network.Attributes;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.Routers;
using Nephos.Network.SubnetPools;
using Nephos.Network.Subnets;

namespace Nephos.Network.Topology;

/// <summary>get-me-a-network: a network, subnets from the default pools and a router to the default external network, made once for a project.</summary>
internal sealed class AutoTopology(NetworkDb db, Changes changes, NetworkTable table, SubnetPoolTable pools, Networks.Networks networks, Subnets.Subnets subnets, Routers.Routers routers, RouterTable routerTable,
    SubnetTable subnetTable, PortTable ports, Allocation allocation, PortDeletion deletion, Quotas<NetworkDb> quotas)
{
    private const string Name = "auto_allocated_network";

    public async Task<NetworkFacts> ForServers(string project, NetworkContract contract, CancellationToken ct)
    {
        var usable = (await contract.Usable(project, false, [], ct)).Where(n => n.Subnets > 0 && !n.External).ToList();
        if (usable.Count == 1) return usable[0];
        if (usable.Count > 1) throw Fault.Conflict("Multiple possible networks found, use a Network ID to be more specific.", "NetworkAmbiguous");
        var id = await Ensure(project);
        return (await contract.Usable(project, false, [id], ct))[0];
    }

    /// <summary>The project's own, made now if it has none.</summary>
    public async Task<Guid> Ensure(string project)
    {
        if (await Find(project) is { } known) return known;
        var external = await Requirements();
        var viewer = new Viewer(project, false);
        return await changes.Run(async change =>
        {
            try { await quotas.Take(project, new Dictionary<string, long> { ["network"] = 1, ["subnet"] = 1, ["router"] = 1 }); }
            catch (QuotaExceeded e) { throw Errors.AutoAllocation(Errors.OverQuota(e.Over[0].Resource).Message); }
            if (await Find(project) is { } other) return other;
            var network = await networks.Create(New(networks.Attributes, project, ("name", Name)), viewer, change);
            var router = await routers.Create(New(routers.Attributes, project, ("name", "auto_allocated_router"), ("external_gateway_info", new WantedGateway(external, null, null))), viewer, change);
            foreach (var version in new[] { 4, 6 })
            {
                if (await pools.Default(version) is not { } pool) continue;
                var subnet = await subnets.Create(New(subnets.Attributes, project, ("name", $"auto_allocated_subnet_v{version}"), ("network_id", network), ("subnetpool_id", pool), ("ip_version", version)), viewer, change);
                await Plug(router, (await subnetTable.Find(subnet))!, change);
            }
            return network;
        });
    }

    public async Task<Guid> Requirements()
    {
        var external = await table.DefaultExternal() ?? throw Errors.NoDefaultExternal();
        return await pools.Default(4) is null && await pools.Default(6) is null ? throw Errors.NoDefaultPool() : external;
    }

    public Task<Guid?> Find(string project) => table.Named(project, Name);

    public Task Delete(string project) => changes.Run(async change =>
    {
        if (await Find(project) is not { } id) throw Errors.NetworkNotFound(project);
        foreach (var router in (await routerTable.OfProject(project)).Where(r => r.Name == "auto_allocated_router"))
        {
            foreach (var port in await ports.OfDevice(router.Id.ToString(), "network:router_interface"))
            {
                await routerTable.Release(router.Id, port.Id);
                await deletion.Delete(port, change);
            }
            await routers.Delete(router, new(project, false), change);
        }
        var row = (await networks.Get([id], new(project, false)))[0];
        await networks.Delete(row, new(project, false), change);
    });

    private async Task Plug(Guid router, SubnetRow subnet, Change change)
    {
        var now = db.Now;
        var port = await ports.Insert(new PortRow(NewId.Uuid(), subnet.ProjectId, subnet.NetworkId, "", "", true, "DOWN", Addresses.MacAddress.Random(), router.ToString(), "network:router_interface", null, "", "normal",
            System.Text.Json.JsonDocument.Parse("{}").RootElement, false, [], [], "", "", false, 0, now, now, 1), false);
        await allocation.Allocate(port, [new(subnet.Id, subnet.GatewayIp)]);
        await routerTable.Take(router, subnet.Id, port.Id);
        change.Port(port.Id, port.NetworkId, "", []);
        change.Mark(Stale.Router, router);
    }

    private static Values New<T>(IReadOnlyList<Attribute<T>> attributes, string project, params (string Name, object Value)[] given)
    {
        var values = new Values { ["project_id"] = project, ["tenant_id"] = project };
        foreach (var attribute in attributes.Where(a => a.Post && a.Default is not Unset)) values[attribute.Name] = attribute.Default;
        foreach (var (name, value) in given) values[name] = value;
        return values;
    }
}

/// <summary><c>/auto-allocated-topology</c>.</summary>
internal sealed class TopologyApi(AutoTopology topology)
{
    public void Map(RouteGroup v2)
    {
        var (get, delete) = ("get_auto_allocated_topology", "delete_auto_allocated_topology");
        v2.Get("/auto-allocated-topology/{project}", Show).Policy(get, Policies.All[get], Policies.Describe(get)).Fails(400, 404, 409);
        v2.Delete("/auto-allocated-topology/{project}", Delete).Policy(delete, Policies.All[delete], Policies.Describe(delete)).Fails(404, 409);
    }

    private async Task<Answer> Show(Call call)
    {
        var project = Project(call, "get_auto_allocated_topology");
        if (call.Query["fields"] == "dry-run")
        {
            await topology.Requirements();
            return Answer.Json(("auto_allocated_topology", new { id = "dry-run=pass" }));
        }
        return Answer.Json(("auto_allocated_topology", new { id = await topology.Ensure(project), project_id = project, tenant_id = project }));
    }

    private async Task<Answer> Delete(Call call)
    {
        await topology.Delete(Project(call, "delete_auto_allocated_topology"));
        return Answer.Empty;
    }

    private static string Project(Call call, string rule)
    {
        var project = call["project"] is "null" or "None" ? call.Caller.ProjectId ?? "" : call["project"];
        return Rules.Allows(call, rule, Kernel.Policy.PolicyTarget.OfProject(project)) ? project : throw Errors.NotAllowed("rule:" + rule);
    }
}
