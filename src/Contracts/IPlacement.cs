namespace Nephos.Contracts;

/// <summary>
/// What other services may ask of placement. Every call may be repeated. A consumer released at an epoch stays refused for that and
/// lower epochs, so that a late claim of a dead operation cannot leak an allocation.
/// </summary>
public interface IPlacement
{
    /// <summary>Makes a provider so, with its inventories and traits; raises its generation only when something changed.</summary>
    Task EnsureProvider(ProviderSpec provider, CancellationToken ct);

    /// <summary>Providers that can hold the request, most suitable first by no rule but the id.</summary>
    Task<IReadOnlyList<Candidate>> Candidates(CandidateQuery query, CancellationToken ct);

    /// <summary>Why each provider that is not a candidate is none: class, asked, free, ratio, reserved, or the trait that is missing.</summary>
    Task<IReadOnlyList<Refusal>> Explain(CandidateQuery query, CancellationToken ct);

    /// <summary>Claims for a consumer; the same claim again gets the same answer. False when it no longer fits.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Conflict"/> when the consumer was released at this epoch or a later one.</exception>
    Task<bool> Claim(ClaimRequest request, CancellationToken ct);

    /// <summary>Gives everything of a consumer back and leaves a tombstone with the epoch.</summary>
    Task Release(Guid consumer, long epoch, CancellationToken ct);

    /// <summary>Capacity and use of providers by class.</summary>
    Task<IReadOnlyList<ProviderUsage>> Usage(IReadOnlyList<Guid> providers, CancellationToken ct);
}

/// <summary>A resource provider.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="Name">Host name.</param>
/// <param name="Inventories">By resource class: <c>VCPU</c>, <c>MEMORY_MB</c>, <c>DISK_GB</c>.</param>
/// <param name="Traits">Names, <c>COMPUTE_...</c>; unknown custom ones are created.</param>
public sealed record ProviderSpec(Guid Id, string Name, IReadOnlyDictionary<string, Inventory> Inventories, IReadOnlyList<string> Traits);

/// <summary>How much of a class a provider has. Capacity is (total - reserved) x ratio.</summary>
public sealed record Inventory(long Total, long Reserved = 0, double Ratio = 1.0, long MinUnit = 1, long MaxUnit = int.MaxValue, long StepSize = 1);

/// <summary>A question for candidates.</summary>
/// <param name="Resources">Amounts by class.</param>
/// <param name="Required">Traits it must have.</param>
/// <param name="Forbidden">Traits it must not have.</param>
/// <param name="Limit">At most so many.</param>
public sealed record CandidateQuery(IReadOnlyDictionary<string, long> Resources, IReadOnlyList<string> Required, IReadOnlyList<string> Forbidden, int Limit = 1000);

/// <summary>A provider that can hold a request.</summary>
/// <param name="Provider">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Free">What is left of each class before the request.</param>
/// <param name="Traits">Its traits.</param>
public sealed record Candidate(Guid Provider, string Name, IReadOnlyDictionary<string, long> Free, IReadOnlyList<string> Traits);

/// <summary>A provider that cannot, and the numbers.</summary>
/// <param name="Name">Of the provider.</param>
/// <param name="Reason">One sentence: <c>MEMORY_MB: 4096 asked, 1024 free of 8192 x 1.5 - 512 reserved</c>.</param>
public sealed record Refusal(string Name, string Reason);

/// <summary>A claim.</summary>
public sealed record ClaimRequest(Guid Consumer, long Epoch, Guid Provider, IReadOnlyDictionary<string, long> Resources, string ProjectId, string UserId);

/// <summary>Use of one provider.</summary>
public sealed record ProviderUsage(Guid Provider, IReadOnlyDictionary<string, Inventory> Inventories, IReadOnlyDictionary<string, long> Used);
