using System.Text.Json.Nodes;
using Nephos.Identity.Catalog;
using Nephos.Identity.Projects;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.VersionTwo;

/// <summary>What v2.0 answers about a token.</summary>
internal static class AccessDocument
{
    /// <param name="facts">The token.</param>
    /// <param name="text">As its owner has it.</param>
    /// <param name="tenant">Its tenant, if any.</param>
    /// <param name="root">Root of the cloud's URLs.</param>
    public static JsonObject Of(TokenFacts facts, string text, ProjectRow? tenant, string root)
    {
        var token = new JsonObject
        {
            ["id"] = text, ["expires"] = Wire.Seconds(facts.Token.ExpiresAt), ["issued_at"] = Wire.Microseconds(facts.Token.IssuedAt),
            ["audit_ids"] = new JsonArray(facts.Token.ParentAuditId is { } parent ? [facts.Token.AuditId, parent] : [facts.Token.AuditId]),
        };
        if (tenant is not null) token["tenant"] = new JsonObject { ["id"] = tenant.Id, ["name"] = tenant.Name, ["description"] = tenant.Description, ["enabled"] = tenant.Enabled };
        var access = new JsonObject
        {
            ["token"] = token,
            ["user"] = new JsonObject
            {
                ["id"] = facts.User.Id, ["name"] = facts.User.Name, ["username"] = facts.User.Name, ["roles_links"] = new JsonArray(),
                ["roles"] = new JsonArray([.. facts.Roles.Select(r => new JsonObject { ["name"] = r.Name })]),
            },
            ["metadata"] = new JsonObject { ["is_admin"] = 0, ["roles"] = new JsonArray([.. facts.Roles.Select(r => JsonValue.Create(r.Id))]) },
            ["serviceCatalog"] = tenant is null ? [] : new JsonArray([.. facts.Catalog.Services.Select(s => Service(s, facts, root)).OfType<JsonObject>()]),
        };
        if (facts.Trust is { } trust)
            access["trust"] = new JsonObject { ["id"] = trust.Id, ["trustor_user_id"] = trust.TrustorId, ["trustee_user_id"] = trust.TrusteeId, ["impersonation"] = trust.Impersonation };
        return access;
    }

    /// <summary>Every endpoint of a token's catalog, with the service it is of.</summary>
    public static JsonArray Endpoints(TokenFacts facts, string root) => new([.. facts.Catalog.Services.SelectMany(s => Regions(s, facts, root).Select(endpoint =>
    {
        endpoint["name"] = s.Name ?? "";
        endpoint["type"] = s.Type;
        return endpoint;
    }))]);

    private static JsonObject? Service(CatalogService service, TokenFacts facts, string root) => Regions(service, facts, root).ToArray() is { Length: > 0 } endpoints
        ? new JsonObject { ["name"] = service.Name ?? "", ["type"] = service.Type, ["endpoints"] = new JsonArray(endpoints), ["endpoints_links"] = new JsonArray() } : null;

    /// <summary>One for each region: its faces together.</summary>
    private static IEnumerable<JsonObject> Regions(CatalogService service, TokenFacts facts, string root)
    {
        foreach (var region in service.Endpoints.GroupBy(e => e.RegionId))
        {
            var endpoint = new JsonObject { ["id"] = region.First().Id, ["region"] = region.Key };
            foreach (var face in region)
                if (CatalogOfEpoch.Expand(face.Url, root, facts.Project?.Id, facts.User.Id) is { } url) endpoint[face.Interface + "URL"] = url;
            if (endpoint.Count > 2) yield return endpoint;
        }
    }
}
