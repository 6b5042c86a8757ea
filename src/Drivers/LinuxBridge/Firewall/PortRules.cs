using System.Net;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.LinuxBridge.Firewall;

/// <summary>
/// Text of the chains of one port. What a guest sends is judged in PREROUTING (table <c>mangle</c>, and <c>nat</c> of the bridge family),
/// before the bridge learns an address or the host looks at it; what it gets is judged in FORWARD.
/// </summary>
internal static class PortRules
{
    /// <summary>ICMPv6 that every guest needs: listener query, router and neighbour advertisements and solicitations.</summary>
    static readonly int[] NeededIcmp6 = [130, 134, 135, 136];

    /// <summary>ICMPv6 sent before a guest has an address: listener report, neighbour solicitation, listener report 2.</summary>
    static readonly int[] UnspecifiedIcmp6 = [131, 135, 143];

    /// <summary>To the guest.</summary>
    public static IEnumerable<string> ToPort(PortSpec port, bool v6, ChainNames names)
    {
        if (port.AdminUp)
        {
            if (v6)
            {
                foreach (var type in NeededIcmp6) yield return $"-p ipv6-icmp -m icmp6 --icmpv6-type {type} -j ACCEPT";
                yield return "-p udp -m udp --sport 547 --dport 546 -j ACCEPT";
            }
            // No guest may send this, so it comes from a DHCP server of ours.
            else yield return "-p udp -m udp --sport 67 --dport 68 -j ACCEPT";
            yield return "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
            yield return "-m conntrack --ctstate INVALID -j DROP";
            foreach (var group in port.Groups) yield return $"-j {names.GroupIn(group)}";
        }
        yield return "-j DROP";
    }

    /// <summary>From the guest.</summary>
    public static IEnumerable<string> FromPort(PortSpec port, bool v6, ChainNames names)
    {
        if (port.AdminUp)
        {
            if (v6)
            {
                foreach (var type in UnspecifiedIcmp6) yield return $"-s ::/128 -d ff02::/16 -p ipv6-icmp -m icmp6 --icmpv6-type {type} -j ACCEPT";
                yield return "-p ipv6-icmp -m icmp6 --icmpv6-type 134 -j DROP";
                yield return $"-j {names.Sources(port.Device)}";
                yield return "-p ipv6-icmp -j ACCEPT";
                yield return "-p udp -m udp --sport 546 --dport 547 -j ACCEPT";
                yield return "-p udp -m udp --sport 547 --dport 546 -j DROP";
            }
            else
            {
                yield return "-s 0.0.0.0/32 -d 255.255.255.255/32 -p udp -m udp --sport 68 --dport 67 -j ACCEPT";
                yield return $"-j {names.Sources(port.Device)}";
                yield return "-p udp -m udp --sport 68 --dport 67 -j ACCEPT";
                yield return "-p udp -m udp --sport 67 --dport 68 -j DROP";
            }
            yield return "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
            yield return "-m conntrack --ctstate INVALID -j DROP";
            foreach (var group in port.Groups) yield return $"-j {names.GroupOut(group)}";
        }
        yield return "-j DROP";
    }

    /// <summary>Addresses the guest may use as its own, each with its hardware address.</summary>
    public static IEnumerable<string> Sources(PortSpec port, bool v6)
    {
        foreach (var (address, mac) in Pairs(port).Where(p => IsV6(p.Address) == v6).Distinct())
            yield return $"{(address.EndsWith("/0", StringComparison.Ordinal) ? "" : $"-s {address} ")}-m mac --mac-source {mac} -j RETURN";
        yield return "-j DROP";
    }

    /// <summary>Frames from the guest: its hardware addresses only, ARP only for its own addresses, and nothing that iptables would not see (VLAN tags, PPPoE ...).</summary>
    public static IEnumerable<string> Frames(PortSpec port)
    {
        if (port.AdminUp)
        {
            foreach (var mac in Pairs(port).Select(p => p.Mac).Append(port.Mac).Distinct())
            {
                yield return $"-p IPv4 -s {mac} -j RETURN";
                yield return $"-p IPv6 -s {mac} -j RETURN";
                // Asking whether an address is free.
                yield return $"-p ARP -s {mac} --arp-op Request --arp-ip-src 0.0.0.0 --arp-mac-src {mac} -j RETURN";
            }
            foreach (var (address, mac) in Pairs(port).Where(p => !IsV6(p.Address)).Distinct())
                yield return $"-p ARP -s {mac} {(address.EndsWith("/0", StringComparison.Ordinal) ? "" : $"--arp-ip-src {address} ")}--arp-mac-src {mac} -j RETURN";
        }
        yield return "-j DROP";
    }

    static IEnumerable<(string Address, string Mac)> Pairs(PortSpec port) =>
        [.. port.Addresses.Select(a => (a, port.Mac)), (LinkLocal(port.Mac), port.Mac), .. port.AllowedPairs.Select(p => (p.Address, p.Mac))];

    /// <summary>The address a guest makes of its hardware address.</summary>
    internal static string LinkLocal(string mac)
    {
        var m = Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal));
        return new IPAddress([0xfe, 0x80, 0, 0, 0, 0, 0, 0, (byte)(m[0] ^ 2), m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]]).ToString();
    }

    static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);
}
