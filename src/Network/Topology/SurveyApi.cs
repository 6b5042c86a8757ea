using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Network.Addresses;
using Nephos.Network.Agents;
using Nephos.Network.Attributes;
using Nephos.Network.Networks;
using Nephos.Network.Ports;
using Nephos.Network.Subnets;

namespace Nephos.Network.Topology;

/// <summary>Availability zones, used and free addresses, service providers: what is read and never changed here.</summary>
internal sealed class SurveyApi(NetworkTable networks, SubnetTable subnets, AddressTable addresses, IEnumerable<IServers> servers)
{
    public void Map(RouteGroup v2)
    {
        Guard(v2.Get("/availability_zones", Zones), "get_availability_zone");
        Guard(v2.Get("/network-ip-availabilities", Availabilities), "get_network_ip_availability").Fails(400);
        Guard(v2.Get("/network-ip-availabilities/{id}", Availability), "get_network_ip_availability").Fails(404);
        Guard(v2.Get("/service-providers", _ => Task.FromResult(Answer.Json(("service_providers", new[] { new Provider("L3_ROUTER_NAT", "single_node", true) })))), "get_service_provider");
    }

    private async Task<Answer> Zones(Call call)
    {
        var names = new List<string> { "nova" };
        foreach (var compute in servers) names.AddRange(await compute.Zones(call.Cancel));
        var all = names.Distinct().SelectMany(name => new[] { "network", "router" }, (name, resource) => new Zone(name, resource, "available"))
            .Where(z => Matches(call, "name", z.Name) && Matches(call, "resource", z.Resource) && Matches(call, "state", z.State)).ToList();
        return Answer.Json(("availability_zones", all));
    }

    private async Task<Answer> Availabilities(Call call)
    {
        RequireAllowed(call);
        var found = (await networks.All()).Where(n => Matches(call, "network_id", n.Id.ToString()) && Matches(call, "network_name", n.Name)
            && Matches(call, "tenant_id", n.ProjectId) && Matches(call, "project_id", n.ProjectId)).ToList();
        var version = call.Query["ip_version"];
        return Answer.Json(("network_ip_availabilities", await Survey(found, version)));
    }

    private async Task<Answer> Availability(Call call)
    {
        RequireAllowed(call);
        var network = Guid.TryParse(call["id"], out var id) ? await networks.Find(id) : null;
        return network is null ? throw Errors.NetworkNotFound(call["id"]) : Answer.Json(("network_ip_availability", (await Survey([network], null))[0]));
    }

    private async Task<List<NetworkUse>> Survey(IReadOnlyList<NetworkRow> rows, string? version)
    {
        var ids = rows.Select(n => n.Id).ToArray();
        var ranges = (await subnets.OfNetworks(ids)).Where(s => version is null || s.IpVersion.ToString(System.Globalization.CultureInfo.InvariantCulture) == version).ToLookup(s => s.NetworkId);
        var used = await addresses.Used(ids);
        return [.. rows.Select(n =>
        {
            var inside = ranges[n.Id].Select(s => new SubnetUse(s.Id, s.Name, s.IpVersion, s.Cidr, Size(s), used.GetValueOrDefault(s.Id))).ToList();
            return new NetworkUse(n.Id, n.Name, n.ProjectId, n.ProjectId, inside, inside.Sum(s => s.TotalIps), inside.Sum(s => s.UsedIps));
        })];
    }

    /// <summary>As a decimal number: the size of an IPv6 range is far beyond 64 bits, and clients read any whole number.</summary>
    private static decimal Size(SubnetRow subnet) => subnet.AllocationPools.Sum(p => (decimal)p.Pool.Size);

    private static bool Matches(Call call, string name, string value) => !call.Query.Has(name) || call.Query.All(name).Contains(value);

    private static void RequireAllowed(Call call)
    {
        if (!call.Can("get_network_ip_availability")) throw Errors.NotAllowed("rule:get_network_ip_availability");
    }

    private static Route Guard(Route route, string rule) => route.Policy(rule, Policies.All[rule], Policies.Describe(rule));

    private sealed record Zone(string Name, string Resource, string State);
    private sealed record Provider(string ServiceType, string Name, bool Default);
    private sealed record SubnetUse(Guid SubnetId, string SubnetName, int IpVersion, string Cidr, decimal TotalIps, long UsedIps);
    private sealed record NetworkUse(Guid NetworkId, string NetworkName, string TenantId, string ProjectId, List<SubnetUse> SubnetIpAvailability, decimal TotalIps, long UsedIps);
}
