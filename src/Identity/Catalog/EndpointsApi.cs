using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.Catalog;

/// <summary>/v3/endpoints.</summary>
internal sealed class EndpointsApi(IdentityDb db, CatalogTable catalog, Epoch epoch)
{
    private static readonly string[] Known = ["interface", "region_id", "region", "service_id", "url", "enabled", "legacy_endpoint_id"];
    private static readonly Schema Endpoint = Schema.Object(
        ("enabled", Shapes.Flag), ("interface", Schema.Of("string").Set("enum", new object[] { "admin", "internal", "public" })), ("region_id", Schema.Of("string")), ("region", Schema.Of("string")),
        ("service_id", Schema.Of("string")), ("url", Schema.Text(0, 225, "^[a-zA-Z0-9+.-]+:.+|^[$]\\(public_url\\)s")));
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("endpoint", Endpoint.Require("interface", "service_id", "url"));
    private static readonly SchemaHistory UpdateBody = Shapes.Enveloped("endpoint", Shapes.Change(Endpoint));

    public void Map(RouteGroup v3)
    {
        v3.Get("/endpoints", List).Guard("identity:list_endpoints").Fails(400);
        v3.Post("/endpoints", Create).Guard("identity:create_endpoint").Body(() => CreateBody).Returns(201);
        var one = v3.Member("/endpoints/{endpoint_id}", Member(catalog));
        one.Get("", (call, endpoint) => Task.FromResult(Answer.Json(("endpoint", EndpointView.Of(endpoint, call))))).Guard("identity:get_endpoint");
        one.Patch("", Update).Guard("identity:update_endpoint").Body(() => UpdateBody);
        one.Delete("", Delete).Guard("identity:delete_endpoint");
    }

    public static MemberOf<EndpointRow> Member(CatalogTable catalog) => new(c => catalog.Endpoint(c["endpoint_id"]), c => Errors.EndpointNotFound(c["endpoint_id"]), _ => []);

    private async Task<Answer> List(Call call)
    {
        var list = new Listing(call, "identity_endpoints").Texts("interface", "service_id", "region_id");
        if (call.Query["region"] is { } region) list.Only($"region_id = {region}");
        var page = await catalog.Endpoints(list.Sql);
        return Listing.Answer(call, "endpoints", [.. page.Items.Select(e => EndpointView.Of(e, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "endpoint");
        var endpoint = new EndpointRow(NewId.Hex(), given.Text("service_id")!, given.Text("interface")!, given.Text("region_id") ?? given.Text("region"), given.Text("url")!, given.Flag("enabled", true), given.Extra(Known), db.Now);
        await Check(endpoint);
        await epoch.Change(Happened.Created("endpoint", endpoint.Id), async () =>
        {
            await MakeRegion(given, endpoint.RegionId);
            await catalog.Insert(endpoint);
        });
        return Answer.Json(("endpoint", EndpointView.Of(endpoint, call)));
    }

    private async Task<Answer> Update(Call call, EndpointRow endpoint)
    {
        var given = Fields.In(call.Json, "endpoint");
        if (given.Text("id") is { } id && id != endpoint.Id) throw Errors.IdMismatch();
        var changed = endpoint with
        {
            ServiceId = given.Text("service_id") ?? endpoint.ServiceId,
            Interface = given.Text("interface") ?? endpoint.Interface,
            RegionId = given.Text("region_id") ?? given.Text("region") ?? endpoint.RegionId,
            Url = given.Text("url") ?? endpoint.Url,
            Enabled = given.Flag("enabled", endpoint.Enabled),
            Extra = given.Extra(Known, endpoint.Extra),
        };
        await Check(changed);
        await epoch.Change(Happened.Updated("endpoint", endpoint.Id), async () =>
        {
            await MakeRegion(given, changed.RegionId);
            await catalog.Update(changed);
        });
        return Answer.Json(("endpoint", EndpointView.Of(changed, call)));
    }

    private async Task<Answer> Delete(Call call, EndpointRow endpoint)
    {
        await epoch.Change(Happened.Deleted("endpoint", endpoint.Id), () => catalog.DeleteEndpoints([endpoint.Id]));
        return Answer.Empty;
    }

    // keystone takes a missing service or region of an endpoint for a fault of the body.
    private async Task Check(EndpointRow endpoint)
    {
        EndpointUrl.RequireKnown(endpoint.Url);
        if (await catalog.Service(endpoint.ServiceId) is null) throw Errors.Invalid($"Could not find service: {endpoint.ServiceId}.");
        if (endpoint.RegionId is { Length: > 255 } region) throw Errors.TooLong(region, "region_id", 255);
    }

    // An older client's "region" comes into being when it is named; a "region_id" must exist.
    private async Task MakeRegion(Fields given, string? region)
    {
        if (region is null || await catalog.Region(region) is not null) return;
        if (given.Has("region_id")) throw Errors.Invalid($"Could not find region: {region}.");
        await catalog.Ensure(new RegionRow(region, "", null, [], db.Now));
    }
}
