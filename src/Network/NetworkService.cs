using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Api;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Limits;
using Nephos.Network.Agents;
using Nephos.Network.Attributes;
using Nephos.Network.Discovery;
using Nephos.Network.FloatingIps;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.Routers;
using Nephos.Network.SecurityGroups;
using Nephos.Network.Sharing;
using Nephos.Network.SubnetPools;
using Nephos.Network.Subnets;
using Nephos.Network.Tags;
using Nephos.Network.Topology;

namespace Nephos.Network;

/// <summary>The network service: its two doors.</summary>
public static class NetworkService
{
    /// <summary>Registers the service and what others may ask of it.</summary>
    public static IServiceCollection AddNetwork(this IServiceCollection services) => services
        .AddServiceData<NetworkDb>()
        .AddNodeFeed<NetworkDb>(NodeItemKinds.Network, NodeItemKinds.Port, NodeItemKinds.Group, NodeItemKinds.Members, NodeItemKinds.Router, NodeItemKinds.Dhcp)
        .AddQuotas("network", NetworkQuotas.All)
        // tables
        .AddSingleton<NetworkTable>().AddSingleton<SubnetTable>().AddSingleton<SubnetPoolTable>().AddSingleton<PortTable>().AddSingleton<AddressTable>().AddSingleton<GroupTable>()
        .AddSingleton<RouterTable>().AddSingleton<FloatingIpTable>().AddSingleton<RbacTable>().AddSingleton<AgentTable>().AddSingleton<NodeTable>().AddSingleton<TagTable>()
        // rules and work that several kinds share
        .AddSingleton<Allocation>().AddSingleton<PoolAllocation>().AddSingleton<PortDeletion>().AddSingleton<RouterGateways>().AddSingleton<PortFactsReader>()
        .AddSingleton<ChangeTable>().AddSingleton<Changes>().AddSingleton<Placing>().AddSingleton<PortStatus>().AddSingleton<AutoTopology>()
        // kinds of resources
        .AddKind<Networks.Networks, NetworkRow>().AddKind<Subnets.Subnets, SubnetRow>().AddKind<SubnetPools.SubnetPools, SubnetPoolRow>().AddKind<AddressScopes, AddressScopeRow>()
        .AddKind<Ports.Ports, PortRow>().AddKind<Routers.Routers, RouterRow>().AddKind<FloatingIps.FloatingIps, FloatingIpRow>().AddKind<SecurityGroups.SecurityGroups, GroupRow>()
        .AddKind<SecurityGroupRules, RuleRow>().AddKind<RbacPolicies, RbacRow>().AddKind<Agents.Agents, AgentRow>()
        // operations beyond those
        .AddSingleton<RouterInterfaces>().AddSingleton<TopologyApi>().AddSingleton<QuotasApi>().AddSingleton<HostingApi>().AddSingleton<SurveyApi>().AddSingleton<PrefixesApi>()
        // nodes
        .AddLoop<NodeSync>().AddLoop<DeviceNews>()
        .AddSingleton<INodeItemWatcher, NodeReports>()
        .AddSingleton<INodeListener, NodeVisits>()
        .AddSingleton<INetworks, NetworkContract>()
        .AddSingleton<ProxyRules>().AddSingleton<ISecurityGroups, GroupsContract>().AddSingleton<IFloatingIps, FloatingIpsContract>().AddSingleton<INetworkCatalog, NetworkCatalog>();

    /// <summary>Mounts the API.</summary>
    public static void MapNetwork(this IServiceProvider services)
    {
        var api = new ServiceApi { Type = "network", Scopes = ["project"], ClassicPorts = [9696], Face = new NetworkFace(), Order = CheckOrder.Handler, JsonSuffix = true };
        Policies.Declare(api);
        DiscoveryApi.Map(api);
        var v2 = api.Group("/v2.0");
        Map<NetworkRow>();
        Map<SubnetRow>();
        Map<SubnetPoolRow>();
        Map<AddressScopeRow>();
        Map<PortRow>();
        Map<RouterRow>();
        Map<FloatingIpRow>();
        Map<GroupRow>();
        Map<RuleRow>();
        Map<RbacRow>();
        Map<AgentRow>();
        services.GetRequiredService<RouterInterfaces>().Map(v2);
        services.GetRequiredService<PrefixesApi>().Map(v2);
        services.GetRequiredService<TopologyApi>().Map(v2);
        services.GetRequiredService<SurveyApi>().Map(v2);
        services.GetRequiredService<HostingApi>().Map(v2);
        services.GetRequiredService<QuotasApi>().Map(v2);
        services.GetRequiredService<Gateway>().Mount(api);

        void Map<T>() where T : class, IResourceRow => services.GetRequiredService<ResourceApi<T>>().Map(v2);
    }

    private static IServiceCollection AddKind<TKind, TRow>(this IServiceCollection services) where TKind : Resource<TRow> where TRow : class, IResourceRow =>
        services.AddSingleton<TKind>().AddSingleton<Resource<TRow>>(p => p.GetRequiredService<TKind>()).AddSingleton<ResourceApi<TRow>>();
}
