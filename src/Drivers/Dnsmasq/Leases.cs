using System.Net;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Dnsmasq;

/// <summary>
/// What dnsmasq remembers of who has which address. It keeps an address for the one who had it last, even when that port is deleted and
/// another has the address now, who would get none until the lease ends. So leases that are over are given back in their holders' name.
/// </summary>
internal sealed class Leases
{
    readonly List<string[]> over = [];
    readonly List<string> kept = [];
    string? server;

    /// <param name="leases">dnsmasq's file.</param>
    /// <param name="before">Hosts as they were when those leases were taken.</param>
    /// <param name="now">Hosts as they are to be.</param>
    public Leases(string leases, string before, string now)
    {
        var (old, hosts) = (Hosts(before), Hosts(now));
        foreach (var line in leases.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(' ');
            if (parts is ["duid", var own]) server = own;
            // A lease of IPv6 does not tell whose card it was.
            if (parts is not [_, var holder, var address, _, _] || (IsV6(address) ? hosts.Any(h => h.Address == Plain(address) && old.Contains(h)) : hosts.Contains((holder, address)))) kept.Add(line);
            else over.Add(parts);
        }
    }

    /// <summary>The file without leases that are over, for a server that does not run; null when there are none.</summary>
    public string? Kept => over.Count == 0 ? null : string.Concat(kept.Select(l => l + "\n"));

    /// <summary>Commands that end them while the server runs.</summary>
    public IEnumerable<(string Program, string[] Arguments)> Releases(string device) => over.Select<string[], (string, string[])>(lease => lease switch
    {
        [_, var iaid, var address, _, var client] when IsV6(address) =>
            ("dhcp_release6", ["--ip", address, "--iface", device, "--server-id", server ?? "", "--client-id", client, "--iaid", iaid.TrimStart('T')]),
        [_, var mac, var address, _, "*"] => ("dhcp_release", [device, address, mac]),
        _ => ("dhcp_release", [device, lease[2], lease[1], lease[4]]),
    });

    // fa:16:3e:00:00:01,name.domain,10.0.0.5
    static HashSet<(string Mac, string Address)> Hosts(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',')).Where(p => p.Length > 1).Select(p => (p[0], Plain(p[^1])))];

    static string Plain(string address) => IPAddress.TryParse(address.Trim('[', ']'), out var ip) ? ip.ToString() : address;

    static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);
}
