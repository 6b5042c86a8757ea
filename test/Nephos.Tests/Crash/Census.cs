using System.Text.Json.Nodes;

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

    public static Census Of(string state, Books books)
    {
        var things = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var unfinished = new List<string>();
        foreach (var table in books.Tables())
        {
            if (!History.Any(h => table.Key.EndsWith(h, StringComparison.Ordinal))) things[table.Key] = books.Count(table.Key + Living(table));
            if (table.Key.EndsWith("_operations", StringComparison.Ordinal))
                unfinished.AddRange(books.Texts($"SELECT kind || ' ' || status || ' at ' || step || ' of ' || resource FROM {table.Key} WHERE ended_at IS NULL"));
            if (!table.Key.EndsWith("_node_items", StringComparison.Ordinal)) continue;
            foreach (var kind in books.Texts($"SELECT kind FROM {table.Key} WHERE wanted").CountBy(k => k)) things[$"wanted {kind.Key} of {table.Key}"] = kind.Value;
            unfinished.AddRange(books.Texts($"SELECT 'tombstone of ' || kind || ' ' || id || coalesce(': ' || error, '') FROM {table.Key} WHERE NOT wanted AND (observed_present OR observed_generation < generation OR error IS NOT NULL)"));
        }
        foreach (var folder in (string[])["node/servers", "node/config-drives", "node/snapshots", "node/bases", "controller/images"])
            things[folder] = Directory.Exists(Path.Combine(state, folder)) ? Directory.GetFileSystemEntries(Path.Combine(state, folder)).Length : 0;
        things["guests"] = Guests(state).Count;
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

    /// <summary>What is more or less than in another one.</summary>
    public IReadOnlyList<string> Differs(Census before) =>
    [
        .. Things.Keys.Union(before.Things.Keys).Where(k => Things.GetValueOrDefault(k) != before.Things.GetValueOrDefault(k))
            .Select(k => $"{k}: {before.Things.GetValueOrDefault(k)} before, {Things.GetValueOrDefault(k)} now"),
        .. Unfinished,
    ];

    // Rows of what was deleted are kept where the API can still show them.
    private static string Living(IGrouping<string, string> table) =>
        table.Contains("deleted_at") ? " WHERE deleted_at IS NULL"
        : table.Key.StartsWith("image_", StringComparison.Ordinal) && table.Contains("image_id") ? " WHERE image_id IN (SELECT id FROM image_images WHERE deleted_at IS NULL)"
        : "";
}
