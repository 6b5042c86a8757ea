using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Tokens;

namespace Nephos.Identity.Assignments;

/// <summary>Which roles somebody has on a project now.</summary>
internal sealed class ProjectRoles(AssignmentTable assignments, ProjectTable projects, EpochCache cache)
{
    public async Task<IReadOnlyList<RoleRow>> Of(string user, ProjectRow project) =>
        EffectiveRoles.OnProject(await assignments.OfUser(user), project.Id, [.. await projects.Above(project)], await (await cache.Now()).Roles);
}
