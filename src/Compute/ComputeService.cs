using Microsoft.Extensions.DependencyInjection;
using Nephos.Compute.Aggregates;
using Nephos.Compute.AvailabilityZones;
using Nephos.Compute.Extensions;
using Nephos.Compute.Flavors;
using Nephos.Compute.FloatingIps;
using Nephos.Compute.Hypervisors;
using Nephos.Compute.Images;
using Nephos.Compute.InstanceActions;
using Nephos.Compute.KeyPairs;
using Nephos.Compute.Networks;
using Nephos.Compute.Quotas;
using Nephos.Compute.Scheduling;
using Nephos.Compute.SecurityGroups;
using Nephos.Compute.ServerGroups;
using Nephos.Compute.Servers;
using Nephos.Compute.ServiceStates;
using Nephos.Compute.Versions;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Api;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Operations;

namespace Nephos.Compute;

/// <summary>The two doors of Compute.</summary>
public static class ComputeService
{
    /// <summary>Registers what Compute is made of.</summary>
    public static IServiceCollection AddCompute(this IServiceCollection services) => services
        .AddServiceData<ComputeDb>()
        .AddNodeFeed<ComputeDb>(NodeItemKinds.Server)
        .AddQuotas("compute",
            new QuotaResource("instances", 10, p => $"SELECT COUNT(*) FROM compute_servers WHERE project_id = {p} AND deleted_at IS NULL"),
            new QuotaResource("cores", 20, p => $"SELECT COALESCE(SUM(vcpus), 0) FROM compute_servers WHERE project_id = {p} AND deleted_at IS NULL"),
            new QuotaResource("ram", 51200, p => $"SELECT COALESCE(SUM(memory_mb), 0) FROM compute_servers WHERE project_id = {p} AND deleted_at IS NULL"),
            new QuotaResource("metadata_items", 128, _ => $"SELECT 0"),
            new QuotaResource("injected_files", 5, _ => $"SELECT 0"),
            new QuotaResource("injected_file_content_bytes", 10240, _ => $"SELECT 0"),
            new QuotaResource("injected_file_path_bytes", 255, _ => $"SELECT 0"),
            new QuotaResource("key_pairs", 100, _ => $"SELECT 0"),
            // Network keeps its own; nova's API goes on storing them.
            new QuotaResource("fixed_ips", -1, _ => $"SELECT 0"),
            new QuotaResource("floating_ips", -1, _ => $"SELECT 0"),
            new QuotaResource("security_groups", -1, _ => $"SELECT 0"),
            new QuotaResource("security_group_rules", -1, _ => $"SELECT 0"),
            new QuotaResource("server_groups", 10, p => $"SELECT COUNT(*) FROM compute_server_groups WHERE project_id = {p}"),
            new QuotaResource("server_group_members", 10, _ => $"SELECT 0"))
        .AddSingleton<FlavorTable>().AddSingleton<KeyPairTable>().AddSingleton<ServerTable>().AddSingleton<ActionTable>().AddSingleton<ServerEvents>()
        .AddSingleton<NodeTable>().AddSingleton<AggregateTable>().AddSingleton<ServerGroupTable>()
        .AddSingleton<Placing>().AddSingleton<NetworkPlan>().AddSingleton<Personality>().AddSingleton<NewServer>()
        .AddOperation<CreateServer>().AddOperation<DeleteServer>().AddOperation<ChangePower>().AddOperation<SnapshotServer>().AddOperation<RebuildServer>().AddOperation<AttachInterface>().AddOperation<DetachInterface>()
        .AddLoop<ServerSync>()
        .AddSingleton<INodeItemWatcher, ServerWatcher>()
        .AddSingleton<INodeListener, NodeListener>()
        .AddSingleton<IServers, ComputeContract>()
        .AddSingleton<VersionsApi>().AddSingleton<FlavorsApi>().AddSingleton<ExtraSpecsApi>().AddSingleton<FlavorAccessApi>().AddSingleton<KeyPairsApi>()
        .AddSingleton<HypervisorsApi>().AddSingleton<ServicesApi>().AddSingleton<ZonesApi>().AddSingleton<AggregatesApi>().AddSingleton<ServerGroupsApi>()
        .AddSingleton<InterfacesApi>().AddSingleton<ServerPartsApi>().AddSingleton<SnapshotsApi>().AddSingleton<ExtensionsApi>().AddSingleton<UsageApi>().AddSingleton<UsageAuditApi>().AddSingleton<SecurityGroupsApi>().AddSingleton<FloatingIpsApi>().AddSingleton<NetworksApi>().AddSingleton<ImagesApi>().AddSingleton<ImageMetadataApi>().AddSingleton<HostsApi>().AddSingleton<RebuildApi>().AddSingleton<ExternalEventsApi>()
        .AddSingleton<QuotasApi>().AddSingleton<LimitsApi>().AddSingleton<ActionsApi>()
        .AddSingleton<ServersApi>().AddSingleton<ServerActionsApi>().AddSingleton<ServerMetadata>().AddSingleton<ServerTags>();

    /// <summary>Mounts Compute's API: /v2.1 with microversions, and /v2 beside it, which passes over what it does not know.</summary>
    public static void MapCompute(this IServiceProvider services)
    {
        var api = new ServiceApi
        {
            Type = "compute", Scopes = ["project"], ClassicPorts = [8774], Face = new NovaFace(), Order = CheckOrder.BodyLoadPolicy,
            Versions = new(Microversion.Parse("2.1"), Microversion.Parse("2.93"), "compute", "X-OpenStack-Nova-API-Version"),
            IsVersioned = first => first == "v2.1", RequestIdHeader = "x-compute-request-id", EndSlash = EndSlash.OtherPath,
        };
        services.GetRequiredService<VersionsApi>().Map(api);
        foreach (var group in (RouteGroup[])[api.Group("/v2.1"), api.Group("/v2").Relaxed()])
        {
            services.GetRequiredService<FlavorsApi>().Map(group);
            services.GetRequiredService<ExtraSpecsApi>().Map(group);
            services.GetRequiredService<FlavorAccessApi>().Map(group);
            services.GetRequiredService<KeyPairsApi>().Map(group);
            services.GetRequiredService<ServersApi>().Map(group);
            services.GetRequiredService<ServerActionsApi>().Map(group);
            services.GetRequiredService<RebuildApi>().Map(group);
            services.GetRequiredService<ServerMetadata>().Map(group);
            services.GetRequiredService<ServerTags>().Map(group);
            services.GetRequiredService<ActionsApi>().Map(group);
            services.GetRequiredService<ServerGroupsApi>().Map(group);
            services.GetRequiredService<HypervisorsApi>().Map(group);
            services.GetRequiredService<ServicesApi>().Map(group);
            services.GetRequiredService<ZonesApi>().Map(group);
            services.GetRequiredService<AggregatesApi>().Map(group);
            services.GetRequiredService<QuotasApi>().Map(group);
            services.GetRequiredService<LimitsApi>().Map(group);
            services.GetRequiredService<UsageApi>().Map(group);
            services.GetRequiredService<UsageAuditApi>().Map(group);
            services.GetRequiredService<InterfacesApi>().Map(group);
            services.GetRequiredService<ServerPartsApi>().Map(group);
            services.GetRequiredService<SnapshotsApi>().Map(group);
            services.GetRequiredService<ExtensionsApi>().Map(group);
            services.GetRequiredService<SecurityGroupsApi>().Map(group);
            services.GetRequiredService<FloatingIpsApi>().Map(group);
            services.GetRequiredService<NetworksApi>().Map(group);
            services.GetRequiredService<ImagesApi>().Map(group);
            services.GetRequiredService<ImageMetadataApi>().Map(group);
            services.GetRequiredService<HostsApi>().Map(group);
            services.GetRequiredService<ExternalEventsApi>().Map(group);
        }
        services.GetRequiredService<Gateway>().Mount(api);
    }
}
