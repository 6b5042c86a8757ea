using System.Globalization;
using System.Text.Json;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Hypervisors;

/// <summary>Hypervisors as nova shows them: numbers as ids before 2.53, UUIDs since; usage until 2.87.</summary>
internal sealed class HypervisorsApi(NodeTable nodes, ServerTable servers, IPlacement placement, TimeProvider time)
{
    private static readonly SchemaHistory Listing = SchemaHistory.Of(Schema.Object())
        .At("2.33", s => s.Add("limit", Types.Many(Types.NonNegative)).Add("marker", Types.Many()))
        .At("2.53", s => s.Add("hypervisor_hostname_pattern", Types.Once(Schema.Text())).Add("with_servers", Types.Once(Types.Bool)))
        .At("2.75", s => s.Closed());

    private static readonly SchemaHistory Showing = SchemaHistory.Of(Schema.Object())
        .At("2.53", s => s.Add("with_servers", Types.Once(Types.Bool)))
        .At("2.75", s => s.Closed());

    public void Map(RouteGroup g)
    {
        g.Get("/os-hypervisors", c => List(c, false)).Policy("os_compute_api:os-hypervisors:list", Rule.Admin, "List hypervisors").Query(() => Listing).Fails(400, 404);
        g.Get("/os-hypervisors/detail", c => List(c, true)).Policy("os_compute_api:os-hypervisors:list-detail", Rule.Admin, "List hypervisors in detail").Query(() => Listing).Fails(400, 404);
        g.Get("/os-hypervisors/statistics", Statistics).Until("2.87").Policy("os_compute_api:os-hypervisors:statistics", Rule.Admin, "Show statistics of all hypervisors");
        g.Get("/os-hypervisors/{id}", Show).Policy("os_compute_api:os-hypervisors:show", Rule.Admin, "Show a hypervisor").Query(() => Showing).Fails(400, 404);
        g.Get("/os-hypervisors/{id}/uptime", Uptime).Until("2.87").Policy("os_compute_api:os-hypervisors:uptime", Rule.Admin, "Show the uptime of a hypervisor").Fails(400, 404);
        g.Get("/os-hypervisors/{id}/search", c => Search(c, false)).Until("2.52").Policy("os_compute_api:os-hypervisors:search", Rule.Admin, "Search hypervisors").Fails(404);
        g.Get("/os-hypervisors/{id}/servers", c => Search(c, true)).Until("2.52").Policy("os_compute_api:os-hypervisors:servers", Rule.Admin, "List servers of hypervisors").Fails(404);
    }

    private async Task<Answer> List(Call call, bool detail)
    {
        var all = await nodes.All();
        Link[]? links = null;
        if (call.At("2.53") && call.Query["hypervisor_hostname_pattern"] is { } pattern)
        {
            if (call.Query.Has("limit") || call.Query.Has("marker")) throw Errors.NoPagingWithPattern();
            all = Matching(all, pattern);
        }
        else if (call.At("2.33"))
        {
            var paging = Paging.Of(call);
            if (paging.Marker is { } marker)
            {
                var at = all.FindIndex(n => Id(call, n) == marker);
                all = at < 0 ? throw Errors.MarkerNotFound(marker) : all[(at + 1)..];
            }
            all = [.. all.Take(paging.Limit)];
            links = Link.Next(call, detail ? "os-hypervisors/detail" : "os-hypervisors", paging.Limit, all.Count, () => Id(call, all[^1]));
        }
        var with = await With(call, all, detail);
        return Answer.Json(("hypervisors", all.Select(n => View(call, n, detail, with))), ("hypervisors_links", links));
    }

    private async Task<Answer> Show(Call call)
    {
        var node = await Find(call);
        return Answer.Json(("hypervisor", View(call, node, true, await With(call, [node], true))));
    }

    private async Task<Answer> Uptime(Call call)
    {
        var node = await Find(call);
        if (!node.IsUp(time.GetUtcNow())) throw Errors.HostIsDown(node.Host);
        var view = View(call, node, false, Extras.None);
        view["uptime"] = Since(node);
        return Answer.Json(("hypervisor", view));
    }

    private async Task<Answer> Search(Call call, bool withServers)
    {
        var found = Matching(await nodes.All(), call["id"]);
        var hosted = withServers ? await Hosted(found) : null;
        return Answer.Json(("hypervisors", found.Select(n => View(call, n, false, Extras.None with { Servers = hosted }))));
    }

    private async Task<Answer> Statistics(Call call)
    {
        var all = (await nodes.All()).Where(n => !n.Disabled).ToList();
        var with = await With(call, all, true);
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal) { ["count"] = all.Count };
        foreach (var name in Usage.Names) sums[name] = all.Sum(n => with.Of(n).Values[name]);
        return Answer.Json(("hypervisor_statistics", sums));
    }

    private async Task<NodeRow> Find(Call call)
    {
        var id = call["id"];
        if (call.At("2.53") && !Guid.TryParse(id, out _)) throw Errors.InvalidUuid(id);
        return (await nodes.All()).Find(n => string.Equals(Id(call, n), id, StringComparison.OrdinalIgnoreCase)) ?? throw Errors.HypervisorNotFound(id);
    }

    private static List<NodeRow> Matching(List<NodeRow> all, string pattern) =>
        all.FindAll(n => n.Host.Contains(pattern, StringComparison.Ordinal)) is { Count: > 0 } found ? found : throw Errors.NoHypervisorMatching(pattern);

    private async Task<Extras> With(Call call, List<NodeRow> all, bool detail)
    {
        var usage = detail && !call.At("2.88") ? (await placement.Usage([.. all.Select(n => n.Id)], call.Cancel)).ToDictionary(u => u.Provider) : [];
        var counts = usage.Count > 0 ? (await servers.CountByNode()).ToDictionary(c => c.Node, c => c.Count) : [];
        var asked = call.At("2.53") && call.Query["with_servers"]?.ToLowerInvariant() is "1" or "t" or "true" or "on" or "y" or "yes";
        return new Extras(usage, counts, asked ? await Hosted(all) : null);
    }

    private async Task<ILookup<Guid, ServerRow>> Hosted(List<NodeRow> all)
    {
        var rows = new List<ServerRow>();
        foreach (var node in all) rows.AddRange(await servers.OnNode(node.Id));
        return rows.ToLookup(r => r.NodeId!.Value);
    }

    private Dictionary<string, object?> View(Call call, NodeRow node, bool detail, Extras with)
    {
        var uuids = call.At("2.53");
        var view = new Dictionary<string, object?>
        {
            ["id"] = uuids ? node.Id.ToString() : node.Number, ["hypervisor_hostname"] = node.Host,
            ["state"] = node.IsUp(time.GetUtcNow()) ? "up" : "down", ["status"] = node.Disabled ? "disabled" : "enabled",
        };
        if (detail)
        {
            view["hypervisor_type"] = node.Facts.Type;
            view["hypervisor_version"] = node.Facts.Version;
            view["host_ip"] = node.Address;
            view["service"] = new Dictionary<string, object?> { ["id"] = uuids ? node.ServiceId.ToString() : node.Number, ["host"] = node.Host, ["disabled_reason"] = node.DisabledReason };
            if (call.At("2.88")) view["uptime"] = null;
            else Old(call, node, with, view);
        }
        if (with.Servers is { } hosted && (hosted.Contains(node.Id) || call.At("2.75")))
            view["servers"] = hosted[node.Id].Select(s => new Dictionary<string, object?> { ["name"] = s.InstanceName, ["uuid"] = s.Id.ToString() });
        return view;
    }

    private static void Old(Call call, NodeRow node, Extras with, Dictionary<string, object?> view)
    {
        foreach (var (name, value) in with.Of(node).Values) view[name] = value;
        var cpu = new Dictionary<string, object?>
        {
            ["arch"] = node.Facts.Architecture, ["model"] = node.Facts.CpuModel, ["vendor"] = "", ["features"] = Array.Empty<string>(),
            ["topology"] = new Dictionary<string, object?> { ["cores"] = node.Facts.Vcpus, ["threads"] = 1, ["sockets"] = 1 },
        };
        view["cpu_info"] = call.At("2.28") ? cpu : JsonSerializer.Serialize(cpu);
    }

    // As `uptime` prints it, from when the node was first seen: its own uptime is nobody's business across hosts.
    private string Since(NodeRow node)
    {
        var now = time.GetUtcNow();
        var up = now - node.CreatedAt;
        return string.Create(CultureInfo.InvariantCulture, $" {now:HH:mm:ss} up {up.Days} days, {up.Hours:00}:{up.Minutes:00},  0 users,  load average: 0.00, 0.00, 0.00");
    }

    private static string Id(Call call, NodeRow node) => call.At("2.53") ? node.Id.ToString() : node.Number.ToString(CultureInfo.InvariantCulture);

    private sealed record Extras(Dictionary<Guid, ProviderUsage> Used, Dictionary<Guid, long> Counts, ILookup<Guid, ServerRow>? Servers)
    {
        public static Extras None { get; } = new([], [], null);
        public Usage Of(NodeRow node) => Usage.Of(node, Used.GetValueOrDefault(node.Id), Counts.GetValueOrDefault(node.Id));
    }
}
