using Nephos.Contracts;
using Nephos.Identity.Projects;
using Nephos.Identity.Users;

namespace Nephos.Identity;

/// <summary>What other services ask of identity.</summary>
internal sealed class IdentityContract(ProjectTable projects, UserTable users) : IIdentity
{
    public async Task<IReadOnlyList<ProjectFacts>> Projects(IReadOnlyList<string> ids, CancellationToken ct) =>
        [.. (await projects.Many(ids)).Select(p => new ProjectFacts(p.Id, p.Name, p.DomainId ?? p.Id, p.Enabled))];

    public async Task<IReadOnlyList<UserFacts>> Users(IReadOnlyList<string> ids, CancellationToken ct) =>
        [.. (await users.Many(ids)).Select(u => new UserFacts(u.Id, u.Name, u.DomainId, u.Enabled))];
}
