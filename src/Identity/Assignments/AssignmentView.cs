using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.Assignments;

/// <summary>Something by id, with its name and domain when names are asked for.</summary>
internal sealed record NamedView(string Id)
{
    [OmitNull]
    public string? Name { get; init; }
    [OmitNull]
    public NamedView? Domain { get; init; }
}

internal sealed record AssignmentScope
{
    [OmitNull]
    public NamedView? Project { get; init; }
    [OmitNull]
    public NamedView? Domain { get; init; }
    [OmitNull]
    public Dictionary<string, bool>? System { get; init; }
    [Named("OS-INHERIT:inherited_to"), OmitNull]
    public string? InheritedTo { get; init; }
}

internal sealed record AssignmentLinks(string Assignment)
{
    [OmitNull]
    public string? Membership { get; init; }
    [OmitNull]
    public string? PriorRole { get; init; }
}

internal sealed record AssignmentView(AssignmentScope Scope, NamedView Role, AssignmentLinks Links)
{
    [OmitNull]
    public NamedView? User { get; init; }
    [OmitNull]
    public NamedView? Group { get; init; }
}
