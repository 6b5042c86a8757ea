using Nephos.Kernel.Data;

namespace Nephos.Identity.Limits;

/// <summary>A resource that can be limited, with the limit everybody has.</summary>
internal sealed record RegisteredLimitRow(string Id, string ServiceId, string? RegionId, string ResourceName, long DefaultLimit, string? Description, DateTimeOffset CreatedAt);

/// <summary>Another limit for one project or domain, with what is limited.</summary>
internal sealed record LimitRow(string Id, string RegisteredLimitId, string? ProjectId, string? DomainId, long ResourceLimit, string? Description, DateTimeOffset CreatedAt,
    string ServiceId, string? RegionId, string ResourceName);

internal sealed class LimitTable(IdentityDb db)
{
    /// <summary>Limits with what they limit, for lists.</summary>
    public const string Joined = """
        (SELECT l.id, l.registered_limit_id, l.project_id, l.domain_id, l.resource_limit, l.description, l.created_at, r.service_id, r.region_id, r.resource_name
         FROM identity_limits l JOIN identity_registered_limits r ON r.id = l.registered_limit_id) AS limits
        """;

    public Task<RegisteredLimitRow?> Registered(string id) => db.One<RegisteredLimitRow>($"SELECT * FROM identity_registered_limits WHERE id = {id}");

    public Task<RegisteredLimitRow?> Registered(string service, string? region, string resource) => db.One<RegisteredLimitRow>($"""
        SELECT * FROM identity_registered_limits WHERE service_id = {service} AND region_id IS NOT DISTINCT FROM {region} AND resource_name = {resource}
        """);

    public Task<Page<RegisteredLimitRow>> ListRegistered(ListSql list) => db.Page<RegisteredLimitRow>(list);

    /// <summary>What a project may have of a service's resources: its own limits, else everybody's; those of a region go before those of all.</summary>
    public async Task<Dictionary<string, long>> Of(string serviceType, string project)
    {
        var found = await db.Query<(string Resource, long Limit)>($"""
            SELECT r.resource_name, COALESCE(l.resource_limit, r.default_limit) FROM identity_registered_limits r
            JOIN identity_services s ON s.id = r.service_id
            LEFT JOIN identity_limits l ON l.registered_limit_id = r.id AND l.project_id = {project}
            WHERE s.type = {serviceType} ORDER BY r.region_id NULLS FIRST
            """);
        var limits = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (resource, limit) in found) limits[resource] = limit;
        return limits;
    }

    public Task<bool> IsUsed(string registered) => db.Scalar<bool>($"SELECT COUNT(*) > 0 FROM identity_limits WHERE registered_limit_id = {registered}");

    public Task Insert(RegisteredLimitRow r) => db.Execute($"""
        INSERT INTO identity_registered_limits (id, service_id, region_id, resource_name, default_limit, description, created_at)
        VALUES ({r.Id}, {r.ServiceId}, {r.RegionId}, {r.ResourceName}, {r.DefaultLimit}, {r.Description}, {r.CreatedAt})
        """);

    public Task Update(RegisteredLimitRow r) => db.Execute($"""
        UPDATE identity_registered_limits SET service_id = {r.ServiceId}, region_id = {r.RegionId}, resource_name = {r.ResourceName}, default_limit = {r.DefaultLimit}, description = {r.Description} WHERE id = {r.Id}
        """);

    public Task DeleteRegistered(string id) => db.Execute($"DELETE FROM identity_registered_limits WHERE id = {id}");

    public Task<LimitRow?> Find(string id) => db.One<LimitRow>($"SELECT * FROM {Sql.Raw(Joined)} WHERE id = {id}");

    public Task<long?> OfDomain(string registered, string domain) =>
        db.Scalar<long?>($"SELECT resource_limit FROM identity_limits WHERE registered_limit_id = {registered} AND domain_id = {domain}");

    /// <summary>The largest that a project of a domain has (-1, which is no limit, is larger than all); null if none has any.</summary>
    public Task<long?> LargestBelow(string registered, string domain) => db.Scalar<long?>($"""
        SELECT resource_limit FROM identity_limits WHERE registered_limit_id = {registered} AND project_id IN (SELECT id FROM identity_projects WHERE domain_id = {domain})
        ORDER BY CASE WHEN resource_limit < 0 THEN 0 ELSE 1 END, resource_limit DESC LIMIT 1
        """);

    public Task<Page<LimitRow>> List(ListSql list) => db.Page<LimitRow>(list);

    public Task Insert(LimitRow l) => db.Execute($"""
        INSERT INTO identity_limits (id, registered_limit_id, project_id, domain_id, resource_limit, description, created_at)
        VALUES ({l.Id}, {l.RegisteredLimitId}, {l.ProjectId}, {l.DomainId}, {l.ResourceLimit}, {l.Description}, {l.CreatedAt})
        """);

    public Task Update(LimitRow l) => db.Execute($"UPDATE identity_limits SET resource_limit = {l.ResourceLimit}, description = {l.Description} WHERE id = {l.Id}");

    public Task Delete(string id) => db.Execute($"DELETE FROM identity_limits WHERE id = {id}");

    public Task DeleteOfProjects(IReadOnlyList<string> projects) => db.Execute($"DELETE FROM identity_limits WHERE project_id IN {projects}");

    public Task DeleteOfDomain(string domain) => db.Execute($"DELETE FROM identity_limits WHERE domain_id = {domain}");
}
