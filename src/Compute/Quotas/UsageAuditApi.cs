using System.Globalization;
using Nephos.Compute.Hypervisors;
using Nephos.Compute.Servers;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Quotas;

/// <summary>
/// os-instance_usage_audit_log: how many servers each host had in the last complete month. Upstream's hosts count and report once a month;
/// here the rows of servers are kept, so the count is made when it is asked for.
/// </summary>
internal sealed class UsageAuditApi(NodeTable nodes, ServerTable servers, TimeProvider time)
{
    private const string Root = "os_compute_api:os-instance-usage-audit-log:";
    private static readonly string[] Formats = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF"];

    public void Map(RouteGroup g)
    {
        g.Get("/os-instance_usage_audit_log", async call => Answer.Json(("instance_usage_audit_logs", await Log(time.GetUtcNow()))))
            .Policy(Root + "list", Rule.Admin, "List usage audits of all hosts");
        g.Get("/os-instance_usage_audit_log/{before}", async call => Answer.Json(("instance_usage_audit_log", await Log(Before(call["before"])))))
            .Policy(Root + "show", Rule.Admin, "Show usage audits of all hosts before a time").Fails(400);
    }

    /// <summary>The last month that was over before a time.</summary>
    public static (DateTimeOffset Begin, DateTimeOffset End) Period(DateTimeOffset before)
    {
        var end = new DateTimeOffset(before.Year, before.Month, 1, 0, 0, 0, TimeSpan.Zero);
        if (end == before) end = end.AddMonths(-1);
        return (end.AddMonths(-1), end);
    }

    // A time before the year 2 has no complete month before it that a calendar could name.
    private static DateTimeOffset Before(string text) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at.Year > 1 ? at : throw Errors.BadAuditTime(text);

    private async Task<AuditLog> Log(DateTimeOffset before)
    {
        var (begin, end) = Period(before);
        var hosts = await nodes.All();
        var counts = await servers.CountRunning(begin, end);
        var done = hosts.FindAll(h => h.CreatedAt < end);
        var missing = hosts.Except(done).Select(h => h.Host).ToList();
        var log = done.ToDictionary(h => h.Host, h => new HostLog("DONE", counts.GetValueOrDefault(h.Id), 0, $"Instance usage audit ran for host {h.Host}, {counts.GetValueOrDefault(h.Id)} instances."));
        return new(Text(begin), Text(end), hosts.Count, done.Count, 0, missing.Count, missing, log.Values.Sum(l => l.Instances), 0,
            $"{(missing.Count == 0 ? "ALL" : $"{done.Count} of {hosts.Count}")} hosts done. 0 errors.", log);
    }

    private static string Text(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private sealed record HostLog(string State, long Instances, long Errors, string Message);
    private sealed record AuditLog(string PeriodBeginning, string PeriodEnding, int NumHosts, int NumHostsDone, int NumHostsRunning, int NumHostsNotRun, List<string> HostsNotRun,
        long TotalInstances, long TotalErrors, string OverallStatus, Dictionary<string, HostLog> Log);
}
