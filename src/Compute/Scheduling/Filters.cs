namespace Nephos.Compute.Scheduling;

/// <summary>The filters, under nova's names. Each says in a sentence without the host's name why the host is out, or null; in this order the first that refuses is named.</summary>
internal static class Filters
{
    private const string AggregateScope = "aggregate_instance_extra_specs:";

    public static readonly IReadOnlyList<(string Name, Func<Host, Wish, string?> Why)> All =
    [
        ("RetryFilter", (h, w) => w.Tried.Contains(h.Name) ? "building there failed before" : null),
        ("ForcedHostFilter", (h, w) => w.ForcedHost is { } forced && forced != h.Name ? $"host {forced} was asked for" : null),
        ("ComputeFilter", (h, _) => !h.IsUp ? "the host is down" : !h.IsEnabled ? $"the host is disabled{(h.DisabledReason is { Length: > 0 } why ? $" ({why})" : "")}" : null),
        ("AvailabilityZoneFilter", (h, w) => w.Zone is { } zone && zone != h.Zone ? $"zone {zone} asked, the host is in {h.Zone}" : null),
        ("ImagePropertiesFilter", (h, w) => w.Architecture is { } asked && !Same(asked, h.Architecture) ? $"the image wants {asked}, the host is {h.Architecture}" : null),
        ("AggregateInstanceExtraSpecsFilter", Aggregate),
        ("DifferentHostFilter", (h, w) => w.NotOn.Contains(h.Node) ? "a server that different_host names is there" : null),
        ("SameHostFilter", (h, w) => w.OnlyOn is { } only && !only.Contains(h.Node) ? "no server that same_host names is there" : null),
        ("ServerGroupAffinityFilter", (h, w) => w.GroupPolicy == "affinity" && w.GroupHosts.Count > 0 && !w.GroupHosts.Contains(h.Node) ? "the server group is on another host" : null),
        ("ServerGroupAntiAffinityFilter", AntiAffinity),
    ];

    private static string? AntiAffinity(Host host, Wish wish)
    {
        if (wish.GroupPolicy != "anti-affinity") return null;
        var there = wish.GroupHosts.Count(n => n == host.Node);
        return there >= wish.MaxPerHost ? $"{there} of the server group are there, {wish.MaxPerHost} allowed per host" : null;
    }

    private static string? Aggregate(Host host, Wish wish)
    {
        foreach (var (key, asked) in wish.ExtraSpecs)
        {
            if (!key.StartsWith(AggregateScope, StringComparison.Ordinal)) continue;
            var name = key[AggregateScope.Length..];
            var values = host.Aggregates[name].ToList();
            if (values.Count == 0) return $"{name} {asked} asked, no aggregate of the host has it";
            if (!values.Exists(v => Matches(asked, v))) return $"{name} {asked} asked, its aggregates have {string.Join(", ", values)}";
        }
        return null;
    }

    // The operators that flavors use; others read as plain text.
    private static bool Matches(string asked, string has)
    {
        var words = asked.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            ["<or>", ..] => words.Where((_, i) => i % 2 == 1).Contains(has),
            ["s==", var text] => has == text,
            ["s!=", var text] => has != text,
            ["<in>", var text] => has.Contains(text, StringComparison.Ordinal),
            _ => has.Split(',').Contains(asked),
        };
    }

    private static bool Same(string a, string b) => Plain(a) == Plain(b);
    private static string Plain(string architecture) => architecture.ToLowerInvariant() switch { "amd64" => "x86_64", "i386" or "i486" or "i586" => "i686", "arm64" => "aarch64", var other => other };
}
