using System.Text.Json;
using Nephos.Kernel.Api;
using Nephos.Network.Attributes;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.Routers;

namespace Nephos.Network.Agents;

/// <summary>Which node runs the DHCP of a network, and which a router; an administrator may change both by hand.</summary>
internal sealed class HostingApi(Changes changes, AgentTable agents, ResourceApi<AgentRow> agentApi, ResourceApi<NetworkRow> networkApi, ResourceApi<RouterRow> routerApi, Resource<NetworkRow> networks,
    Resource<RouterRow> routers, Resource<AgentRow> agentResource, NetworkTable networkTable, RouterTable routerTable, PortTable ports, PortDeletion deletion, Placing placing)
{
    public void Map(RouteGroup v2)
    {
        Guard(v2.Get("/agents/{id}/dhcp-networks", Networks), "get_dhcp-networks");
        Guard(v2.Post("/agents/{id}/dhcp-networks", AddNetwork), "create_dhcp-network").Returns(201).Fails(400, 409);
        Guard(v2.Delete("/agents/{id}/dhcp-networks/{network}", RemoveNetwork), "delete_dhcp-network").Fails(409);
        Guard(v2.Get("/networks/{id}/dhcp-agents", DhcpAgents), "get_dhcp-agents");
        Guard(v2.Get("/agents/{id}/l3-routers", Routers), "get_l3-routers");
        Guard(v2.Post("/agents/{id}/l3-routers", AddRouter), "create_l3-router").Returns(201).Fails(400, 409);
        Guard(v2.Delete("/agents/{id}/l3-routers/{router}", RemoveRouter), "delete_l3-router").Fails(409);
        Guard(v2.Get("/routers/{id}/l3-agents", L3Agents), "get_l3-agents");
    }

    private async Task<Answer> Networks(Call call)
    {
        var (agent, viewer) = await Agent(call, "get_dhcp-networks");
        var rows = agent.AgentType == "DHCP agent" ? await networks.Get(await networkTable.ServedBy(agent.Node), viewer) : [];
        return Answer.Json(("networks", networkApi.Views(call, rows)));
    }

    private async Task<Answer> AddNetwork(Call call)
    {
        var (agent, viewer) = await Agent(call, "create_dhcp-network");
        if (agent is not { AgentType: "DHCP agent", AdminStateUp: true }) throw Errors.InvalidDhcpAgent(agent.Id);
        var id = Id(call.Json, "network_id");
        await changes.Run(async change =>
        {
            var network = await networkTable.Find(id, viewer) ?? throw Errors.NetworkNotFound(id);
            var own = (await ports.OfNetwork(id)).Find(p => p.DeviceOwner == "network:dhcp");
            if (own?.Node == agent.Node) throw Errors.NetworkHosted(id, agent.Id);
            // One node serves a network here: the other one hands over.
            if (own is not null) await deletion.Delete(own, change);
            await networkTable.Update(network with { DhcpByHand = true });
            await placing.Make(network, agent.Node);
            change.Mark(Stale.Dhcp, id);
        });
        return Answer.Json().As(201);
    }

    private async Task<Answer> RemoveNetwork(Call call)
    {
        var (agent, _) = await Agent(call, "delete_dhcp-network");
        await changes.Run(async change =>
        {
            if (!Guid.TryParse(call["network"], out var id) || await networkTable.Find(id) is not { } network) throw Errors.NetworkNotFound(call["network"]);
            var own = (await ports.OfNetwork(id)).Find(p => p.DeviceOwner == "network:dhcp" && p.Node == agent.Node) ?? throw Errors.NetworkNotHosted(id, agent.Id);
            await networkTable.Update(network with { DhcpByHand = true });
            await deletion.Delete(own, change);
            change.Mark(Stale.Dhcp, id);
        });
        return Answer.Empty;
    }

    private async Task<Answer> DhcpAgents(Call call)
    {
        var (network, viewer) = await networkApi.Load(call);
        networkApi.Authorize(call, "get_dhcp-agents", network);
        var nodes = (await ports.OfNetwork(network.Id)).Where(p => p is { DeviceOwner: "network:dhcp", Node: not null }).Select(p => p.Node!.Value).ToArray();
        return Answer.Json(("agents", await AgentViews(call, nodes, "DHCP agent", viewer)));
    }

    private async Task<Answer> Routers(Call call)
    {
        var (agent, viewer) = await Agent(call, "get_l3-routers");
        var rows = agent.AgentType == "L3 agent" ? await routers.Get([.. (await routerTable.OfNode(agent.Node)).Select(r => r.Id)], viewer) : [];
        return Answer.Json(("routers", routerApi.Views(call, rows)));
    }

    private async Task<Answer> AddRouter(Call call)
    {
        var (agent, viewer) = await Agent(call, "create_l3-router");
        if (agent is not { AgentType: "L3 agent", AdminStateUp: true }) throw Errors.InvalidL3Agent(agent.Id);
        var id = Id(call.Json, "router_id");
        await changes.Run(async change =>
        {
            var router = await routers.Find(id, viewer) ?? throw Errors.RouterNotFound(id);
            if (router.Node is not null) throw Errors.RouterHosted(id, agent.Id);
            await routerTable.SetNode(id, agent.Node, byHand: false);
            await placing.MoveRouterPorts(id, agent.Node);
            change.Mark(Stale.Router, id);
        });
        return Answer.Json().As(201);
    }

    private async Task<Answer> RemoveRouter(Call call)
    {
        var (agent, viewer) = await Agent(call, "delete_l3-router");
        await changes.Run(async change =>
        {
            var router = await routers.Find(call["router"], viewer) ?? throw Errors.RouterNotFound(call["router"]);
            if (router.Node != agent.Node) throw Errors.RouterNotHosted(router.Id, agent.Id);
            await routerTable.SetNode(router.Id, null, byHand: true);
            await placing.MoveRouterPorts(router.Id, null);
            change.Mark(Stale.Router, router.Id);
        });
        return Answer.Empty;
    }

    private async Task<Answer> L3Agents(Call call)
    {
        var (router, viewer) = await routerApi.Load(call);
        routerApi.Authorize(call, "get_l3-agents", router);
        return Answer.Json(("agents", await AgentViews(call, router.Node is { } node ? [node] : [], "L3 agent", viewer, new Attribute<AgentRow>("ha_state", _ => null))));
    }

    private async Task<IReadOnlyList<ResourceView>> AgentViews(Call call, Guid[] nodes, string type, Viewer viewer, params IEnumerable<Attribute<AgentRow>> more) =>
        agentApi.Views(call, await agentResource.Get([.. (await agents.OfNodes(nodes, type)).Select(a => a.Id)], viewer), null, more);

    private async Task<(AgentRow Agent, Viewer Viewer)> Agent(Call call, string rule)
    {
        var loaded = await agentApi.Load(call);
        agentApi.Authorize(call, rule, loaded.Row);
        return loaded;
    }

    private static Guid Id(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && Guid.TryParse(Read.Member(body, name), out var id) ? id : throw Errors.BadRequest($"Failed to parse request. Required attribute '{name}' not specified");

    private static Route Guard(Route route, string rule) => route.Policy(rule, Policies.All[rule], Policies.Describe(rule)).Fails(404);
}
