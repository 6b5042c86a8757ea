using System.Collections.Frozen;
using System.Globalization;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Compute.Servers;

/// <summary>Turns the query of a list of servers into one statement. nova's rules: who may filter by what, what is exact and what is a pattern.</summary>
internal static class ServerList
{
    private static readonly FrozenSet<string> ForEverybody = new[]
    {
        "reservation_id", "name", "display_name", "status", "image", "flavor", "ip", "changes-since", "all_tenants",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> ForEverybodySince283 = new[]
    {
        "availability_zone", "config_drive", "key_name", "created_at", "launched_at", "terminated_at", "power_state", "task_state", "vm_state", "progress", "user_id",
    }.ToFrozenSet();

    // Columns and expressions that a pattern is matched against.
    private static readonly FrozenDictionary<string, string> Patterns = new Dictionary<string, string>
    {
        ["name"] = "name", ["display_name"] = "name", ["description"] = "COALESCE(description, '')", ["display_description"] = "COALESCE(description, '')",
        ["hostname"] = "hostname", ["key_name"] = "COALESCE(key_name, '')", ["kernel_id"] = "kernel_id", ["ramdisk_id"] = "ramdisk_id", ["reservation_id"] = "reservation_id",
        ["node"] = "COALESCE(node, '')", ["availability_zone"] = "COALESCE(availability_zone, '')", ["root_device_name"] = "COALESCE(root_device_name, '')",
        ["power_state"] = "CAST(power_state AS TEXT)", ["launch_index"] = "CAST(launch_index AS TEXT)", ["locked_by"] = "COALESCE(locked_by, '')",
        ["access_ip_v4"] = "COALESCE(access_ip_v4, '')", ["access_ip_v6"] = "COALESCE(access_ip_v6, '')",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> Exact = new Dictionary<string, string>
    {
        ["user_id"] = "user_id", ["image"] = "image_id", ["image_ref"] = "image_id", ["flavor"] = "flavor_id", ["uuid"] = "id", ["host"] = "host",
    }.ToFrozenDictionary();

    /// <summary>The list, or null when nothing can match.</summary>
    public static ListSql? Of(Call call, Paging paging, bool allProjects)
    {
        var isAdmin = call.Caller.HasRole("admin");
        var query = call.Query;
        RefuseInternal(query);
        bool May(string name) => isAdmin || ForEverybody.Contains(name)
            || name == "changes-before" && call.At("2.66") || name == "locked" && call.At("2.73")
            || name.Contains("tags", StringComparison.Ordinal) && call.At("2.26")
            || ForEverybodySince283.Contains(name) && call.At("2.83");
        string? Value(string name) => May(name) ? query[name] : null;

        var list = new ListSql("compute_servers") { Limit = paging.Limit, Marker = paging.Marker, MarkerMissing = Errors.MarkerNotFound };
        if (!allProjects) list.Scope(call.Caller.ProjectId is { } project ? (SqlText)$"project_id = {project}" : $"user_id = {call.Caller.UserId}");
        else if ((Value("project_id") ?? Value("tenant_id")) is { } one) list.Scope($"project_id = {one}");

        if (!States(call, list, Value)) return null;
        Deleted(call, list, Value, isAdmin);
        foreach (var (name, column) in Exact) if (Value(name) is { } value) list.Where($"{Sql.Raw(column)} = {value}");
        foreach (var (name, column) in Patterns) if (Value(name) is { Length: > 0 } value) list.Where(Sql.Matches(column, value));
        foreach (var name in (string[])["ip", "ip6"])
            if (Value(name) is { Length: > 0 } value) list.Where(Sql.Matches("addresses", $"(^|\n)({value})"));
        foreach (var name in (string[])["created_at", "launched_at", "terminated_at"])
            if (Value(name) is { } value) list.Where(Time(value) is { } at ? (SqlText)$"{Sql.Raw(name)} >= {at} AND {Sql.Raw(name)} < {at.AddSeconds(1)}" : $"1 = 0");
        if (Value("config_drive") is { } drive) list.Where($"config_drive = {Truth(drive)}");
        if (Value("auto_disk_config") is { } disk) list.Where($"auto_disk_config = {Truth(disk)}");
        if (Value("locked") is { } locked) list.Where(Truth(locked) ? (SqlText)$"locked_by IS NOT NULL" : $"locked_by IS NULL");
        Tags(call, list, Value);
        Order(call, list, isAdmin);
        return list;
    }

    /// <summary>nova's reading of <c>all_tenants</c>: the name alone means yes.</summary>
    public static bool AllTenants(Call call) => call.Query["all_tenants"] is { } text && (text.Length == 0 || text.ToLowerInvariant() switch
    {
        "1" or "t" or "true" or "on" or "y" or "yes" => true,
        "0" or "f" or "false" or "off" or "n" or "no" => false,
        _ => throw Errors.NotABoolean("all_tenants", text),
    });

    private static void RefuseInternal(QueryArgs query)
    {
        foreach (var name in query.Names)
            if (ServerQueries.Joined.Contains(name) || name.StartsWith('_')) throw Errors.BadFilter(name);
    }

    private static bool States(Call call, ListSql list, Func<string, string?> value)
    {
        if (!call.Query.Has("status"))
        {
            if (value("vm_state") is { } vm) list.Where($"vm_state = {vm}");
            if (value("task_state") is { } task) list.Where($"task_state = {task}");
            return true;
        }
        var (vmStates, tasks) = ServerStatus.Parse(call.Query.All("status"));
        if (vmStates.Length == 0) return call.At("2.38") ? throw Errors.BadStatus() : false;
        if (vmStates is [VmState.Deleted] && !call.Caller.HasRole("admin")) throw Errors.DeletedForAdmins();
        list.Where($"vm_state IN {vmStates}");
        if (!tasks.Contains("default")) list.Where($"task_state IN {tasks}");
        return true;
    }

    private static void Deleted(Call call, ListSql list, Func<string, string?> value, bool isAdmin)
    {
        var (since, before) = (Moment(value("changes-since"), "changes-since"), Moment(value("changes-before"), "changes-before"));
        if (since > before) throw Errors.SinceAfterBefore();
        if (since is { } from) list.Where($"updated_at >= {from}");
        if (before is { } to) list.Where($"updated_at <= {to}");
        var onlyDeleted = call.Query.Has("status") && ServerStatus.Parse(call.Query.All("status")).VmStates is [VmState.Deleted];
        if (isAdmin && call.Query["deleted"] is { } deleted) list.Where(Truth(deleted) ? (SqlText)$"deleted_at IS NOT NULL" : $"deleted_at IS NULL");
        else if (onlyDeleted) list.Where($"deleted_at IS NOT NULL");
        else if (since is null && before is null) list.Where($"deleted_at IS NULL");
    }

    private static void Tags(Call call, ListSql list, Func<string, string?> value)
    {
        if (!call.At("2.26")) return;
        SqlText[] Of(string text) => [.. text.Split(',').Select(ServerTable.HasTag)];
        if (value("tags") is { } all) list.Where(Sql.All(Of(all)));
        if (value("tags-any") is { } any) list.Where(Sql.Any(Of(any)));
        if (value("not-tags") is { } notAll) list.Where($"NOT {Sql.All(Of(notAll))}");
        if (value("not-tags-any") is { } none) list.Where($"NOT {Sql.Any(Of(none))}");
    }

    private static void Order(Call call, ListSql list, bool isAdmin)
    {
        var keys = call.Query.All("sort_key").Select(k => k.Trim()).ToList();
        var directions = call.Query.All("sort_dir").Select(d => d.Trim()).ToList();
        foreach (var direction in directions) if (direction is not ("asc" or "desc")) throw Errors.BadSortDirection(direction);
        if (!isAdmin && keys.Exists(k => k is "host" or "node")) throw Errors.SortForAdmins();
        // Directions that are missing are like the first; the last keys that make an order complete too.
        var otherwise = directions.Count == 0 || directions[0] == "desc";
        for (var i = 0; i < keys.Count; i++)
        {
            if (ServerQueries.IgnoredKeys.Contains(keys[i]) && !(keys[i] == "locked" && call.At("2.73"))) continue;
            var column = keys[i] == "locked" ? "locked_by" : ServerQueries.SortKeys.TryGetValue(keys[i], out var known) ? known : throw Errors.BadSortKey(keys[i]);
            list.OrderBy(column, i < directions.Count ? directions[i] == "desc" : otherwise, nullable: true);
        }
        list.OrderBy("created_at", otherwise);
    }

    private static DateTimeOffset? Moment(string? text, string name) => text is null ? null : Time(text) ?? throw Errors.BadFilter(name);

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time) ? time : null;

    private static bool Truth(string text) => text.ToLowerInvariant() is "1" or "t" or "true" or "on" or "y" or "yes";
}
