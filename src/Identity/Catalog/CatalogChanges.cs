using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;

namespace Nephos.Identity.Catalog;

/// <summary>What both versions of the API do to the catalog.</summary>
internal sealed class CatalogChanges(IdentityDb db, CatalogTable catalog, Epoch epoch)
{
    private static readonly string[] Known = ["name", "type", "enabled"];

    public async Task<ServiceRow> Create(Fields given)
    {
        var service = new ServiceRow(NewId.Hex(), given.Text("type")!, given.Text("name"), given.Flag("enabled", true), given.Extra(Known), db.Now);
        await epoch.Change(Happened.Created("service", service.Id), () => catalog.Insert(service));
        return service;
    }

    public async Task<ServiceRow> Update(ServiceRow service, Fields given)
    {
        if (given.Text("id") is { } id && id != service.Id) throw Errors.IdMismatch();
        var changed = service with { Type = given.Text("type") ?? service.Type, Name = given.Text("name", service.Name), Enabled = given.Flag("enabled", service.Enabled), Extra = given.Extra(Known, service.Extra) };
        await epoch.Change(Happened.Updated("service", service.Id), () => catalog.Update(changed));
        return changed;
    }

    public Task Delete(ServiceRow service) => epoch.Change(Happened.Deleted("service", service.Id), () => catalog.DeleteService(service.Id));

    /// <summary>Endpoints that belong together, and their region if it is new.</summary>
    public Task Create(IReadOnlyList<EndpointRow> endpoints) => epoch.Change(Happened.Created("endpoint", endpoints[0].Id), async () =>
    {
        if (endpoints[0].RegionId is { } region) await catalog.Ensure(new RegionRow(region, "", null, [], db.Now));
        foreach (var endpoint in endpoints) await catalog.Insert(endpoint);
    });

    public Task Delete(IReadOnlyList<EndpointRow> endpoints) => epoch.Change(Happened.Deleted("endpoint", endpoints[0].Id), () => catalog.DeleteEndpoints([.. endpoints.Select(e => e.Id)]));
}
