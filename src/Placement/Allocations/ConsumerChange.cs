namespace Nephos.Placement.Allocations;

/// <summary>So much of a class of a provider.</summary>
internal readonly record struct Amount(Guid Provider, string Class, long Used);

/// <summary>What a consumer shall have from now on; nothing means it goes.</summary>
/// <param name="Id">The consumer.</param>
/// <param name="ProjectId">Its project.</param>
/// <param name="UserId">Its user.</param>
/// <param name="Type">Its type, or null to leave it.</param>
/// <param name="Generation">The generation the caller saw; null: it thinks the consumer is new.</param>
/// <param name="Checked">Whether the generation counts (1.28).</param>
/// <param name="Amounts">Everything it shall have.</param>
internal sealed record ConsumerChange(Guid Id, string ProjectId, string UserId, string? Type, long? Generation, bool Checked, IReadOnlyList<Amount> Amounts);

/// <summary>A consumer as it is stored.</summary>
internal sealed record ConsumerRow(Guid Id, long Generation, string ProjectId, string UserId, string? Type);

/// <summary>An allocation with what answers show beside it.</summary>
internal sealed record AllocationRow(
    Guid ConsumerId, Guid ProviderId, string Class, long Used, DateTimeOffset CreatedAt, long ProviderGeneration, long ConsumerGeneration, string ProjectId, string UserId, string? ConsumerType);
