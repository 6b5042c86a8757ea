using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Groups;

internal sealed record GroupView(string Id, string Name, string DomainId, string Description, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    private static readonly JsonElement Never = JsonSerializer.SerializeToElement<string?>(null);

    /// <summary>A group as one of a user's: memberships end only where a federation says so, and then this is not null.</summary>
    public static GroupView OfMember(GroupRow row, Call call) =>
        Of(row, call) with { Extra = new(row.Extra ?? []) { ["membership_expires_at"] = Never } };

    public static GroupView Of(GroupRow row, Call call) =>
        new(row.Id, row.Name, row.DomainId, row.Description, new($"{call.ServiceUrl}/v3/groups/{row.Id}")) { Extra = row.Extra };
}
