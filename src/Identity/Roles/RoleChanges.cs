using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Roles;

/// <summary>What both versions of the API do to roles.</summary>
internal sealed class RoleChanges(IdentityDb db, RoleTable roles, Epoch epoch)
{
    private static readonly string[] Known = ["name", "domain_id", "description", "options"];

    public async Task<RoleRow> Create(Fields given)
    {
        var role = new RoleRow(NewId.Hex(), given.Text("name")!.Trim(), given.Text("domain_id"), given.Text("description"), given.Options(), given.Extra(Known), db.Now);
        try { await epoch.Change(Happened.Created("role", role.Id), () => roles.Insert(role)); }
        catch (DuplicateKey) { throw Errors.NameTaken("role", role.Name, role.DomainId); }
        return role;
    }

    public async Task<RoleRow> Update(RoleRow role, Fields given)
    {
        if (given.Text("id") is { } id && id != role.Id) throw Errors.IdMismatch();
        if (given.Has("domain_id") && given.Text("domain_id") != role.DomainId) throw Errors.DomainMismatch();
        var options = given.Options(role.Options);
        if (IsImmutable(role.Options) && IsImmutable(options)) throw Errors.Immutable("role", role.Id);
        var changed = role with { Name = given.Text("name")?.Trim() ?? role.Name, Description = given.Text("description", role.Description), Options = options, Extra = given.Extra(Known, role.Extra) };
        try { await epoch.Change(Happened.Updated("role", role.Id), () => roles.Update(changed)); }
        catch (DuplicateKey) { throw Errors.NameTaken("role", changed.Name, role.DomainId); }
        return changed;
    }

    public async Task Delete(RoleRow role)
    {
        if (IsImmutable(role.Options)) throw Errors.ImmutableDelete("role", role.Id);
        await epoch.Change(Happened.Deleted("role", role.Id), () => roles.Delete(role.Id));
    }

    private static bool IsImmutable(Dictionary<string, JsonElement> options) => options.TryGetValue("immutable", out var value) && value.ValueKind == JsonValueKind.True;
}
