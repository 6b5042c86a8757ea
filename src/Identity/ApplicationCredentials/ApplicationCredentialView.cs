using System.Text.Json;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.ApplicationCredentials;

internal sealed record AccessRuleView(string Id, string Service, string Method, string Path)
{
    [OmitNull]
    public SelfLink? Links { get; init; }
}

internal sealed record RoleOfCredential(string Id, string Name, string? DomainId, string? Description, Dictionary<string, JsonElement> Options);

internal sealed record ApplicationCredentialView(string Id, string Name, string? Description, string? ExpiresAt, string ProjectId, string UserId, bool Unrestricted,
    IReadOnlyList<RoleOfCredential> Roles, SelfLink Links)
{
    /// <summary>They are for projects only.</summary>
    public string? System => null;

    /// <summary>Shown once, when it is made.</summary>
    [OmitNull]
    public string? Secret { get; init; }

    [OmitNull]
    public IReadOnlyList<AccessRuleView>? AccessRules { get; init; }

    public static ApplicationCredentialView Of(ApplicationCredentialRow row, IReadOnlyList<RoleOfCredential> roles, IReadOnlyList<AccessRuleView>? rules, Call call) =>
        new(row.Id, row.Name, row.Description, row.ExpiresAt is { } at ? Wire.NoZone(at) : null, row.ProjectId, row.UserId, row.Unrestricted, roles,
            new($"{call.ServiceUrl}/v3/users/{row.UserId}/application_credentials/{row.Id}"))
        { AccessRules = row.RestrictedPaths ? rules : null };
}
