using Nephos.Identity.Catalog;

namespace Nephos.Identity.EndpointFilters;

/// <summary>Which endpoints a project sees. A project without any filter sees all.</summary>
internal sealed class EndpointFilter(EndpointFilterTable table, CatalogTable catalog)
{
    /// <summary>Endpoints of a project by its filters; null when it has none.</summary>
    public async Task<List<EndpointRow>?> Of(string project)
    {
        var direct = await table.EndpointsOfProject(project);
        var groups = await table.GroupsOfProject(project);
        if (direct.Count == 0 && groups.Count == 0) return null;
        return (await catalog.AllEndpoints()).FindAll(e => direct.Contains(e.Id) || groups.Exists(g => Matches(e, g)));
    }

    public async Task<List<EndpointRow>> InGroup(EndpointGroupRow group) => (await catalog.AllEndpoints()).FindAll(e => Matches(e, group));

    /// <summary>The catalog of a project.</summary>
    public async Task<CatalogOfEpoch> For(string? project, CatalogOfEpoch all)
    {
        if (project is null || !all.HasFilters || await Of(project) is not { } seen) return all;
        var ids = seen.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        // A service of which nothing is seen is not shown either.
        return all with { Services = [.. all.Services.Select(s => s with { Endpoints = [.. s.Endpoints.Where(e => ids.Contains(e.Id))] }).Where(s => s.Endpoints.Count > 0)] };
    }

    private static bool Matches(EndpointRow endpoint, EndpointGroupRow group) => group.Filters.All(f => f.Key switch
    {
        "service_id" => endpoint.ServiceId == f.Value,
        "region_id" => endpoint.RegionId == f.Value,
        _ => endpoint.Interface == f.Value,
    });
}
