using System.Globalization;
using Nephos.Compute.Servers;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Quotas;

/// <summary>os-simple-tenant-usage: hours of servers within a period.</summary>
internal sealed class UsageApi(ComputeDb db, TimeProvider time)
{
    private static readonly SchemaHistory Query = SchemaHistory.Of(Schema.Object(("start", Types.Many()), ("end", Types.Many()), ("detailed", Types.Many())))
        .At("2.40", s => s.Add("limit", Types.Many(Types.NonNegative)).Add("marker", Types.Many())).At("2.75", s => s.Closed());

    public void Map(RouteGroup g)
    {
        g.Get("/os-simple-tenant-usage", List).Policy("os_compute_api:os-simple-tenant-usage:list", Rule.Admin, "Show usage of all projects").Query(() => Query).Fails(400);
        g.Get("/os-simple-tenant-usage/{project}", Show).Policy("os_compute_api:os-simple-tenant-usage:show", Rule.ProjectReaderOrAdmin, "Show usage of a project")
            .Target(c => PolicyTarget.OfProject(c["project"])).Query(() => Query).Fails(400);
    }

    private async Task<Answer> List(Call call)
    {
        var (from, to) = Period(call);
        var (rows, limit) = await Read(call, null, from, to);
        var usages = rows.GroupBy(r => r.ProjectId).Select(p => Usage(p.Key, [.. p], from, to, call.Query["detailed"] == "1"));
        return Answer.Json(("tenant_usages", usages), ("tenant_usages_links", Next(call, "os-simple-tenant-usage", rows, limit)));
    }

    private async Task<Answer> Show(Call call)
    {
        var (from, to) = Period(call);
        var (rows, limit) = await Read(call, call["project"], from, to);
        return Answer.Json(("tenant_usage", rows.Count == 0 ? new Dictionary<string, object?>() : Usage(call["project"], rows, from, to, true)),
            ("tenant_usage_links", Next(call, $"os-simple-tenant-usage/{call["project"]}", rows, limit)));
    }

    private static Link[]? Next(Call call, string path, IReadOnlyList<ServerRow> rows, int limit) =>
        call.At("2.40") ? Link.Next(call, path, limit, rows.Count, () => rows[^1].Id.ToString()) : null;

    private async Task<(IReadOnlyList<ServerRow>, int)> Read(Call call, string? project, DateTimeOffset from, DateTimeOffset to)
    {
        var paging = call.At("2.40") ? Paging.Of(call) : new Paging(int.MaxValue - 1, null);
        var list = new ListSql("compute_servers") { Limit = paging.Limit, Marker = paging.Marker, MarkerMissing = Errors.MarkerNotFound }
            .Where($"launched_at IS NOT NULL AND launched_at < {to} AND (terminated_at IS NULL OR terminated_at > {from})").OrderBy("project_id").OrderBy("launched_at");
        if (project is not null) list.Where($"project_id = {project}");
        return ((await db.Page<ServerRow>(list)).Items, paging.Limit);
    }

    private (DateTimeOffset From, DateTimeOffset To) Period(Call call)
    {
        var now = time.GetUtcNow();
        DateTimeOffset Parse(string name, DateTimeOffset otherwise) => call.Query[name] is not { Length: > 0 } text ? otherwise
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : throw Errors.BadTime(text);
        var (from, to) = (Parse("start", now.AddDays(-28)), Parse("end", now));
        return from < to ? (from, to) : throw Errors.BadPeriod();
    }

    private Dictionary<string, object?> Usage(string project, IReadOnlyList<ServerRow> rows, DateTimeOffset from, DateTimeOffset to, bool detailed)
    {
        double hours = 0, memory = 0, disk = 0, cpu = 0;
        var servers = new List<Dictionary<string, object?>>();
        foreach (var row in rows)
        {
            var (start, end) = (row.LaunchedAt!.Value, row.TerminatedAt);
            var spent = Math.Max(0, ((end < to ? end.Value : to) - (start > from ? start : from)).TotalHours);
            var local = row.Flavor.RootGb + row.Flavor.EphemeralGb;
            (hours, memory, disk, cpu) = (hours + spent, memory + spent * row.Flavor.MemoryMb, disk + spent * local, cpu + spent * row.Flavor.Vcpus);
            servers.Add(new()
            {
                ["hours"] = spent, ["flavor"] = row.Flavor.Name, ["instance_id"] = row.Id.ToString(), ["name"] = row.Name, ["tenant_id"] = row.ProjectId,
                ["memory_mb"] = row.Flavor.MemoryMb, ["local_gb"] = local, ["vcpus"] = row.Flavor.Vcpus, ["started_at"] = Wire.NoZone(start),
                ["ended_at"] = end is { } at ? Wire.NoZone(at) : null, ["state"] = end is null ? row.VmState : "terminated",
                ["uptime"] = (long)((end ?? time.GetUtcNow()) - start).TotalSeconds,
            });
        }
        var usage = new Dictionary<string, object?>
        {
            ["tenant_id"] = project, ["start"] = Wire.NoZone(from), ["stop"] = Wire.NoZone(to), ["total_hours"] = hours,
            ["total_memory_mb_usage"] = memory, ["total_local_gb_usage"] = disk, ["total_vcpus_usage"] = cpu,
        };
        if (detailed) usage["server_usages"] = servers;
        return usage;
    }
}
