using Nephos.Compute.Aggregates;
using Nephos.Compute.AvailabilityZones;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Hypervisors;

/// <summary>os-hosts, which older tools read (until 2.42).</summary>
internal sealed class HostsApi(NodeTable nodes, AggregateTable aggregates, ServerTable servers, IPlacement placement)
{
    public void Map(RouteGroup g)
    {
        g.Get("/os-hosts", List).Until("2.42").Policy("os_compute_api:os-hosts:list", Rule.Admin, "List hosts");
        g.Get("/os-hosts/{host}", Show).Until("2.42").Policy("os_compute_api:os-hosts:show", Rule.Admin, "Show a host").Fails(404);
    }

    private async Task<Answer> List(Call call)
    {
        var zones = new Zones(await aggregates.All());
        // The program itself stands where upstream lists these two.
        HostEntry[] inside = [new(Environment.MachineName, "conductor", Zones.Internal), new(Environment.MachineName, "scheduler", Zones.Internal)];
        var hosts = inside.Concat((await nodes.All()).Select(n => new HostEntry(n.Host, "compute", zones.Of(n.Host))));
        if (call.Query["zone"] is { Length: > 0 } zone) hosts = hosts.Where(h => h.Zone == zone);
        return Answer.Json(("hosts", hosts));
    }

    private async Task<Answer> Show(Call call)
    {
        var node = (await nodes.All()).Find(n => n.Host == call["host"]) ?? throw Errors.HostNotFound(call["host"]);
        var usage = await placement.Usage([node.Id], call.Cancel) is [var only, ..] ? only : null;
        long Used(string resource) => usage?.Used.GetValueOrDefault(resource) ?? 0;
        var rows = await servers.OnNode(node.Id);
        var parts = new List<HostPart>
        {
            new(node.Host, "(total)", node.Facts.Vcpus, node.Facts.MemoryMib, node.Facts.DiskGib),
            new(node.Host, "(used_now)", Used("VCPU"), Used("MEMORY_MB"), Used("DISK_GB")),
            Sum(node.Host, "(used_max)", rows),
        };
        parts.AddRange(rows.GroupBy(r => r.ProjectId).Select(p => Sum(node.Host, p.Key, p)));
        return Answer.Json(("host", parts.Select(p => new Wrapped(p))));
    }

    private static HostPart Sum(string host, string project, IEnumerable<ServerRow> rows) =>
        new(host, project, rows.Sum(r => r.Flavor.Vcpus), rows.Sum(r => r.Flavor.MemoryMb), rows.Sum(r => r.Flavor.RootGb + r.Flavor.EphemeralGb));

    private sealed record HostEntry(string HostName, string Service, string Zone);
    private sealed record HostPart(string Host, string Project, long Cpu, long MemoryMb, long DiskGb);
    private sealed record Wrapped(HostPart Resource);
}
