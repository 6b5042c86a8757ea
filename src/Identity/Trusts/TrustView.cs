using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.Trusts;

internal sealed record TrustView(string Id, string TrustorUserId, string TrusteeUserId, string? ProjectId, bool Impersonation, DateTimeOffset? ExpiresAt, DateTimeOffset? DeletedAt,
    long? RemainingUses, string? RedelegatedTrustId, long RedelegationCount, SelfLink Links)
{
    [OmitNull]
    public IReadOnlyList<RoleView>? Roles { get; init; }

    [OmitNull]
    public CollectionLinks? RolesLinks { get; init; }

    /// <summary>Lists come without roles.</summary>
    public static TrustView Of(TrustRow row, IReadOnlyList<RoleRow>? roles, Call call) => new(row.Id, row.TrustorUserId, row.TrusteeUserId, row.ProjectId, row.Impersonation, row.ExpiresAt, row.DeletedAt,
        row.RemainingUses, row.RedelegatedTrustId, row.RedelegationCount, new($"{call.ServiceUrl}/v3/OS-TRUST/trusts/{row.Id}"))
    {
        Roles = roles is null ? null : [.. roles.Select(r => RoleView.Of(r, call))], RolesLinks = roles is null ? null : RoleLinks(row, call),
    };

    public static CollectionLinks RoleLinks(TrustRow row, Call call) => new(null, $"{call.ServiceUrl}/v3/OS-TRUST/trusts/{row.Id}/roles", null);
}
