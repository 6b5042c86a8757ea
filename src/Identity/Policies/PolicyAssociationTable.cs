using Nephos.Identity.Catalog;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Policies;

/// <summary>What a policy is for: an endpoint; or a service, everywhere or in a region and those below it.</summary>
internal sealed record PolicyPlace(string? Endpoint, string? Service, string? Region);

internal sealed class PolicyAssociationTable(IdentityDb db)
{
    /// <summary>Makes a policy that of a place, instead of another.</summary>
    public async Task Put(string policy, PolicyPlace place)
    {
        await db.Execute($"DELETE FROM identity_policy_associations WHERE {At(place)}");
        await db.Execute($"INSERT INTO identity_policy_associations (policy_id, endpoint_id, service_id, region_id) VALUES ({policy}, {place.Endpoint}, {place.Service}, {place.Region})");
    }

    public Task<bool> Has(string policy, PolicyPlace place) => db.Scalar<bool>($"SELECT COUNT(*) > 0 FROM identity_policy_associations WHERE policy_id = {policy} AND {At(place)}");

    public Task<bool> Delete(string policy, PolicyPlace place) => db.Changed($"DELETE FROM identity_policy_associations WHERE policy_id = {policy} AND {At(place)}");

    /// <summary>Endpoints that a policy is for.</summary>
    public Task<List<EndpointRow>> Endpoints(string policy) => db.Query<EndpointRow>($"""
        WITH RECURSIVE down (service_id, region_id) AS (
          SELECT service_id, region_id FROM identity_policy_associations WHERE policy_id = {policy} AND region_id IS NOT NULL
          UNION SELECT d.service_id, r.id FROM identity_regions r JOIN down d ON r.parent_region_id = d.region_id
        )
        SELECT e.* FROM identity_endpoints e
        WHERE e.id IN (SELECT endpoint_id FROM identity_policy_associations WHERE policy_id = {policy} AND endpoint_id IS NOT NULL)
          OR e.service_id IN (SELECT service_id FROM identity_policy_associations WHERE policy_id = {policy} AND endpoint_id IS NULL AND region_id IS NULL)
          OR EXISTS (SELECT 1 FROM down d WHERE d.service_id = e.service_id AND d.region_id = e.region_id)
        ORDER BY e.created_at, e.id
        """);

    /// <summary>The policy of an endpoint: its own, else that of its service in the nearest region, else of its service.</summary>
    public Task<PolicyRow?> Of(EndpointRow endpoint) => db.One<PolicyRow>($"""
        WITH RECURSIVE up (region_id, distance) AS (
          SELECT id, 1 FROM identity_regions WHERE id = {endpoint.RegionId}
          UNION ALL SELECT r.parent_region_id, u.distance + 1 FROM identity_regions r JOIN up u ON r.id = u.region_id WHERE r.parent_region_id IS NOT NULL
        )
        SELECT p.* FROM identity_policy_associations a JOIN identity_policies p ON p.id = a.policy_id LEFT JOIN up u ON u.region_id = a.region_id
        WHERE a.endpoint_id = {endpoint.Id} OR a.service_id = {endpoint.ServiceId} AND (a.region_id IS NULL OR u.region_id IS NOT NULL)
        ORDER BY CASE WHEN a.endpoint_id IS NOT NULL THEN 0 WHEN a.region_id IS NULL THEN 1000000 ELSE u.distance END LIMIT 1
        """);

    private static SqlText At(PolicyPlace place) =>
        $"endpoint_id IS NOT DISTINCT FROM {place.Endpoint} AND service_id IS NOT DISTINCT FROM {place.Service} AND region_id IS NOT DISTINCT FROM {place.Region}";
}
