using Nephos.Kernel.Api.Views;

namespace Nephos.Compute.Versions;

internal sealed record VersionView(string Id, string Status, string Version, string MinVersion, string Updated, IReadOnlyList<VersionLink> Links)
{
    [Named("media-types"), OmitNull]
    public IReadOnlyList<MediaType>? MediaTypes { get; init; }
}

internal sealed record ChoiceView(string Id, string Status, IReadOnlyList<VersionLink> Links, [property: Named("media-types")] IReadOnlyList<MediaType> MediaTypes);

internal sealed record VersionLink(string Rel, string Href, [property: OmitNull] string? Type = null);

internal sealed record MediaType(string Base, string Type);
