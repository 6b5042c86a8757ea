using Nephos.Compute.Aggregates;
using Nephos.Compute.Hypervisors;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.AvailabilityZones;

internal sealed class ZonesApi(NodeTable nodes, AggregateTable aggregates, TimeProvider time)
{
    public void Map(RouteGroup g)
    {
        g.Get("/os-availability-zone", List).Policy("os_compute_api:os-availability-zone:list", Rule.Anyone, "List availability zones");
        g.Get("/os-availability-zone/detail", Detail).Policy("os_compute_api:os-availability-zone:detail", Rule.Admin, "List availability zones with hosts");
    }

    private async Task<Answer> List(Call call)
    {
        var zones = new Zones(await aggregates.All());
        return Answer.Json(("availabilityZoneInfo", Grouped(await nodes.All(), zones).Select(z => new ZoneView(z.Key, new(z.Any(n => !n.Disabled)), null))));
    }

    private async Task<Answer> Detail(Call call)
    {
        var (now, all) = (time.GetUtcNow(), await nodes.All());
        var zones = Grouped(all, new Zones(await aggregates.All())).Select(z => new ZoneView(z.Key, new(z.Any(n => !n.Disabled)), Hosts(z.Where(n => !n.Disabled), "nova-compute", now)));
        // The program itself, where upstream lists its scheduler and conductor.
        ZoneView[] inside = [new(Zones.Internal, new(true), [])];
        return Answer.Json(("availabilityZoneInfo", inside.Concat(zones)));
    }

    private static IEnumerable<IGrouping<string, NodeRow>> Grouped(List<NodeRow> all, Zones zones) => all.GroupBy(n => zones.Of(n.Host)).OrderBy(z => z.Key, StringComparer.Ordinal);

    private static Dictionary<string, Dictionary<string, ServiceState>> Hosts(IEnumerable<NodeRow> nodes, string binary, DateTimeOffset now) =>
        nodes.ToDictionary(n => n.Host, n => new Dictionary<string, ServiceState> { [binary] = new(n.IsUp(now), true, Wire.NoZone(n.SeenAt)) });

    private sealed record ZoneState(bool Available);
    private sealed record ServiceState(bool Available, bool Active, string UpdatedAt);
    private sealed record ZoneView([property: Named("zoneName")] string Name, [property: Named("zoneState")] ZoneState State, Dictionary<string, Dictionary<string, ServiceState>>? Hosts);
}
