using Nephos.Contracts;
using Nephos.Identity.Assignments;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Users;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.VersionTwo;

/// <summary>The role <c>_member_</c> that a user has in its own tenant because it is its own.</summary>
internal sealed class Membership(IdentityDb db, RoleTable roles, AssignmentTable assignments, AssignmentChanges changes)
{
    private const string Name = "_member_";

    /// <summary>As the rules about giving roles see it.</summary>
    public static PolicyTarget Target(ProjectRow tenant) => new()
    {
        ["target.project.id"] = tenant.Id, ["target.project.domain_id"] = tenant.DomainId, ["target.user.domain_id"] = VersionTwo.Domain, ["target.role.name"] = Name, ["target.role.domain_id"] = null,
    };

    /// <summary>Part of a user's change that may have given it another tenant.</summary>
    public async Task Move(UserRow user, string? before)
    {
        if (user.DefaultProjectId == before) return;
        var role = await Role();
        if (before is not null) await changes.Take(new("project", before, "user", user.Id, role, false));
        if (user.DefaultProjectId is { } tenant) await assignments.Add(new("project", tenant, "user", user.Id, role, false));
    }

    private async Task<string> Role()
    {
        if (await roles.ByName(Name) is [var known, ..]) return known.Id;
        var role = new RoleRow(NewId.Hex(), Name, null, null, [], [], db.Now);
        await roles.Insert(role);
        return role.Id;
    }
}
