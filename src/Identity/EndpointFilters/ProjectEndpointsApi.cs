using Nephos.Identity.Catalog;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Identity.EndpointFilters;

/// <summary>/v3/OS-EP-FILTER/projects/{id}/endpoints: endpoints given to projects one by one.</summary>
internal sealed class ProjectEndpointsApi(EndpointFilterTable table, EndpointFilter filter, ProjectTable projects, CatalogTable catalog, Epoch epoch)
{
    private sealed record Pair(EndpointRow? Endpoint, ProjectRow? Project);

    public void Map(RouteGroup v3)
    {
        var all = v3.Group("/OS-EP-FILTER");
        all.Member("/projects/{project_id}", ProjectsApi.Member(projects)).Get("/endpoints", OfProject).Guard("identity:list_endpoints_for_project");
        all.Member("/endpoints/{endpoint_id}", EndpointsApi.Member(catalog))
            .Get("/projects", OfEndpoint).Guard("identity:list_projects_for_endpoint");
        var pair = all.Member("/projects/{project_id}/endpoints/{endpoint_id}", new MemberOf<Pair>(
            async c => new(await catalog.Endpoint(c["endpoint_id"]), await projects.Find(c["project_id"])), c => Errors.EndpointNotFound(c["endpoint_id"]), _ => []));
        pair.Get("", Check).Guard("identity:check_endpoint_in_project").Returns(204);
        pair.Put("", Add).Guard("identity:add_endpoint_to_project").Returns(204).Fails(409);
        pair.Delete("", Remove).Guard("identity:remove_endpoint_from_project");
    }

    private async Task<Answer> OfProject(Call call, ProjectRow project) =>
        Listing.Answer(call, "endpoints", [.. (await filter.Of(project.Id) ?? []).Select(e => EndpointView.Of(e, call))]);

    private async Task<Answer> OfEndpoint(Call call, EndpointRow endpoint)
    {
        var rows = await projects.Many(await table.ProjectsOfEndpoint(endpoint.Id));
        var tags = await projects.Tags([.. rows.Select(p => p.Id)]);
        return Listing.Answer(call, "projects", [.. rows.Select(p => ProjectView.Of(p, tags[p.Id], call))]);
    }

    private async Task<Answer> Check(Call call, Pair pair)
    {
        var (endpoint, project) = Both(call, pair);
        return await table.HasEndpoint(endpoint, project) ? Answer.Empty : throw Errors.EndpointNotInProject(endpoint, project);
    }

    private async Task<Answer> Add(Call call, Pair pair)
    {
        var (endpoint, project) = Both(call, pair);
        try { await epoch.Change(() => table.AddEndpoint(endpoint, project)); }
        catch (DuplicateKey) { throw Errors.DuplicateEntry("project_endpoint"); }
        return Answer.Empty;
    }

    private async Task<Answer> Remove(Call call, Pair pair)
    {
        var (endpoint, project) = Both(call, pair);
        return await epoch.Change(() => table.RemoveEndpoint(endpoint, project)) ? Answer.Empty : throw Errors.EndpointNotInProject(endpoint, project);
    }

    private static (string Endpoint, string Project) Both(Call call, Pair pair) =>
        (pair.Endpoint?.Id ?? throw Errors.EndpointNotFound(call["endpoint_id"]), pair.Project?.Id ?? throw Errors.ProjectNotFound(call["project_id"]));
}
