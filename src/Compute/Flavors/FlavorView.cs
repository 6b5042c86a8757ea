using System.Globalization;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Compute.Flavors;

/// <summary>A flavor in a short list.</summary>
internal sealed record FlavorEntry(string Id, string Name, [property: Since("2.55")] string? Description, Link[] Links)
{
    public static FlavorEntry Of(Flavor flavor, Call call) => new(flavor.Id, flavor.Name, flavor.Description, Link.Of(call, "flavors", flavor.Id));
}

/// <summary>A flavor with everything.</summary>
internal sealed record FlavorView
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required int Ram { get; init; }
    public required int Disk { get; init; }
    /// <summary>Once an empty text stood for none.</summary>
    [Named("swap"), Until("2.74")] public required object OldSwap { get; init; }
    [Since("2.75")] public required int Swap { get; init; }
    [Named("OS-FLV-EXT-DATA:ephemeral")] public required int Ephemeral { get; init; }
    [Named("OS-FLV-DISABLED:disabled")] public required bool Disabled { get; init; }
    public required int Vcpus { get; init; }
    [Named("os-flavor-access:is_public")] public required bool IsPublic { get; init; }
    public required decimal RxtxFactor { get; init; }
    [Since("2.55")] public string? Description { get; init; }
    /// <summary>Null for those who may not see them.</summary>
    [Since("2.61"), OmitNull] public IReadOnlyDictionary<string, string>? ExtraSpecs { get; init; }
    public required Link[] Links { get; init; }

    public static FlavorView Of(Flavor flavor, Call call, bool withSpecs) => new()
    {
        Id = flavor.Id, Name = flavor.Name, Ram = flavor.MemoryMb, Disk = flavor.RootGb,
        OldSwap = flavor.Swap == 0 ? "" : flavor.Swap, Swap = flavor.Swap,
        Ephemeral = flavor.EphemeralGb, Disabled = flavor.Disabled, Vcpus = flavor.Vcpus, IsPublic = flavor.IsPublic,
        // As Python prints floats: 1.0, never 1.
        RxtxFactor = decimal.Parse(flavor.RxtxFactor.ToString("0.0##########", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        Description = flavor.Description,
        ExtraSpecs = withSpecs ? flavor.ExtraSpecs : null,
        Links = Link.Of(call, "flavors", flavor.Id),
    };
}
