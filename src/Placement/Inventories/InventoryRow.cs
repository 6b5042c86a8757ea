using Nephos.Contracts;

namespace Nephos.Placement.Inventories;

/// <summary>How much of a class a provider has, and how much of it is used.</summary>
internal sealed record InventoryRow
{
    public required Guid ProviderId { get; init; }
    public required string Class { get; init; }
    public required long Total { get; init; }
    public long Reserved { get; init; }
    public long MinUnit { get; init; } = 1;
    public long MaxUnit { get; init; } = int.MaxValue;
    public long StepSize { get; init; } = 1;
    public double Ratio { get; init; } = 1;
    public long Used { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    public long Capacity => (long)((Total - Reserved) * Ratio);
    public long Free => Capacity - Used;

    /// <summary>Whether so much can be claimed now.</summary>
    public bool Fits(long amount) => Allows(amount) && Used + amount <= (Total - Reserved) * Ratio;

    /// <summary>Whether so much may be claimed at once at all.</summary>
    public bool Allows(long amount) => amount >= MinUnit && amount <= MaxUnit && amount % StepSize == 0;

    public Inventory Inventory => new(Total, Reserved, Ratio, MinUnit, MaxUnit, StepSize);

    public static InventoryRow Of(Guid provider, string @class, Inventory i) =>
        new() { ProviderId = provider, Class = @class, Total = i.Total, Reserved = i.Reserved, Ratio = i.Ratio, MinUnit = i.MinUnit, MaxUnit = i.MaxUnit, StepSize = i.StepSize };
}
