using Nephos.Compute.Aggregates;
using Nephos.Compute.AvailabilityZones;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Hypervisors;

/// <summary>os-hosts, which older tools read (until 2.42). As with upstream's usual driver, hosts are not powered and have no maintenance mode.</summary>
internal sealed class HostsApi(NodeTable nodes, AggregateTable aggregates, ServerTable servers, IPlacement placement, TimeProvider time)
{
    private static readonly Schema Switch = Schema.Of("string").Set("enum", new object[] { "enable", "disable", "Enable", "Disable", "ENABLE", "DISABLE" });
    private static readonly SchemaHistory Changes = SchemaHistory.Of(Schema.Object(("status", Switch), ("maintenance_mode", Switch)).Closed());

    public void Map(RouteGroup g)
    {
        g.Get("/os-hosts", List).Until("2.42").Policy("os_compute_api:os-hosts:list", Rule.Admin, "List hosts");
        g.Get("/os-hosts/{host}", Show).Until("2.42").Policy("os_compute_api:os-hosts:show", Rule.Admin, "Show a host").Fails(404);
        g.Put("/os-hosts/{host}", Update).Until("2.42").Policy("os_compute_api:os-hosts:update", Rule.Admin, "Let a host take servers or not").Body(() => Changes).Fails(400, 404, 501);
        foreach (var (verb, rule) in ((string, string)[])[("startup", "start"), ("shutdown", "shutdown"), ("reboot", "reboot")])
            g.Get("/os-hosts/{host}/" + verb, Power).Until("2.42").Policy("os_compute_api:os-hosts:" + rule, Rule.Admin, $"Host power: {verb}").Fails(400, 404, 501);
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
        var node = await Find(call);
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

    private async Task<Answer> Update(Call call)
    {
        var (status, maintenance) = (call.Json.Text("status"), call.Json.Text("maintenance_mode"));
        var answer = new Dictionary<string, object?> { ["host"] = call["host"] };
        if (status is null && maintenance is null) return Answer.JsonValue(answer);
        var node = await FindUp(call);
        if (maintenance is not null) throw Errors.NotSupported();
        var enabled = status!.Equals("enable", StringComparison.OrdinalIgnoreCase);
        await nodes.Enable(node.Id, enabled, null);
        answer["status"] = enabled ? "enabled" : "disabled";
        return Answer.JsonValue(answer);
    }

    private async Task<Answer> Power(Call call)
    {
        await FindUp(call);
        throw Errors.NotSupported();
    }

    private async Task<NodeRow> Find(Call call) => (await nodes.All()).Find(n => n.Host == call["host"]) ?? throw Errors.HostNotFound(call["host"]);

    private async Task<NodeRow> FindUp(Call call) => await Find(call) is var node && node.IsUp(time.GetUtcNow()) ? node : throw Errors.HostIsDown(node.Host);

    private static HostPart Sum(string host, string project, IEnumerable<ServerRow> rows) =>
        new(host, project, rows.Sum(r => r.Flavor.Vcpus), rows.Sum(r => r.Flavor.MemoryMb), rows.Sum(r => r.Flavor.RootGb + r.Flavor.EphemeralGb));

    private sealed record HostEntry(string HostName, string Service, string Zone);
    private sealed record HostPart(string Host, string Project, long Cpu, long MemoryMb, long DiskGb);
    private sealed record Wrapped(HostPart Resource);
}
