using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Flavors;

/// <summary>Which projects may use a flavor that is not public.</summary>
internal sealed class FlavorAccessApi(FlavorTable flavors, IIdentity identity)
{
    public void Map(RouteGroup g)
    {
        var one = g.Member("/flavors/{flavor_id}", FlavorsApi.Unseen(flavors));
        one.Get("/os-flavor-access", List).Policy("os_compute_api:os-flavor-access", Rule.Admin, "List flavor access")
            .Target(call => PolicyTarget.OfProject(call.Caller.ProjectId, call.Caller.UserId));
        one.Action("addTenantAccess", Add).Policy("os_compute_api:os-flavor-access:add_tenant_access", Rule.Admin, "Add flavor access").Body(() => FlavorSchemas.AddAccess).Fails(409);
        one.Action("removeTenantAccess", Remove).Policy("os_compute_api:os-flavor-access:remove_tenant_access", Rule.Admin, "Remove flavor access").Body(() => FlavorSchemas.RemoveAccess).Fails(409);
    }

    private async Task<Answer> List(Call call, Flavor flavor) => flavor.IsPublic ? throw Errors.NoAccessListOfPublic() : await Show(flavor);

    private async Task<Answer> Add(Call call, Flavor flavor)
    {
        var project = await Project(call, "addTenantAccess");
        if (flavor.IsPublic) throw Errors.AccessToPublic();
        try { await flavors.AddAccess(flavor.Id, project); }
        catch (DuplicateKey) { throw Errors.AccessExists(flavor.Id, project); }
        return await Show(flavor);
    }

    private async Task<Answer> Remove(Call call, Flavor flavor)
    {
        var project = await Project(call, "removeTenantAccess");
        return await flavors.RemoveAccess(flavor.Id, project) ? await Show(flavor) : throw Errors.AccessNotFound(flavor.Id, project);
    }

    private async Task<string> Project(Call call, string action)
    {
        var project = call.Json.GetProperty(action).GetProperty("tenant").GetString()!;
        return (await identity.Projects([project], call.Cancel)).Count > 0 ? project : throw Errors.NoSuchProject(project);
    }

    private async Task<Answer> Show(Flavor flavor)
    {
        var projects = await flavors.Access(flavor.Id);
        return Answer.Json(("flavor_access", projects.Select(p => new FlavorAccess(flavor.Id, p))));
    }

    private sealed record FlavorAccess(string FlavorId, string TenantId);
}
