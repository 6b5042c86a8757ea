using System.Globalization;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.LinuxBridge.Firewall;

/// <summary>Text of a security group's rules. A group is one chain per direction and family, shared by all its ports, so a new rule changes one chain.</summary>
internal static class GroupRules
{
    /// <summary>Protocols of which a rule can name ports; the kernel's matches want them by name.</summary>
    static readonly Dictionary<string, string> WithPorts = new Dictionary<string, string>
    {
        ["6"] = "tcp", ["17"] = "udp", ["33"] = "dccp", ["132"] = "sctp", ["136"] = "udplite",
    };

    /// <summary>Names neutron stores, as numbers.</summary>
    static readonly Dictionary<string, int> Numbers = new Dictionary<string, int>
    {
        ["icmp"] = 1, ["igmp"] = 2, ["ipip"] = 4, ["tcp"] = 6, ["egp"] = 8, ["udp"] = 17, ["dccp"] = 33, ["ipv6-encap"] = 41, ["ipv6-route"] = 43,
        ["ipv6-frag"] = 44, ["rsvp"] = 46, ["gre"] = 47, ["esp"] = 50, ["ah"] = 51, ["icmpv6"] = 58, ["ipv6-icmp"] = 58, ["ipv6-nonxt"] = 59,
        ["ipv6-opts"] = 60, ["ospf"] = 89, ["vrrp"] = 112, ["pgm"] = 113, ["sctp"] = 132, ["udplite"] = 136,
    };

    /// <summary>Rules of one chain: those of the group for this direction and family.</summary>
    public static IEnumerable<string> Chain(GroupSpec group, bool ingress, bool v6, OwnerMark mark, ChainNames names)
    {
        yield return ChainLabel.Of(group, mark, names).Rule;
        foreach (var rule in group.Rules)
            if (rule.Ingress == ingress && rule.V6 == v6) yield return Rule(rule, names);
    }

    public static string Rule(GroupRule rule, ChainNames names)
    {
        var words = new List<string>();
        if (rule.RemoteCidr is { } cidr && !cidr.EndsWith("/0", StringComparison.Ordinal)) words.Add($"{(rule.Ingress ? "-s" : "-d")} {cidr}");
        words.AddRange(Protocol(rule));
        if (rule.RemoteGroup is { } group) words.Add($"-m set --match-set {names.Members(group, rule.V6)} {(rule.Ingress ? "src" : "dst")}");
        words.Add("-j ACCEPT");
        return string.Join(' ', words);
    }

    /// <summary>The protocol's number as text, or null for all.</summary>
    public static string? Number(GroupRule rule)
    {
        if (rule.Protocol is null or "any" or "" or "0") return null;
        var number = Numbers.TryGetValue(rule.Protocol, out var known) ? known : int.Parse(rule.Protocol, CultureInfo.InvariantCulture);
        // neutron takes "icmp" in an IPv6 rule for ICMPv6.
        return (rule.V6 && number == 1 ? 58 : number).ToString(CultureInfo.InvariantCulture);
    }

    static IEnumerable<string> Protocol(GroupRule rule)
    {
        if (Number(rule) is not { } number) yield break;
        if (number is "1" or "58")
        {
            var (name, match, option) = number == "1" ? ("icmp", "icmp", "--icmp-type") : ("ipv6-icmp", "icmp6", "--icmpv6-type");
            yield return $"-p {name}";
            if (rule.PortMin is { } type) yield return $"-m {match} {option} {type}{(rule.PortMax is { } code ? $"/{code}" : "")}";
        }
        else if (WithPorts.TryGetValue(number, out var name))
        {
            yield return $"-p {name}";
            if (Ports(rule) is { } ports) yield return name is "tcp" or "udp" ? $"-m {name} --dport {ports}" : $"-m multiport --dports {ports}";
        }
        else yield return $"-p {number}";
    }

    static string? Ports(GroupRule rule)
    {
        if (rule.PortMin is null && rule.PortMax is null) return null;
        var (min, max) = (rule.PortMin ?? 1, rule.PortMax ?? 65535);
        if (min <= 1 && max == 65535) return null;
        return min == max ? $"{min}" : $"{min}:{max}";
    }
}
