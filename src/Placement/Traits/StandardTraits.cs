using System.Collections.Frozen;

namespace Nephos.Placement.Traits;

/// <summary>The traits everybody knows: the names of os-traits 2.9.</summary>
internal static class StandardTraits
{
    /// <summary>A provider with it shares its inventory with all providers of its aggregates.</summary>
    public const string Shares = "MISC_SHARES_VIA_AGGREGATE";

    private static readonly Lazy<(string[] Sorted, FrozenSet<string> Set)> Loaded = new(Load);

    public static IReadOnlyList<string> Sorted => Loaded.Value.Sorted;

    public static bool Has(string name) => Loaded.Value.Set.Contains(name);

    private static (string[], FrozenSet<string>) Load()
    {
        using var reader = new StreamReader(typeof(StandardTraits).Assembly.GetManifestResourceStream(
            typeof(StandardTraits).Assembly.GetManifestResourceNames().Single(n => n.EndsWith("standard-traits.txt", StringComparison.Ordinal)))!);
        var names = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (names, names.ToFrozenSet(StringComparer.Ordinal));
    }
}
