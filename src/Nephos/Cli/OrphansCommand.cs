using System.Net.Http.Json;
using Nephos.Link;
using Nephos.Operators;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos node orphans</c>: guests on the hosts that the database does not know; nothing removes them but <c>--remove</c>. Exit code 1 when there are some.</summary>
static class OrphansCommand
{
    public static async Task<int> Run(StateFolder folder, Guid? remove, CancellationToken ct)
    {
        using var http = RunningCloud.Of(folder, TimeSpan.FromSeconds(90));
        if (remove is { } guest)
        {
            using var answer = await http.DeleteAsync($"operators/orphans/{guest}", ct);
            if (!answer.IsSuccessStatusCode) throw new Refusal(await answer.Content.ReadAsStringAsync(ct), "`nephos node orphans` lists them.");
            Console.WriteLine($"Removed {guest}.");
            return 0;
        }
        var nodes = await Of(http, ct);
        foreach (var node in nodes)
        {
            if (node.Error is { } error) Console.WriteLine($"{node.Host}: {error}");
            foreach (var orphan in node.Orphans) Console.WriteLine($"{node.Host}: {orphan.Id}  {orphan.Left}");
        }
        if (nodes.All(n => n.Error is null && n.Orphans.Count == 0)) Console.WriteLine("No orphans.");
        return nodes.Any(n => n.Orphans.Count > 0) ? 1 : 0;
    }

    /// <summary>Asks a running controller.</summary>
    public static async Task<IReadOnlyList<OrphansOfNode>> Of(HttpClient http, CancellationToken ct) =>
        (await http.GetFromJsonAsync<List<OrphansOfNode>>("operators/orphans", LinkJson.Options, ct))!;
}
