using Nephos.Identity.Tokens;
using Nephos.Kernel.Data;

namespace Nephos.Identity.ApplicationCredentials;

/// <summary>A secret of a user's that logs in to one project with some of the user's roles. <see cref="RestrictedPaths"/>: only what its access rules name.</summary>
internal sealed record ApplicationCredentialRow(string Id, string Name, string UserId, string ProjectId, string? Description, string SecretHash, DateTimeOffset? ExpiresAt,
    bool Unrestricted, bool RestrictedPaths, DateTimeOffset CreatedAt);

internal sealed record AccessRuleRow(string Id, string UserId, string Service, string Method, string Path);

internal sealed class ApplicationCredentialTable(IdentityDb db)
{
    public Task<ApplicationCredentialRow?> Find(string id) => db.One<ApplicationCredentialRow>($"SELECT * FROM identity_application_credentials WHERE id = {id}");

    public Task<ApplicationCredentialRow?> ByName(string user, string name) =>
        db.One<ApplicationCredentialRow>($"SELECT * FROM identity_application_credentials WHERE user_id = {user} AND name = {name}");

    public Task<Page<ApplicationCredentialRow>> List(ListSql list) => db.Page<ApplicationCredentialRow>(list);

    public Task<List<(string Credential, string Role)>> Roles(IReadOnlyList<string> ids) => db.Query<(string, string)>($"""
        SELECT application_credential_id, role_id FROM identity_application_credential_roles WHERE application_credential_id IN {ids} ORDER BY application_credential_id, role_id
        """);

    public Task<List<(string Credential, string Id, string Service, string Method, string Path)>> Rules(IReadOnlyList<string> ids) => db.Query<(string, string, string, string, string)>($"""
        SELECT x.application_credential_id, r.id, r.service, r.method, r.path FROM identity_application_credential_rules x JOIN identity_access_rules r ON r.id = x.access_rule_id
        WHERE x.application_credential_id IN {ids} ORDER BY r.id
        """);

    public async Task<IReadOnlyList<AccessRuleFacts>> RulesOf(string id) => [.. (await Rules([id])).Select(r => new AccessRuleFacts(r.Id, r.Service, r.Method, r.Path))];

    public async Task Insert(ApplicationCredentialRow c, IEnumerable<string> roles, IEnumerable<string> rules)
    {
        await db.Execute($"""
            INSERT INTO identity_application_credentials (id, name, user_id, project_id, description, secret_hash, expires_at, unrestricted, restricted_paths, created_at)
            VALUES ({c.Id}, {c.Name}, {c.UserId}, {c.ProjectId}, {c.Description}, {c.SecretHash}, {c.ExpiresAt}, {c.Unrestricted}, {c.RestrictedPaths}, {c.CreatedAt})
            """);
        foreach (var role in roles) await db.Execute($"INSERT INTO identity_application_credential_roles (application_credential_id, role_id) VALUES ({c.Id}, {role})");
        foreach (var rule in rules.Distinct()) await db.Execute($"INSERT INTO identity_application_credential_rules (application_credential_id, access_rule_id) VALUES ({c.Id}, {rule})");
    }

    public Task Delete(string id) => db.Execute($"DELETE FROM identity_application_credentials WHERE id = {id}");

    public Task DeleteOfUsers(IReadOnlyList<string> users) => db.Execute($"DELETE FROM identity_application_credentials WHERE user_id IN {users}");

    /// <summary>Deletes those of a user on a project: the user has no more roles there.</summary>
    public Task DeleteOfProject(string user, string project) =>
        db.Execute($"DELETE FROM identity_application_credentials WHERE user_id = {user} AND project_id = {project}");

    public Task<AccessRuleRow?> Rule(string id) => db.One<AccessRuleRow>($"SELECT * FROM identity_access_rules WHERE id = {id}");

    public Task<AccessRuleRow?> SameRule(string user, string service, string method, string path) => db.One<AccessRuleRow>($"""
        SELECT * FROM identity_access_rules WHERE user_id = {user} AND service = {service} AND method = {method} AND path = {path}
        """);

    public Task<Page<AccessRuleRow>> ListRules(ListSql list) => db.Page<AccessRuleRow>(list);

    public Task InsertRule(AccessRuleRow r) => db.Execute($"""
        INSERT INTO identity_access_rules (id, user_id, service, method, path) VALUES ({r.Id}, {r.UserId}, {r.Service}, {r.Method}, {r.Path})
        """);

    /// <summary>False while a credential uses it.</summary>
    public Task<bool> DeleteRule(string id) => db.Changed($"""
        DELETE FROM identity_access_rules WHERE id = {id} AND NOT EXISTS (SELECT 1 FROM identity_application_credential_rules WHERE access_rule_id = {id})
        """);
}
