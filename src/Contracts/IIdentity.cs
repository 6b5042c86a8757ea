namespace Nephos.Contracts;

/// <summary>What other services may ask of Identity.</summary>
public interface IIdentity
{
    /// <summary>Projects by id; absent ones are left out.</summary>
    Task<IReadOnlyList<ProjectFacts>> Projects(IReadOnlyList<string> ids, CancellationToken ct);

    /// <summary>Users by id; absent ones are left out.</summary>
    Task<IReadOnlyList<UserFacts>> Users(IReadOnlyList<string> ids, CancellationToken ct);
}

/// <summary>A project.</summary>
public sealed record ProjectFacts(string Id, string Name, string DomainId, bool Enabled);

/// <summary>A user.</summary>
public sealed record UserFacts(string Id, string Name, string DomainId, bool Enabled);
