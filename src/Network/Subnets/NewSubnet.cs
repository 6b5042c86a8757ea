using Nephos.Contracts;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;

namespace Nephos.Network.Subnets;

/// <summary>Rules for a new subnet: pure.</summary>
internal static class NewSubnet
{
    public static SubnetRow From(Values values, Cidr cidr, Guid? pool, DateTimeOffset now)
    {
        var version = cidr.Version;
        if (values.Get<int?>("ip_version") is { } asked && asked != version)
            throw Errors.BadOperation("subnets", $"Cannot use an IPv{version} range in an IPv{asked} subnet");
        var (ra, mode) = (values.Get<string>("ipv6_ra_mode"), values.Get<string>("ipv6_address_mode"));
        if (version == 4 && (values.Said.Contains("ipv6_ra_mode") && ra is not null || values.Said.Contains("ipv6_address_mode") && mode is not null))
            throw Errors.InvalidInput("ipv6_ra_mode and ipv6_address_mode are not valid when ip_version is 4");
        CheckModes(version, values.Get<bool>("enable_dhcp"), values.Said.Contains("enable_dhcp"), ra, mode);
        if (ra is "slaac" or "dhcpv6-stateless" || mode is "slaac" or "dhcpv6-stateless")
            if (cidr.Length != 64) throw Errors.InvalidInput($"Invalid CIDR {cidr} for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the prefix to be /64");
        if (version == 4 && cidr.Length >= 31 && values.Get<bool>("enable_dhcp") && values.Said.Contains("enable_dhcp") && cidr.Length == 32)
            throw Errors.InvalidInput($"Subnet has a prefix length that is incompatible with DHCP service enabled");
        if (cidr.First.IsMulticast) throw Errors.InvalidInput("Multicast IP subnet is not supported if enable_dhcp is True");
        if (cidr.First.IsLoopback && values.Get<bool>("enable_dhcp")) throw Errors.InvalidInput("Loopback IP subnet is not supported if enable_dhcp is True");
        if (cidr.Length == 0) throw Errors.InvalidInput("0 is not allowed as CIDR prefix length");
        var gateway = Gateway(values, cidr);
        var pools = Pools(values, cidr, gateway);
        var row = new SubnetRow(NewId.Uuid(), values.Get<string>("project_id")!, values.Get<Guid>("network_id"), values.Get<string>("name")!, values.Get<string>("description")!, version, cidr.ToString(),
            gateway?.ToString(), values.Get<bool>("enable_dhcp"), ra, mode, pool, pools, values.Get<string[]>("dns_nameservers") ?? [], values.Get<RouteText[]>("host_routes") ?? [],
            [.. values.Get<List<string>>("service_types") ?? []], values.Get<bool>("dns_publish_fixed_ip"), now, now, 1);
        CheckRoutes(row);
        return row;
    }

    public static void CheckModes(int version, bool dhcp, bool dhcpSaid, string? ra, string? mode)
    {
        if (version != 6) return;
        if (dhcpSaid && !dhcp && (ra is not null || mode is not null)) throw Errors.InvalidInput("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False");
        if (ra is not null && mode is not null && ra != mode)
            throw Errors.InvalidInput($"ipv6_ra_mode set to '{ra}' with ipv6_address_mode set to '{mode}' is not valid. If both attributes are set, they must be the same value");
    }

    /// <summary>Host routes and name servers speak the subnet's own version.</summary>
    public static void CheckRoutes(SubnetRow row)
    {
        foreach (var server in row.DnsNameservers)
            if (Ip.Parse(server).Version != row.IpVersion) throw Errors.BadOperation("subnets", $"{row.IpVersion} does not match the ip_version '{row.IpVersion}' of dns_nameserver {server}");
        foreach (var route in row.HostRoutes)
            if (Cidr.Parse(route.Destination).Version != row.IpVersion || Ip.Parse(route.Nexthop).Version != row.IpVersion)
                throw Errors.InvalidInput($"host_routes '{route.Destination}' via '{route.Nexthop}' does not match the ip_version '{row.IpVersion}'");
    }

    /// <summary>The first address of the range unless the body says another, or none.</summary>
    private static Ip? Gateway(Values values, Cidr cidr)
    {
        if (!values.Said.Contains("gateway_ip")) return cidr.First.Bits - cidr.Length == 0 ? null : cidr.First.Bits - cidr.Length == 1 ? cidr.First : cidr.First.Next();
        if (values.Get<string>("gateway_ip") is not { } text) return null;
        var gateway = Ip.Parse(text);
        if (gateway.Version != cidr.Version) throw Errors.InvalidInput($"gateway_ip '{text}' does not match the ip_version '{cidr.Version}'");
        // A gateway outside the range is legal (it is reached on link); the range's own and broadcast addresses are not.
        if (cidr.Version == 4 && cidr.Contains(gateway) && !cidr.IsHost(gateway)) throw Errors.InvalidInput("Gateway is not valid on subnet");
        return gateway;
    }

    private static PoolText[] Pools(Values values, Cidr cidr, Ip? gateway)
    {
        if (values.Get<PoolText[]>("allocation_pools") is not { } given) return [.. AddressPool.Default(cidr, gateway).Select(PoolText.Of)];
        SubnetReaders.CheckPools(given, cidr);
        if (gateway is { } taken)
            foreach (var pool in given)
                if (pool.Pool.Contains(taken)) throw Errors.GatewayInPool(taken, pool.Pool);
        return given;
    }
}
