using System.Net;
using System.Text;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Dnsmasq;

/// <summary>Text of the files dnsmasq reads again on SIGHUP.</summary>
internal static class DnsmasqFiles
{
    const string Metadata = "169.254.169.254";

    /// <summary>Who gets which address.</summary>
    public static string Hosts(DhcpSpec dhcp)
    {
        var text = new StringBuilder();
        foreach (var host in dhcp.Hosts)
        {
            if (!Known(dhcp, host.Subnet, out var subnet) || subnet.V6Mode is "slaac") continue;
            text.Append(host.Mac);
            if (host.Options.Count > 0) text.Append(",set:").Append(Tag(host));
            // With stateless DHCP the guest made its address itself; only options are given.
            if (subnet.V6Mode != "dhcpv6-stateless") text.Append(',').Append(host.Name).Append('.').Append(dhcp.Domain).Append(',').Append(Bracket(host.Address));
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Names for DNS.</summary>
    public static string Names(DhcpSpec dhcp)
    {
        var text = new StringBuilder();
        foreach (var host in dhcp.Hosts) text.Append(host.Address).Append('\t').Append(host.Name).Append('.').Append(dhcp.Domain).Append(' ').Append(host.Name).Append('\n');
        return text.ToString();
    }

    /// <summary>Options by subnet and by host.</summary>
    public static string Options(DhcpSpec dhcp)
    {
        var text = new StringBuilder();
        foreach (var subnet in dhcp.Subnets)
        {
            if (IsV6(subnet.Cidr)) V6(text, dhcp, subnet);
            else V4(text, dhcp, subnet);
        }
        foreach (var host in dhcp.Hosts.Where(h => Known(dhcp, h.Subnet, out _)).DistinctBy(h => (h.Mac, IsV6(h.Address))))
            foreach (var (name, value) in host.Options)
                text.Append("tag:").Append(Tag(host)).Append(',').Append(Option(name, IsV6(host.Address))).Append(',').Append(Clean(value)).Append('\n');
        return text.ToString();
    }

    /// <summary>The name of a tag for a subnet.</summary>
    public static string Tag(Guid subnet) => $"subnet-{subnet}";

    static void V4(StringBuilder text, DhcpSpec dhcp, DhcpSubnet subnet)
    {
        var tag = $"tag:{Tag(subnet.Id)},";
        var own = Own(dhcp, subnet);
        var dns = subnet.Dns.Where(d => !IsV6(d)).ToList();
        if (dns is ["0.0.0.0"]) text.Append(tag).Append("option:dns-server\n");
        else if (dns.Count > 0) text.Append(tag).Append("option:dns-server,").AppendJoin(',', dns).Append('\n');
        else if (own is not null) text.Append(tag).Append("option:dns-server,").Append(own).Append('\n');

        var routes = subnet.Routes.Where(r => !IsV6(r.Destination)).Select(r => $"{r.Destination},{r.NextHop}").ToList();
        // Through the router where there is one, since it answers too; else directly.
        if (dhcp.Metadata && (subnet.OnRouter ? subnet.Gateway ?? own : own) is { } way) routes.Add($"{Metadata}/32,{way}");
        // A client that reads this option ignores the router option, so the default route is in it as well.
        if (routes.Count > 0 && subnet.Gateway is { } gateway) routes.Add($"0.0.0.0/0,{gateway}");
        if (routes.Count > 0)
            // 249 is what Windows reads.
            foreach (var option in (string[])["option:classless-static-route", "249"]) text.Append(tag).Append(option).Append(',').AppendJoin(',', routes).Append('\n');
        // Without a value it silences dnsmasq, which would name itself.
        text.Append(tag).Append("option:router").Append(subnet.Gateway is { } g ? "," + g : "").Append('\n');
    }

    static void V6(StringBuilder text, DhcpSpec dhcp, DhcpSubnet subnet)
    {
        var tag = $"tag:{Tag(subnet.Id)},";
        var dns = subnet.Dns.Where(IsV6).Select(Bracket).ToList();
        if (dns.Count == 0 && Own(dhcp, subnet) is { } own) dns.Add(Bracket(own));
        if (dns.Count > 0) text.Append(tag).Append("option6:dns-server,").AppendJoin(',', dns).Append('\n');
        text.Append(tag).Append("option6:domain-search,").Append(dhcp.Domain).Append('\n');
    }

    /// <summary>The server's own address in a subnet.</summary>
    static string? Own(DhcpSpec dhcp, DhcpSubnet subnet)
    {
        var range = IPNetwork.Parse(subnet.Cidr);
        return dhcp.Addresses.Select(a => a.Split('/')[0]).FirstOrDefault(a => range.Contains(IPAddress.Parse(a)));
    }

    static bool Known(DhcpSpec dhcp, Guid id, out DhcpSubnet subnet)
    {
        subnet = dhcp.Subnets.FirstOrDefault(s => s.Id == id)!;
        return subnet is not null;
    }

    static string Option(string name, bool v6) => name.All(char.IsAsciiDigit) ? (v6 ? $"option6:{name}" : name) : $"{(v6 ? "option6" : "option")}:{Clean(name)}";

    static string Tag(DhcpHost host) => $"host-{host.Mac.Replace(':', '-')}";

    static string Bracket(string address) => IsV6(address) ? $"[{address}]" : address;

    static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);

    /// <summary>A user's value must not begin a line of its own.</summary>
    static string Clean(string value) => value.ReplaceLineEndings(" ");
}
