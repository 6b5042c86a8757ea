using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Extensions;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos audit</c>: who did what to what, from where, and what came of it; the newest first, one line each.</summary>
static class AuditCommand
{
    const string Usual = "100";

    /// <param name="folder">The cloud's.</param>
    /// <param name="filters">Name and value of each given.</param>
    /// <param name="json">True: CADF events as they leave for other programs, all of them unless a limit is given.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<int> Run(StateFolder folder, Dictionary<string, string> filters, bool json, CancellationToken ct)
    {
        if (!json) filters.TryAdd("limit", Usual);
        using var http = RunningCloud.Of(folder, Timeout.InfiniteTimeSpan);
        using var answer = await http.GetAsync("operators/audit" + new QueryBuilder(filters), HttpCompletionOption.ResponseHeadersRead, ct);
        if (!answer.IsSuccessStatusCode) throw new Refusal(await answer.Content.ReadAsStringAsync(ct), "`nephos audit --help` says what there is.");
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(ct));
        while (await lines.ReadLineAsync(ct) is { } line) Console.WriteLine(json ? line : Short(JsonNode.Parse(line)!));
        return 0;
    }

    static string Short(JsonNode e)
    {
        var who = e["initiator"]!;
        return $"{((string)e["eventTime"]!)[..19]}  {e["reason"]!["reasonCode"]}  {who["host"]!["address"],-15}  {who["name"] ?? who["id"]}{By(who)}  {e["action"]}  {e["target"]!["typeURI"]}/{e["target"]!["id"]}  {who["request_id"]}";
    }

    static string By(JsonNode who) => who["trustee_user_id"] is { } trustee ? $" (trust, really {trustee})"
        : who["application_credential_id"] is { } credential ? $" (application credential {credential})"
        : who["service_user_id"] is { } service ? $" (through {service})" : "";
}
