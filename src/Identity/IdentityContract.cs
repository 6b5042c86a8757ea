using Nephos.Contracts;
using Nephos.Identity.Catalog;
using Nephos.Identity.Limits;
using Nephos.Identity.Projects;
using Nephos.Identity.Users;

namespace Nephos.Identity;

/// <summary>What other services ask of identity.</summary>
internal sealed class IdentityContract(ProjectTable projects, UserTable users, CatalogTable catalog, LimitTable limits) : IIdentity
{
    public async Task<IReadOnlyList<ProjectFacts>> Projects(IReadOnlyList<string> ids, CancellationToken ct) =>
        [.. (await projects.Many(ids)).Select(p => new ProjectFacts(p.Id, p.Name, p.DomainId ?? p.Id, p.Enabled))];

    public async Task<IReadOnlyList<UserFacts>> Users(IReadOnlyList<string> ids, CancellationToken ct) =>
        [.. (await users.Many(ids)).Select(u => new UserFacts(u.Id, u.Name, u.DomainId, u.Enabled))];

    public Task<string?> Endpoint(string serviceType, string region, string face, CancellationToken ct) => catalog.Url(serviceType, region, face);

    public async Task<IReadOnlyDictionary<string, long>> Limits(string serviceType, string project, CancellationToken ct) => await limits.Of(serviceType, project);
}
