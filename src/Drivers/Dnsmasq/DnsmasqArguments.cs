using System.Globalization;
using System.Net;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Dnsmasq;

/// <summary>What dnsmasq is started with; a change of these needs a new process, a change of its files does not.</summary>
internal static class DnsmasqArguments
{
    public const string Hosts = "hosts", Names = "names", Options = "options", Leases = "leases";

    public static IReadOnlyList<string> For(DhcpSpec dhcp, DnsmasqOptions options, string folder) =>
    [
        "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--pid-file", "--user=nobody", "--no-ping",
        "--log-facility=-", "--quiet-dhcp", "--quiet-dhcp6",
        "--bind-dynamic", $"--interface={DeviceNames.Dhcp(dhcp.Port)}", "--except-interface=lo",
        $"--dhcp-hostsfile={Path.Combine(folder, Hosts)}", $"--addn-hosts={Path.Combine(folder, Names)}", $"--dhcp-optsfile={Path.Combine(folder, Options)}",
        $"--dhcp-leasefile={Path.Combine(folder, Leases)}",
        // Guests that boot from the network twice: firmware, then iPXE.
        "--dhcp-match=set:ipxe,175", "--dhcp-userclass=set:ipxe6,iPXE",
        // Who comes back with an old address of another network is told so at once.
        "--dhcp-authoritative",
        "--local-service",
        .. dhcp.Subnets.Select(s => Range(s, options)).OfType<string>(),
        $"--dhcp-option-force=option:mtu,{dhcp.Mtu}",
        $"--dhcp-lease-max={options.MaxLeases}",
        $"--domain={dhcp.Domain}",
        .. options.Forwarders.Select(f => $"--server={f}"),
    ];

    /// <summary>Null when dnsmasq has nothing to do in the subnet.</summary>
    static string? Range(DhcpSubnet subnet, DnsmasqOptions options)
    {
        var range = IPNetwork.Parse(subnet.Cidr);
        var lease = string.Create(CultureInfo.InvariantCulture, $"{(int)options.Lease.TotalSeconds}s");
        if (range.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
            return $"--dhcp-range=set:{DnsmasqFiles.Tag(subnet.Id)},{range.BaseAddress},static,{Mask(range.PrefixLength)},{lease}";
        // dnsmasq takes no IPv6 range larger than /64; with SLAAC there is nothing to give.
        return subnet.V6Mode == "slaac" || range.PrefixLength < 64 ? null
            : $"--dhcp-range=set:{DnsmasqFiles.Tag(subnet.Id)},{range.BaseAddress},static,{range.PrefixLength},{lease}";
    }

    static IPAddress Mask(int length)
    {
        var bits = length == 0 ? 0 : uint.MaxValue << (32 - length);
        return new([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]);
    }
}
