using System.Net;
using System.Text.Json.Nodes;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Compute.Metadata;

/// <summary><c>network_data.json</c>: links, networks on them, and name servers. Pure.</summary>
internal static class NetworkData
{
    public static JsonObject Of(IReadOnlyList<PortFacts> ports)
    {
        var (links, networks, services) = (new JsonArray(), new JsonArray(), new JsonArray());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var port in ports)
        {
            var link = DeviceNames.Tap(port.Id);
            links.Add((JsonNode)new JsonObject { ["id"] = link, ["vif_id"] = port.Id.ToString(), ["type"] = "bridge", ["mtu"] = port.Mtu, ["ethernet_mac_address"] = port.Mac });
            foreach (var address in port.Addresses)
            {
                networks.Add((JsonNode)Network(address, port, link, number++));
                foreach (var server in address.Dns)
                    if (seen.Add(server)) services.Add((JsonNode)new JsonObject { ["type"] = "dns", ["address"] = server });
            }
        }
        return new JsonObject { ["links"] = links, ["networks"] = networks, ["services"] = services };
    }

    private static JsonObject Network(PortAddress address, PortFacts port, string link, int number)
    {
        var version = ServerJson.VersionOf(address.Address);
        var network = new JsonObject { ["id"] = $"network{number}", ["type"] = address.Dhcp ? $"ipv{version}_dhcp" : $"ipv{version}", ["link"] = link, ["network_id"] = port.NetworkId.ToString() };
        if (address.Dhcp) return network;
        network["ip_address"] = address.Address;
        network["netmask"] = Mask(address.Cidr);
        var routes = new JsonArray();
        if (address.Gateway is { } gateway)
            routes.Add((JsonNode)new JsonObject { ["network"] = version == 4 ? "0.0.0.0" : "::", ["netmask"] = version == 4 ? "0.0.0.0" : "::", ["gateway"] = gateway });
        foreach (var route in address.Routes)
            routes.Add((JsonNode)new JsonObject { ["network"] = route.Destination.Split('/')[0], ["netmask"] = Mask(route.Destination), ["gateway"] = route.NextHop });
        network["routes"] = routes;
        network["services"] = new JsonArray([.. address.Dns.Select(d => (JsonNode)new JsonObject { ["type"] = "dns", ["address"] = d })]);
        return network;
    }

    private static string Mask(string cidr)
    {
        var range = IPNetwork.Parse(cidr);
        var bytes = new byte[range.BaseAddress.GetAddressBytes().Length];
        for (var bit = 0; bit < range.PrefixLength; bit++) bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new IPAddress(bytes).ToString();
    }
}
