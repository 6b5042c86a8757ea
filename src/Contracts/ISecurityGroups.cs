namespace Nephos.Contracts;

/// <summary>
/// What Compute's oldest API may ask of Network about security groups: nova's proxies, as they were before clients asked Network
/// themselves. Network's own rules are asked about the caller (<see cref="FaultKind.Forbidden"/>).
/// </summary>
public interface ISecurityGroups
{
    /// <summary>Every group of the caller's project with its rules (the default group is made if it is missing), or of all projects.</summary>
    Task<IReadOnlyList<SecurityGroupFacts>> List(Caller caller, bool allProjects, CancellationToken ct);

    /// <summary>Groups by id that the caller may see, with their rules.</summary>
    Task<IReadOnlyList<SecurityGroupFacts>> Get(Caller caller, IReadOnlyList<Guid> ids, CancellationToken ct);

    /// <summary>Makes a group with the rules every new group has.</summary>
    Task<SecurityGroupFacts> Create(Caller caller, string name, string description, CancellationToken ct);

    /// <summary>Renames a group.</summary>
    Task<SecurityGroupFacts> Update(Caller caller, Guid id, string name, string description, CancellationToken ct);

    /// <summary>Deletes a group.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Conflict"/> when ports use it.</exception>
    Task Delete(Caller caller, Guid id, CancellationToken ct);

    /// <summary>Adds a rule that lets something in.</summary>
    Task<SecurityGroupRuleFacts> AddRule(Caller caller, NewIngressRule rule, CancellationToken ct);

    /// <summary>Deletes a rule; false if there is none that the caller may see.</summary>
    Task<bool> DeleteRule(Caller caller, Guid id, CancellationToken ct);
}

/// <summary>A security group with its rules.</summary>
public sealed record SecurityGroupFacts(Guid Id, string ProjectId, string Name, string Description, IReadOnlyList<SecurityGroupRuleFacts> Rules);

/// <summary>A rule. Ports are null for any.</summary>
public sealed record SecurityGroupRuleFacts(Guid Id, Guid Group, string Direction, string Ethertype, string? Protocol, int? From, int? To, string? Cidr, Guid? RemoteGroup);

/// <summary>A rule that lets something in: from a range, or from members of a group.</summary>
public sealed record NewIngressRule(Guid Group, string Ethertype, string? Protocol, int? From, int? To, string? Cidr, Guid? RemoteGroup);
