using Nephos.Identity.Catalog;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.VersionTwo;

/// <summary>/v2.0/OS-KSADM/services.</summary>
internal sealed class ServicesApi(CatalogTable catalog, CatalogChanges changes)
{
    private const string One = "OS-KSADM:service";

    public void Map(RouteGroup v2)
    {
        v2.Get("/OS-KSADM/services", List).Guard("identity:list_services").Fails(400);
        v2.Post("/OS-KSADM/services", Create).Guard("identity:create_service").Body(() => Bodies.Service);
        var one = v2.Member("/OS-KSADM/services/{service_id}", new MemberOf<ServiceRow>(c => catalog.Service(c["service_id"]), c => Errors.ServiceNotFound(c["service_id"]), _ => []));
        one.Get("", (_, service) => Task.FromResult(Shown(service))).Guard("identity:get_service");
        one.Delete("", Delete).Guard("identity:delete_service");
    }

    private async Task<Answer> List(Call call)
    {
        var page = await catalog.Services(new Listing(call, "identity_services").Sql);
        return Answer.Json((One + "s", page.Items.Select(ServiceView.Of)), (One + "s_links", Array.Empty<object>()));
    }

    private async Task<Answer> Create(Call call) => Shown(await changes.Create(Fields.In(call.Json, One)));

    private async Task<Answer> Delete(Call call, ServiceRow service)
    {
        await changes.Delete(service);
        return Answer.Empty;
    }

    private static Answer Shown(ServiceRow service) => Answer.Json((One, ServiceView.Of(service)));
}
