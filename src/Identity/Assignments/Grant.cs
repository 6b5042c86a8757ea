using Nephos.Identity.Groups;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Identity.Users;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Assignments;

/// <summary>A role for an actor on a target, as a path names it. Each part may be missing until the rules were asked.</summary>
internal sealed record Grant(ProjectRow? Target, UserRow? User, GroupRow? Group, RoleRow? Role)
{
    /// <summary>Everything that is there, as rules see it.</summary>
    public PolicyTarget ForRules()
    {
        var all = new PolicyTarget();
        if (User is not null) Add(all, Targets.User(User));
        if (Group is not null) Add(all, Targets.Group(Group));
        if (Target is { IsDomain: true }) all["target.domain.id"] = Target.Id;
        else if (Target is not null) Add(all, Targets.Project(Target));
        if (Role is not null) Add(all, RolesApi.Target(Role));
        return all;
    }

    /// <exception cref="Contracts.Fault">403 for a role of another domain than the target's.</exception>
    public void RequireOneDomain()
    {
        if (Role!.DomainId is { } domain && (Target!.IsDomain ? Target.Id : Target.DomainId) != domain) throw Errors.RoleDomainMismatch(Target.Id, Role.Id);
    }

    private static void Add(PolicyTarget all, PolicyTarget part)
    {
        foreach (var (key, value) in part) all[key] = value;
    }
}
