namespace Nephos.Contracts;

/// <summary>What other services may ask of Identity.</summary>
public interface IIdentity
{
    /// <summary>Projects by id; absent ones are left out.</summary>
    Task<IReadOnlyList<ProjectFacts>> Projects(IReadOnlyList<string> ids, CancellationToken ct);

    /// <summary>Users by id; absent ones are left out.</summary>
    Task<IReadOnlyList<UserFacts>> Users(IReadOnlyList<string> ids, CancellationToken ct);

    /// <summary>
    /// The URL of an enabled endpoint of the catalog as it is stored, or null if there is none. One that begins with <see cref="OwnCloud"/>
    /// is of this cloud itself.
    /// </summary>
    Task<string?> Endpoint(string serviceType, string region, string face, CancellationToken ct);

    /// <summary>How much a project may have of each resource of a service, where a limit is registered; -1 is no limit.</summary>
    Task<IReadOnlyDictionary<string, long>> Limits(string serviceType, string project, CancellationToken ct);

    /// <summary>Stands in stored URLs for the place where this cloud is reached.</summary>
    const string OwnCloud = "$(public_url)s";
}

/// <summary>A project.</summary>
public sealed record ProjectFacts(string Id, string Name, string DomainId, bool Enabled);

/// <summary>A user.</summary>
public sealed record UserFacts(string Id, string Name, string DomainId, bool Enabled);
