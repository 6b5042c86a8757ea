namespace Nephos.Placement.Candidates;

/// <summary>A part of a request. The one without a suffix may spread over a tree and its sharing providers; others need one provider.</summary>
/// <param name="Suffix">What follows <c>resources</c> in the query.</param>
/// <param name="Resources">Amounts by class.</param>
/// <param name="Required">Sets of traits; one of each is needed.</param>
/// <param name="Forbidden">Traits that must not be there.</param>
/// <param name="MemberOf">Sets of aggregates; one of each is needed, of the provider or its root.</param>
/// <param name="NotMemberOf">Aggregates that neither may be in.</param>
/// <param name="InTree">A provider whose tree is meant, or null.</param>
internal sealed record RequestGroup(
    string Suffix, IReadOnlyDictionary<string, long> Resources, IReadOnlyList<string[]> Required, IReadOnlyList<string> Forbidden,
    IReadOnlyList<Guid[]> MemberOf, IReadOnlyList<Guid> NotMemberOf, Guid? InTree)
{
    public bool OneProvider => Suffix.Length > 0;
}

/// <summary>A whole question for candidates.</summary>
/// <param name="Groups">Its parts, in the order of the query.</param>
/// <param name="Limit">At most so many, or null.</param>
/// <param name="Isolate">Groups with a suffix need different providers.</param>
/// <param name="RootRequired">Traits the root must have.</param>
/// <param name="RootForbidden">Traits the root must not have.</param>
/// <param name="SameSubtree">Sets of suffixes whose providers must be below one of them.</param>
/// <param name="Nested">Whether several providers of one tree may take part (1.29).</param>
internal sealed record CandidateRequest(
    IReadOnlyList<RequestGroup> Groups, int? Limit, bool Isolate, IReadOnlyList<string> RootRequired, IReadOnlyList<string> RootForbidden,
    IReadOnlyList<IReadOnlyList<string>> SameSubtree, bool Nested);
