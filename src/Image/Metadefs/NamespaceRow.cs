using System.Text.Json;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Metadefs;

/// <summary>A namespace of definitions.</summary>
internal sealed record NamespaceRow(
    Guid Id, string Namespace, string? DisplayName, string? Description, string Visibility, bool Protected, string? Owner, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public PolicyTarget Target => new() { ["project_id"] = Owner, ["visibility"] = Visibility };
}

/// <summary>An object, a property or a tag of a namespace.</summary>
internal sealed record ItemRow(Guid NamespaceId, string Kind, string Name, JsonElement Body, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>That a namespace is meant for a type of resource.</summary>
internal sealed record AssociationRow(Guid NamespaceId, string Name, string? Prefix, string? PropertiesTarget, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
