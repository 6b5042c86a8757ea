using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.Catalog;

/// <summary>/v3/services.</summary>
internal sealed class ServicesApi(CatalogTable catalog, CatalogChanges changes)
{
    private static readonly Schema Service = Schema.Object(("enabled", Shapes.Flag), ("name", Shapes.Name), ("type", Schema.Text(1, 255)));
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("service", Service.Require("type"));
    private static readonly SchemaHistory UpdateBody = Shapes.Enveloped("service", Shapes.Change(Service));

    public void Map(RouteGroup v3)
    {
        v3.Get("/services", List).Guard("identity:list_services").Fails(400);
        v3.Post("/services", Create).Guard("identity:create_service").Body(() => CreateBody).Returns(201);
        var one = v3.Member("/services/{service_id}", new MemberOf<ServiceRow>(c => catalog.Service(c["service_id"]), c => Errors.ServiceNotFound(c["service_id"]), _ => []));
        one.Get("", (call, service) => Task.FromResult(Answer.Json(("service", ServiceView.Of(service, call))))).Guard("identity:get_service");
        one.Patch("", Update).Guard("identity:update_service").Body(() => UpdateBody);
        one.Delete("", Delete).Guard("identity:delete_service");
    }

    private async Task<Answer> List(Call call)
    {
        var page = await catalog.Services(new Listing(call, "identity_services").Texts("type", "name").Sql);
        return Listing.Answer(call, "services", [.. page.Items.Select(s => ServiceView.Of(s, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call) => Answer.Json(("service", ServiceView.Of(await changes.Create(Fields.In(call.Json, "service")), call)));

    private async Task<Answer> Update(Call call, ServiceRow service) => Answer.Json(("service", ServiceView.Of(await changes.Update(service, Fields.In(call.Json, "service")), call)));

    private async Task<Answer> Delete(Call call, ServiceRow service)
    {
        await changes.Delete(service);
        return Answer.Empty;
    }
}
