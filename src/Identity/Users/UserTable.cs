using System.Text.Json;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Users;

internal sealed record UserRow(string Id, string Name, string DomainId, bool Enabled, string? DefaultProjectId, string? PasswordHash, DateTimeOffset? PasswordExpiresAt,
    [Json] Dictionary<string, JsonElement> Options, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt)
{
    public DateTimeOffset? PasswordChangedAt { get; init; }
    /// <summary>True if the user chose the password.</summary>
    public bool PasswordSelfService { get; init; }
    public DateTimeOffset? LastActiveAt { get; init; }

    public bool HasOption(string name) => Options.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.True;
}

/// <summary>A user with its domain, as validating a token needs it.</summary>
internal sealed record UserFactsRow(string Id, string Name, string DomainId, bool Enabled, DateTimeOffset? PasswordExpiresAt, string DomainName, bool DomainEnabled);

internal sealed class UserTable(IdentityDb db)
{
    public Task<UserRow?> Find(string id) => db.One<UserRow>($"SELECT * FROM identity_users WHERE id = {id}");

    public Task<UserRow?> ByName(string domain, string name) => db.One<UserRow>($"SELECT * FROM identity_users WHERE domain_id = {domain} AND name = {name}");

    public Task<List<UserRow>> Many(IReadOnlyList<string> ids) => db.Query<UserRow>($"SELECT * FROM identity_users WHERE id IN {ids}");

    public Task<UserFactsRow?> Facts(string id) => db.One<UserFactsRow>($"""
        SELECT u.id, u.name, u.domain_id, u.enabled, u.password_expires_at, d.name AS domain_name, d.enabled AS domain_enabled
        FROM identity_users u JOIN identity_projects d ON d.id = u.domain_id WHERE u.id = {id}
        """);

    public Task<Page<UserRow>> List(ListSql list) => db.Page<UserRow>(list);

    public Task Insert(UserRow u) => db.Execute($"""
        INSERT INTO identity_users (id, name, domain_id, enabled, default_project_id, password_hash, password_expires_at, password_changed_at, password_self_service, options, extra, created_at)
        VALUES ({u.Id}, {u.Name}, {u.DomainId}, {u.Enabled}, {u.DefaultProjectId}, {u.PasswordHash}, {u.PasswordExpiresAt}, {u.PasswordChangedAt}, {u.PasswordSelfService}, {Sql.Json(u.Options)}, {Sql.Json(u.Extra)}, {u.CreatedAt})
        """);

    /// <summary>Everything but the password.</summary>
    public Task Update(UserRow u) => db.Execute($"""
        UPDATE identity_users SET name = {u.Name}, enabled = {u.Enabled}, default_project_id = {u.DefaultProjectId}, options = {Sql.Json(u.Options)}, extra = {Sql.Json(u.Extra)} WHERE id = {u.Id}
        """);

    public Task SetPassword(UserRow u) => db.Execute($"""
        UPDATE identity_users SET password_hash = {u.PasswordHash}, password_expires_at = {u.PasswordExpiresAt}, password_changed_at = {u.PasswordChangedAt},
          password_self_service = {u.PasswordSelfService} WHERE id = {u.Id}
        """);

    /// <summary>Replaces the hash of a password by a better one of the same password, unless the password was changed meanwhile.</summary>
    public Task Rehash(string id, string from, string to) => db.Execute($"UPDATE identity_users SET password_hash = {to} WHERE id = {id} AND password_hash = {from}");

    public Task Saw(string id) => db.Execute($"UPDATE identity_users SET last_active_at = {db.Now} WHERE id = {id}");

    public Task<List<UserRow>> NotSeenSince(DateTimeOffset time) =>
        db.Query<UserRow>($"SELECT * FROM identity_users WHERE enabled = TRUE AND COALESCE(last_active_at, created_at) < {time} ORDER BY created_at, id");

    public Task Disable(string id) => db.Execute($"UPDATE identity_users SET enabled = FALSE WHERE id = {id}");

    public Task Delete(IReadOnlyList<string> ids) => db.Execute($"DELETE FROM identity_users WHERE id IN {ids}");

    public Task<List<string>> OfDomain(string domain) => db.Query<string>($"SELECT id FROM identity_users WHERE domain_id = {domain}");

    /// <summary>Users whose default project goes away lose it.</summary>
    public Task ForgetDefaultProjects(IReadOnlyList<string> projects) =>
        db.Execute($"UPDATE identity_users SET default_project_id = {(string?)null} WHERE default_project_id IN {projects}");
}
