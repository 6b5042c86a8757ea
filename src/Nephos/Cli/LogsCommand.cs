using System.Text.Json;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos logs</c>: the last lines of every part's log in one order, or all lines that mention an id.</summary>
static class LogsCommand
{
    public static async Task<int> Run(StateFolder folder, string? id, int lines, CancellationToken ct)
    {
        if (!folder.Exists) throw new Refusal($"there is no cloud in {folder.Path}", "Another folder is chosen by --state DIR.");
        var found = new List<(string Time, string Line)>();
        foreach (var file in Files(folder))
        {
            var kept = new Queue<(string, string)>();
            await foreach (var line in File.ReadLinesAsync(file, ct))
            {
                if (id is not null && !line.Contains(id, StringComparison.OrdinalIgnoreCase)) continue;
                if (Readable(line) is not { } entry) continue;
                kept.Enqueue(entry);
                if (kept.Count > (id is null ? lines : 10_000)) kept.Dequeue();
            }
            found.AddRange(kept);
        }
        if (found.Count == 0)
        {
            Console.Error.WriteLine(id is null ? "nephos: the log is empty." : $"nephos: no line of the log mentions {id}.");
            return 1;
        }
        foreach (var (_, line) in found.OrderBy(f => f.Time, StringComparer.Ordinal).TakeLast(id is null ? lines : int.MaxValue)) Console.WriteLine(line);
        return 0;
    }

    static IEnumerable<string> Files(StateFolder folder) =>
        new[] { folder.Log, Path.Combine(folder.Controller, "log") }.Where(Directory.Exists)
            .SelectMany(path => Directory.EnumerateFiles(path, "*.log*")).OrderByDescending(f => f, StringComparer.Ordinal);

    static (string Time, string Line)? Readable(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var time = root.GetProperty("t").GetString()!;
            var from = root.GetProperty("from").GetString()!;
            var text = $"{time[11..]} {root.GetProperty("level").GetString(),-5} {from[(from.LastIndexOf('.') + 1)..],-16} {root.GetProperty("text").GetString()}";
            if (root.TryGetProperty("RequestId", out var request) && !text.Contains(request.ToString(), StringComparison.Ordinal)) text += $"  [{request}]";
            if (root.TryGetProperty("exception", out var exception)) text += "\n    " + exception.GetString()!.ReplaceLineEndings("\n    ");
            return (time, text);
        }
        // What is not an event of ours (a line cut by a crash) is shown as it stands.
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException) { return ("", line); }
    }
}
