using Nephos.Contracts.Drivers;
using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.LinuxBridge.Firewall;

/// <summary>
/// Ends connections that no rule allows any more: what is established passes without a look at the rules. Entries are found by the
/// network's zone, so that another network with the same addresses keeps its own.
/// </summary>
internal sealed class Conntrack(NetworkCommands net)
{
    readonly HashSet<Cut> cuts = [];

    /// <param name="Direction"><c>-s</c> or <c>-d</c> of the packet that began the connection.</param>
    /// <param name="Protocol">Number, or null for all.</param>
    readonly record struct Cut(int Zone, bool V6, string Direction, string Address, string? Protocol, string? Other);

    /// <summary>A rule of a port is gone.</summary>
    public void Rule(int zone, IEnumerable<string> addresses, GroupRule rule)
    {
        foreach (var address in addresses)
            if (IsV6(address) == rule.V6) cuts.Add(new(zone, rule.V6, rule.Ingress ? "-d" : "-s", address, GroupRules.Number(rule), null));
    }

    /// <summary>A port, or its groups, are gone: everything to and from it.</summary>
    public void Port(int zone, IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
            foreach (var direction in (string[])["-s", "-d"]) cuts.Add(new(zone, IsV6(address), direction, address, null, null));
    }

    /// <summary>An address left a group that a rule of the port names.</summary>
    public void Member(int zone, IEnumerable<string> addresses, string member, bool ingress)
    {
        foreach (var address in addresses)
            if (IsV6(address) == IsV6(member)) cuts.Add(new(zone, IsV6(member), ingress ? "-d" : "-s", address, null, member));
    }

    /// <summary>Deletes what was collected, in one process; nothing found is as good.</summary>
    public async Task Commit(CancellationToken ct)
    {
        if (cuts.Count == 0) return;
        var lines = cuts.Select(Arguments).ToList();
        cuts.Clear();
        if ((await net.Run(null, "conntrack", ["-R", "-"], ct, string.Concat(lines.Select(l => string.Join(' ', l) + "\n")))).Ok) return;
        // Before 1.4.7 the tool takes no list.
        foreach (var line in lines) await net.Run(null, "conntrack", line, ct);
    }

    static string[] Arguments(Cut cut)
    {
        string[] other = cut.Other is { } o && !o.Contains('/', StringComparison.Ordinal) ? [cut.Direction == "-d" ? "-s" : "-d", o] : [];
        string[] protocol = cut.Protocol is { } p ? ["-p", p] : [];
        return ["-D", "-f", cut.V6 ? "ipv6" : "ipv4", "-w", $"{cut.Zone}", cut.Direction, cut.Address, .. other, .. protocol];
    }

    static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);
}
