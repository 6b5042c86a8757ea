using System.Text;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Audit;

namespace Nephos.Identity.Audit;

/// <summary><c>GET /v3/audit/events</c>: what was done, by whom, and what came of it, in pages or, as <c>application/x-ndjson</c>, all of it. Ours alone.</summary>
internal sealed class AuditApi(IAuditTrail trail)
{
    private const string Lines = "application/x-ndjson";
    private const int Usual = 100, Max = 1000;

    public void Map(RouteGroup v3) => v3.Get("/audit/events", List).Guard("identity:list_audit_events").Fails(400);

    private async Task<Answer> List(Call call)
    {
        if (call.Header("Accept")?.Contains(Lines, StringComparison.OrdinalIgnoreCase) == true) return await Export(call, AuditFilters.Read(call.Query, int.MaxValue));
        var asked = AuditFilters.Read(call.Query, Usual, Max);
        var page = await trail.Find(asked with { Limit = asked.Limit + 1 }, call.Cancel);
        var shown = page.Take(asked.Limit).ToList();
        return Listing.Answer(call, "events", [.. shown.Select(CadfEvent.Of)], page.Count > shown.Count ? shown[^1].Id.ToString() : null);
    }

    private async Task<Answer> Export(Call call, AuditQuery asked)
    {
        // A wrong marker is refused before the answer begins.
        await using var events = trail.Every(asked, call.Cancel).GetAsyncEnumerator(call.Cancel);
        var more = await events.MoveNextAsync();
        var body = call.Respond(200, Lines, null);
        for (; more; more = await events.MoveNextAsync()) await body.WriteAsync(Encoding.UTF8.GetBytes(CadfEvent.Line(events.Current) + "\n"), call.Cancel);
        return Answer.Written;
    }
}
