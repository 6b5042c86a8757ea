using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Roles;

internal sealed record RoleView(string Id, string Name, string? DomainId, string? Description, Dictionary<string, JsonElement> Options, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public static RoleView Of(RoleRow row, Call call) =>
        new(row.Id, row.Name, row.DomainId, row.Description, row.Options, new($"{call.ServiceUrl}/v3/roles/{row.Id}")) { Extra = row.Extra };
}

/// <summary>A role in a rule of implication.</summary>
internal sealed record RoleRef(string Id, string Name, SelfLink Links)
{
    public static RoleRef Of(RoleRow row, Call call) => new(row.Id, row.Name, new($"{call.ServiceUrl}/v3/roles/{row.Id}"));
}

/// <summary>One rule: who has the first role has the others.</summary>
internal sealed record InferenceView(RoleRef PriorRole, object Implies);
