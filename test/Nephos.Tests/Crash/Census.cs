using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Nephos.Kernel.Data;


namespace Nephos.Tests.Crash;

/// <summary>What there is in a cloud's folder: rows that stand for something, pretended guests, files of guests and images.</summary>
/// <param name="Things">How many of each.</param>
/// <param name="Unfinished">Operations that are under way and tombstones that no node has confirmed.</param>
internal sealed record Census(SortedDictionary<string, long> Things, IReadOnlyList<string> Unfinished)
{
    // They tell what was, and grow.
    private static readonly string[] History =
    [
        "_operations", "_operation_steps", "_instance_actions", "_tombstones", "_events", "_counters", "_changes", "_incarnations", "_migrations", "_quota_usage", "_node_items",
    ];

    public static Census Of(string state)
    {
        using var db = Open(state);
        var tables = Column(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
        var things = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables.Where(t => !History.Any(h => t.EndsWith(h, StringComparison.Ordinal)))) things[table] = Count(db, table + Living(db, table));
        foreach (var table in tables.Where(t => t.EndsWith("_node_items", StringComparison.Ordinal)))
            foreach (var kind in Column(db, $"SELECT DISTINCT kind FROM {table} WHERE wanted = 1")) things[$"wanted {kind} of {table}"] = Count(db, $"{table} WHERE wanted = 1 AND kind = '{kind}'");
        foreach (var folder in (string[])["node/servers", "node/config-drives", "node/snapshots", "controller/images"])
            things[folder] = Directory.Exists(Path.Combine(state, folder)) ? Directory.GetFiles(Path.Combine(state, folder)).Length : 0;
        things["guests"] = Guests(state).Count;

        var unfinished = new List<string>();
        foreach (var table in tables.Where(t => t.EndsWith("_operations", StringComparison.Ordinal)))
            unfinished.AddRange(Column(db, $"SELECT kind || ' ' || status || ' at ' || step || ' of ' || resource FROM {table} WHERE ended_at IS NULL"));
        foreach (var table in tables.Where(t => t.EndsWith("_node_items", StringComparison.Ordinal)))
            unfinished.AddRange(Column(db, $"SELECT 'tombstone of ' || kind || ' ' || id || coalesce(': ' || error, '') FROM {table} WHERE wanted = 0 AND (observed_present OR observed_generation < generation OR error IS NOT NULL)"));
        return new(things, unfinished);
    }

    /// <summary>Pretended guests on the host: their ids, power and start.</summary>
    public static IReadOnlyDictionary<string, string> Guests(string state)
    {
        var guests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var file = Path.Combine(state, "node", "pretended-guests.json");
        if (!File.Exists(file)) return guests;
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            JsonNode entry;
            // The line that was being written when the plug was pulled.
            try { entry = JsonNode.Parse(line)!; }
            catch (System.Text.Json.JsonException) { continue; }
            var id = entry["Guest"]!["Spec"]!["Id"]!.GetValue<string>();
            if (entry["Removed"]!.GetValue<bool>()) guests.Remove(id);
            else guests[id] = $"{entry["Guest"]!["Power"]} since {entry["Guest"]!["StartedAt"]}";
        }
        return guests;
    }

    /// <summary>How many rows there are.</summary>
    public static long Count(string state, string from)
    {
        using var db = Open(state);
        return Count(db, from);
    }

    /// <summary>Changes rows while the program does not run.</summary>
    public static void Execute(string state, string sql)
    {
        using var db = Open(state);
        Column(db, sql);
    }

    /// <summary>What is more or less than in another one.</summary>
    public IReadOnlyList<string> Differs(Census before) =>
    [
        .. Things.Keys.Union(before.Things.Keys).Where(k => Things.GetValueOrDefault(k) != before.Things.GetValueOrDefault(k))
            .Select(k => $"{k}: {before.Things.GetValueOrDefault(k)} before, {Things.GetValueOrDefault(k)} now"),
        .. Unfinished,
    ];

    // Rows of what was deleted are kept where the API can still show them.
    private static string Living(SqliteConnection db, string table)
    {
        var columns = Column(db, $"SELECT name FROM pragma_table_info('{table}')");
        return columns.Contains("deleted_at") ? " WHERE deleted_at IS NULL"
            : table.StartsWith("image_", StringComparison.Ordinal) && columns.Contains("image_id") ? " WHERE image_id IN (SELECT id FROM image_images WHERE deleted_at IS NULL)"
            : "";
    }

    private static SqliteConnection Open(string state)
    {
        SqliteNative.Load();
        var db = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(state, "controller", "nephos.db"), Pooling = false }.ToString());
        db.Open();
        return db;
    }

    private static long Count(SqliteConnection db, string from) => long.Parse(Column(db, $"SELECT COUNT(*) FROM {from}")[0], System.Globalization.CultureInfo.InvariantCulture);

    private static List<string> Column(SqliteConnection db, string sql)
    {
        using var command = db.CreateCommand();
#pragma warning disable CA2100 // A test's own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(reader.GetValue(0).ToString()!);
        return rows;
    }
}
