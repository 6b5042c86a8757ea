using Nephos.Identity.Groups;
using Nephos.Identity.Projects;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Shared;

/// <summary>Things as rules see them.</summary>
internal static class Targets
{
    public static PolicyTarget User(UserRow user) => new()
    {
        ["user_id"] = user.Id, ["target.user.id"] = user.Id, ["target.user.domain_id"] = user.DomainId,
    };

    public static PolicyTarget Group(GroupRow group) => new() { ["target.group.id"] = group.Id, ["target.group.domain_id"] = group.DomainId };

    /// <summary>A project; a domain asked for as a project has no domain above it.</summary>
    public static PolicyTarget Project(ProjectRow project) => new() { ["target.project.id"] = project.Id, ["target.project.domain_id"] = project.DomainId };

    /// <summary>For a list: the domain of the caller's token.</summary>
    public static PolicyTarget Domain(Call call) => call.Caller.DomainId is { } id ? new() { ["target.domain_id"] = id, ["target.domain.id"] = id, ["target.group.domain_id"] = id } : [];
}
