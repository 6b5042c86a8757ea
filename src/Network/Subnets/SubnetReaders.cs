using System.Text.Json;
using Nephos.Kernel.Api.Schemas;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;

namespace Nephos.Network.Subnets;

/// <summary>Readers of a subnet's compound values.</summary>
internal static class SubnetReaders
{
    public static object? Pools(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array) throw new InvalidValue($"Invalid data format for IP pool: '{PythonRepr.Str(json)}'");
        return json.EnumerateArray().Select(pool =>
        {
            Keys(pool, "end", "start");
            return new PoolText(Address(pool.GetProperty("start")), Address(pool.GetProperty("end")));
        }).ToArray();
    }

    public static object? Nameservers(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return Array.Empty<string>();
        if (json.ValueKind != JsonValueKind.Array) throw new InvalidValue($"Invalid data format for nameserver: '{PythonRepr.Str(json)}'");
        var servers = new List<string>();
        foreach (var item in json.EnumerateArray())
        {
            var server = item.ValueKind == JsonValueKind.String && Ip.TryParse(item.GetString()!, out var ip) ? ip.ToString()
                : throw new InvalidValue($"'{PythonRepr.Str(item)}' is not a valid nameserver. '{PythonRepr.Str(item)}' is not a valid IP address");
            if (servers.Contains(server)) throw new InvalidValue($"Duplicate nameserver '{server}'");
            servers.Add(server);
        }
        return servers.ToArray();
    }

    /// <summary>Routes of subnets and of routers.</summary>
    public static object? Routes(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return Array.Empty<RouteText>();
        if (json.ValueKind != JsonValueKind.Array) throw new InvalidValue($"Invalid data format for hostroute: '{PythonRepr.Str(json)}'");
        var routes = new List<RouteText>();
        foreach (var item in json.EnumerateArray())
        {
            Keys(item, "destination", "nexthop");
            var destination = item.GetProperty("destination");
            if (destination.ValueKind != JsonValueKind.String || !destination.GetString()!.Contains('/', StringComparison.Ordinal) || !Cidr.TryParse(destination.GetString()!, out var cidr))
                throw new InvalidValue($"'{PythonRepr.Str(destination)}' is not a valid CIDR");
            if (cidr.ToString() != destination.GetString()) throw new InvalidValue($"'{destination.GetString()}' is not a recognized CIDR, '{cidr}' is recommended");
            if (cidr.First.IsLoopback) throw new InvalidValue($"'{cidr}' is not a routable CIDR");
            var route = new RouteText(cidr.ToString(), Address(item.GetProperty("nexthop")));
            if (routes.Contains(route)) throw new InvalidValue($"Duplicate hostroute '{PythonRepr.Of(item)}'");
            routes.Add(route);
        }
        return routes.ToArray();
    }

    /// <summary>Pools that fit the subnet, in order, without overlap.</summary>
    public static void CheckPools(IReadOnlyList<PoolText> pools, Cidr cidr)
    {
        var sorted = new List<AddressPool>();
        foreach (var text in pools)
        {
            var (start, end) = (Ip.Parse(text.Start), Ip.Parse(text.End));
            if (start.Version != end.Version || start.Version != cidr.Version || end < start) throw Errors.InvalidPool(new AddressPool(start, end));
            var pool = new AddressPool(start, end);
            if (!cidr.IsHost(start) || !cidr.IsHost(end)) throw Errors.PoolOutside(pool, cidr);
            sorted.Add(pool);
        }
        sorted.Sort((a, b) => a.Start.CompareTo(b.Start));
        for (var i = 1; i < sorted.Count; i++)
            if (sorted[i].Overlaps(sorted[i - 1])) throw Errors.PoolsOverlap(sorted[i - 1], sorted[i], cidr);
    }

    private static string Address(JsonElement json) => json.ValueKind == JsonValueKind.String && Ip.TryParse(json.GetString()!, out var ip)
        ? ip.ToString() : throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a valid IP address");

    private static void Keys(JsonElement json, params string[] expected)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new InvalidValue($"Invalid input. '{PythonRepr.Str(json)}' must be a dictionary with keys: {Read.PyList(expected)}");
        var given = json.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal).ToList();
        if (!given.SequenceEqual(expected)) throw new InvalidValue($"Validation of dictionary's keys failed. Expected keys: {Read.PyList(expected)} Provided keys: {Read.PyList(given)}");
    }
}
