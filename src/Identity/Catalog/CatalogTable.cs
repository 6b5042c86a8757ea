using System.Text.Json;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Catalog;

internal sealed record RegionRow(string Id, string Description, string? ParentRegionId, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt);

internal sealed record ServiceRow(string Id, string Type, string? Name, bool Enabled, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt);

internal sealed record EndpointRow(string Id, string ServiceId, string Interface, string? RegionId, string Url, bool Enabled, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt)
{
    /// <summary>The id that v2.0 knows it by, together with its other faces; null for one that v3 made.</summary>
    public string? LegacyEndpointId { get; init; }
}

internal sealed class CatalogTable(IdentityDb db)
{
    public async Task<CatalogOfEpoch> Load()
    {
        var services = await db.Query<ServiceRow>($"SELECT * FROM identity_services WHERE enabled = TRUE ORDER BY created_at, id");
        var endpoints = (await db.Query<EndpointRow>($"SELECT * FROM identity_endpoints WHERE enabled = TRUE ORDER BY created_at, id")).ToLookup(e => e.ServiceId, StringComparer.Ordinal);
        return new([.. services.Select(s => new CatalogService(s.Id, s.Type, s.Name, [.. endpoints[s.Id].Select(e => new CatalogEndpoint(e.Id, e.Interface, e.RegionId, e.Url))]))],
            await db.Scalar<bool>($"SELECT (SELECT COUNT(*) FROM identity_project_endpoints) + (SELECT COUNT(*) FROM identity_project_endpoint_groups) > 0"));
    }

    public Task<List<EndpointRow>> AllEndpoints() => db.Query<EndpointRow>($"SELECT * FROM identity_endpoints ORDER BY created_at, id");

    public Task<RegionRow?> Region(string id) => db.One<RegionRow>($"SELECT * FROM identity_regions WHERE id = {id}");
    public Task<ServiceRow?> Service(string id) => db.One<ServiceRow>($"SELECT * FROM identity_services WHERE id = {id}");
    public Task<EndpointRow?> Endpoint(string id) => db.One<EndpointRow>($"SELECT * FROM identity_endpoints WHERE id = {id}");
    public Task<ServiceRow?> ServiceOf(string type, string name) => db.One<ServiceRow>($"SELECT * FROM identity_services WHERE type = {type} AND name = {name}");
    public Task<string?> Url(string type, string region, string kind) => db.One<string>($"""
        SELECT e.url FROM identity_endpoints e JOIN identity_services s ON s.id = e.service_id
        WHERE s.type = {type} AND e.region_id = {region} AND e.interface = {kind} AND s.enabled = TRUE AND e.enabled = TRUE ORDER BY e.created_at, e.id
        """);
    public Task<bool> HasEndpoint(string service, string kind, string region) =>
        db.Scalar<bool>($"SELECT COUNT(*) > 0 FROM identity_endpoints WHERE service_id = {service} AND interface = {kind} AND region_id = {region}");
    public Task<bool> RegionIsUsed(string id) => db.Scalar<bool>($"""
        WITH RECURSIVE down (id) AS (
          SELECT id FROM identity_regions WHERE id = {id} UNION SELECT r.id FROM identity_regions r JOIN down d ON r.parent_region_id = d.id
        ) SELECT COUNT(*) > 0 FROM identity_endpoints WHERE region_id IN (SELECT id FROM down)
        """);
    public Task<List<string>> RegionsBelow(string id) => db.Query<string>($"""
        WITH RECURSIVE down (id) AS (
          SELECT id FROM identity_regions WHERE id = {id} UNION SELECT r.id FROM identity_regions r JOIN down d ON r.parent_region_id = d.id
        ) SELECT id FROM down
        """);
    public Task<Page<RegionRow>> Regions(ListSql list) => db.Page<RegionRow>(list);
    public Task<Page<ServiceRow>> Services(ListSql list) => db.Page<ServiceRow>(list);
    public Task<Page<EndpointRow>> Endpoints(ListSql list) => db.Page<EndpointRow>(list);

    /// <summary>Makes a region that an older client names without having made it.</summary>
    public Task Ensure(RegionRow r) => db.Execute($"""
        INSERT INTO identity_regions (id, description, parent_region_id, extra, created_at) VALUES ({r.Id}, {r.Description}, {r.ParentRegionId}, {Sql.Json(r.Extra)}, {r.CreatedAt}) ON CONFLICT DO NOTHING
        """);
    public Task Insert(RegionRow r) => db.Execute($"""
        INSERT INTO identity_regions (id, description, parent_region_id, extra, created_at) VALUES ({r.Id}, {r.Description}, {r.ParentRegionId}, {Sql.Json(r.Extra)}, {r.CreatedAt})
        """);
    public Task Update(RegionRow r) =>
        db.Execute($"UPDATE identity_regions SET description = {r.Description}, parent_region_id = {r.ParentRegionId}, extra = {Sql.Json(r.Extra)} WHERE id = {r.Id}");
    public Task DeleteRegions(IReadOnlyList<string> ids) => db.Execute($"DELETE FROM identity_regions WHERE id IN {ids}");

    public Task Insert(ServiceRow s) => db.Execute($"""
        INSERT INTO identity_services (id, type, name, enabled, extra, created_at) VALUES ({s.Id}, {s.Type}, {s.Name}, {s.Enabled}, {Sql.Json(s.Extra)}, {s.CreatedAt})
        """);
    public Task Update(ServiceRow s) => db.Execute($"UPDATE identity_services SET type = {s.Type}, name = {s.Name}, enabled = {s.Enabled}, extra = {Sql.Json(s.Extra)} WHERE id = {s.Id}");
    public Task DeleteService(string id) => db.Execute($"DELETE FROM identity_services WHERE id = {id}");

    public Task Insert(EndpointRow e) => db.Execute($"""
        INSERT INTO identity_endpoints (id, service_id, interface, region_id, url, enabled, extra, created_at, legacy_endpoint_id)
        VALUES ({e.Id}, {e.ServiceId}, {e.Interface}, {e.RegionId}, {e.Url}, {e.Enabled}, {Sql.Json(e.Extra)}, {e.CreatedAt}, {e.LegacyEndpointId})
        """);
    public Task Update(EndpointRow e) => db.Execute($"""
        UPDATE identity_endpoints SET service_id = {e.ServiceId}, interface = {e.Interface}, region_id = {e.RegionId}, url = {e.Url}, enabled = {e.Enabled}, extra = {Sql.Json(e.Extra)} WHERE id = {e.Id}
        """);
    public Task DeleteEndpoints(IReadOnlyList<string> ids) => db.Execute($"DELETE FROM identity_endpoints WHERE id IN {ids}");
}
