using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.Users;

internal sealed record UserView(string Id, string Name, string DomainId, bool Enabled, [property: OmitNull] string? DefaultProjectId, string? PasswordExpiresAt, Dictionary<string, JsonElement> Options, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public static UserView Of(UserRow row, Call call) => new(row.Id, row.Name, row.DomainId, row.Enabled, row.DefaultProjectId,
        row.PasswordExpiresAt is { } expires ? Wire.NoZone(expires) : null, row.Options, new($"{call.ServiceUrl}/v3/users/{row.Id}"))
    { Extra = row.Extra };
}
