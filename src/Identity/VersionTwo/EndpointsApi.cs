using Nephos.Contracts;
using Nephos.Identity.Catalog;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.VersionTwo;

/// <summary>/v2.0/endpoints: each is the three endpoints of v3 of one service in one region.</summary>
internal sealed class EndpointsApi(IdentityDb db, CatalogTable catalog, CatalogChanges changes)
{
    private sealed record Faces(IReadOnlyList<EndpointRow> Rows);

    public void Map(RouteGroup v2)
    {
        v2.Get("/endpoints", List).Guard("identity:list_endpoints");
        v2.Post("/endpoints", Create).Guard("identity:create_endpoint").Body(() => Bodies.Endpoint).Fails(404);
        var one = v2.Member("/endpoints/{endpoint_id}", new MemberOf<Faces>(Find, c => Errors.EndpointNotFound(c["endpoint_id"]), _ => []));
        one.Get("", (call, faces) => Task.FromResult(Answer.Json(("endpoint", EndpointView.Of(faces.Rows, call.Urls.Root))))).Guard("identity:get_endpoint");
        one.Delete("", Delete).Guard("identity:delete_endpoint");
    }

    private async Task<Answer> List(Call call) => Answer.Json(("endpoints", (await All()).Select(rows => EndpointView.Of(rows, call.Urls.Root)).OfType<EndpointView>()), ("endpoints_links", Array.Empty<object>()));

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "endpoint");
        var service = given.Text("service_id")!;
        if (await catalog.Service(service) is null) throw Errors.ServiceNotFound(service);
        var (id, region) = (NewId.Hex(), given.Text("region"));
        if (region is { Length: > 255 }) throw Errors.TooLong(region, "region_id", 255);
        var rows = new List<EndpointRow>();
        foreach (var face in (string[])["public", "internal", "admin"])
        {
            if (given.Text(face + "url") is not { } url) continue;
            EndpointUrl.RequireKnown(url);
            rows.Add(new(NewId.Hex(), service, face, region, url, given.Flag("enabled", true), [], db.Now) { LegacyEndpointId = id });
        }
        await changes.Create(rows);
        return Answer.Json(("endpoint", EndpointView.Of(rows, call.Urls.Root)));
    }

    private async Task<Answer> Delete(Call call, Faces faces)
    {
        await changes.Delete(faces.Rows);
        return Answer.Empty;
    }

    private async Task<Faces?> Find(Call call) => (await All()).Find(rows => EndpointView.Of(rows, "")?.Id == call["endpoint_id"]) is { } rows ? new(rows) : null;

    /// <summary>What v2.0 made by its id; what v3 made by service and region.</summary>
    private async Task<List<List<EndpointRow>>> All() => [.. (await catalog.AllEndpoints()).GroupBy(e => e.LegacyEndpointId ?? $"{e.ServiceId} {e.RegionId}").Select(g => g.ToList())];
}
