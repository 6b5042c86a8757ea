using System.Net;
using System.Net.Sockets;

namespace Nephos.Image.Web;

/// <summary>Tells addresses of the public internet from those of this host, its networks and the registries' special blocks.</summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] Special4 =
    [
        .. ((string[])[
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        ]).Select(IPNetwork.Parse),
    ];

    // What tunnels or translates would lead to an IPv4 address that nobody looked at.
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] Special6 = [.. ((string[])["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]).Select(IPNetwork.Parse)];

    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Array.Exists(Special4, n => n.Contains(address))
            : Global6.Contains(address) && !Array.Exists(Special6, n => n.Contains(address));
    }
}
