using System.Text;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Router;

/// <summary>Text of a router's packet filter. The namespace is the router's own, so its tables are written whole.</summary>
internal static class RouterNat
{
    /// <summary>Where the node listens for metadata inside the namespace.</summary>
    public const int MetadataPort = 9697;

    const string Metadata = "169.254.169.254/32";
    const string FromOutside = "0x2/0xffff", ForMetadata = "0x1/0xffff";

    public static string V4(RouterSpec router)
    {
        var text = new StringBuilder();
        var outside = router.Gateway is { } gateway ? DeviceNames.RouterOutside(gateway.Port) : null;
        Table(text, "mangle", [
            $"-A PREROUTING -d {Metadata} -i qr-+ -p tcp -m tcp --dport 80 -j MARK --set-xmark {ForMetadata}",
            .. outside is null ? (string[])[] : [$"-A PREROUTING -i {outside} -j MARK --set-xmark {FromOutside}"],
            // Paths narrower than the sender thinks must not hang connections.
            "-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"]);
        Table(text, "nat", [.. Redirect(), .. router.Floating.SelectMany(In), .. Out(router, outside)]);
        Table(text, "filter", [
            $"-A INPUT -m mark --mark {ForMetadata} -j ACCEPT",
            // Only what was sent to the metadata address may arrive there: its sender is then known to be inside.
            $"-A INPUT -p tcp -m tcp --dport {MetadataPort} -j DROP"]);
        return text.ToString();
    }

    public static string V6()
    {
        var text = new StringBuilder();
        // Advertisements are sent by a dnsmasq that must not answer DHCP: the network has a server for that.
        Table(text, "filter", ["-A INPUT -p udp -m udp --dport 547 -j DROP"]);
        return text.ToString();
    }

    static IEnumerable<string> Redirect() => [$"-A PREROUTING -d {Metadata} -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports {MetadataPort}"];

    static IEnumerable<string> In(FloatingAddress address) =>
    [
        $"-A PREROUTING -d {address.Floating}/32 -j DNAT --to-destination {address.Fixed}",
        $"-A OUTPUT -d {address.Floating}/32 -j DNAT --to-destination {address.Fixed}",
    ];

    static IEnumerable<string> Out(RouterSpec router, string? outside)
    {
        if (outside is null) yield break;
        // Between inside networks nothing is rewritten.
        yield return $"-A POSTROUTING ! -o {outside} -m conntrack ! --ctstate DNAT -j ACCEPT";
        foreach (var address in router.Floating) yield return $"-A POSTROUTING -s {address.Fixed}/32 -j SNAT --to-source {address.Floating} --random-fully";
        if (FirstV4(router.Gateway!) is not { } own) yield break;
        if (router.Gateway!.Snat) yield return $"-A POSTROUTING -o {outside} -j SNAT --to-source {own} --random-fully";
        // A neighbour that came by the floating address must be answered through the router, not directly.
        yield return $"-A POSTROUTING -m mark ! --mark {FromOutside} -m conntrack --ctstate DNAT -j SNAT --to-source {own} --random-fully";
    }

    public static string? FirstV4(RouterGateway gateway) =>
        gateway.Addresses.FirstOrDefault(a => !a.Contains(':', StringComparison.Ordinal))?.Split('/')[0];

    static void Table(StringBuilder text, string table, IEnumerable<string> rules)
    {
        text.Append('*').Append(table).Append('\n');
        foreach (var rule in rules) text.Append(rule).Append('\n');
        text.Append("COMMIT\n");
    }
}
