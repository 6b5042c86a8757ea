using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.Projects;

internal sealed record ProjectView(string Id, string Name, string? DomainId, string Description, bool Enabled, string? ParentId, bool IsDomain, IEnumerable<string> Tags,
    Dictionary<string, JsonElement> Options, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    /// <summary>Parents as a list of projects or a tree of ids, when asked for.</summary>
    [OmitNull]
    public object? Parents { get; init; }

    /// <summary>Projects below, likewise.</summary>
    [OmitNull]
    public object? Subtree { get; init; }

    public static ProjectView Of(ProjectRow row, IEnumerable<string> tags, Call call) => new(row.Id, row.Name, row.DomainId, row.Description, row.Enabled, row.ParentId, row.IsDomain, tags,
        row.Options, new($"{call.ServiceUrl}/v3/projects/{row.Id}"))
    { Extra = row.Extra };
}

/// <summary>A domain as /v3/domains shows it.</summary>
internal sealed record DomainView(string Id, string Name, string Description, bool Enabled, IEnumerable<string> Tags, Dictionary<string, JsonElement> Options, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public static DomainView Of(ProjectRow row, IEnumerable<string> tags, Call call) => new(row.Id, row.Name, row.Description, row.Enabled, tags, row.Options,
        new($"{call.ServiceUrl}/v3/domains/{row.Id}"))
    { Extra = row.Extra };
}
