using Nephos.Kernel.Data;

namespace Nephos.Placement.Providers;

/// <summary>A resource provider as it is stored.</summary>
internal sealed record ProviderRow
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public long Generation { get; init; }
    public Guid? ParentId { get; init; }
    public required Guid RootId { get; init; }
    [Json]
    public required string[] Traits { get; init; }
    [Json]
    public required Guid[] Aggregates { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}
