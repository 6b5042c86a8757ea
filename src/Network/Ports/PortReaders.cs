using System.Text.Json;
using Nephos.Kernel.Api.Schemas;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;

namespace Nephos.Network.Ports;

/// <summary>Readers of a port's compound values.</summary>
internal static class PortReaders
{
    public static object? FixedIps(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array) throw new InvalidValue($"Invalid data format for fixed IP: '{PythonRepr.Str(json)}'");
        var wanted = new List<WantedIp>();
        foreach (var item in json.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object) throw new InvalidValue($"Invalid data format for fixed IP: '{PythonRepr.Str(item)}'");
            foreach (var member in item.EnumerateObject())
                if (member.Name is not ("subnet_id" or "ip_address")) throw new InvalidValue($"Invalid data format for fixed IP: '{PythonRepr.Str(item)}'");
            var subnet = item.TryGetProperty("subnet_id", out var id) ? (Guid?)Read.Uuid(id) : null;
            var address = item.TryGetProperty("ip_address", out var ip) ? (string?)Read.Address(ip) : null;
            if (address is not null && wanted.Exists(w => w.IpAddress == address)) throw new InvalidValue($"Duplicate IP address '{address}'");
            wanted.Add(new(subnet, address));
        }
        return wanted.ToArray();
    }

    public static IEnumerable<string> FixedIpParts(object? value)
    {
        foreach (var ip in value as WantedIp[] ?? [])
        {
            if (ip.SubnetId is not null) yield return "subnet_id";
            if (ip.IpAddress is not null) yield return "ip_address";
        }
    }

    /// <summary>The hardware address of a pair may be left out: the port's own is meant.</summary>
    public static object? Pairs(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return Array.Empty<PairText>();
        if (json.ValueKind != JsonValueKind.Array) throw Errors.BadRequest("Allowed address pairs must be a list.");
        var pairs = new List<PairText>();
        foreach (var item in json.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object) throw new InvalidValue($"Invalid data format for allowed address pair: '{PythonRepr.Str(item)}'");
            foreach (var member in item.EnumerateObject())
                if (member.Name is not ("mac_address" or "ip_address")) throw Errors.BadRequest($"Unrecognized attribute(s) '{member.Name}'");
            if (!item.TryGetProperty("ip_address", out var ip)) throw Errors.PairWithoutAddress();
            if (ip.ValueKind != JsonValueKind.String || !Cidr.TryParse(ip.GetString()!, out var cidr)) throw new InvalidValue($"'{PythonRepr.Str(ip)}' is not a valid IP subnet");
            var address = ip.GetString()!.Contains('/', StringComparison.Ordinal) ? cidr.ToString() : cidr.First.ToString();
            var mac = item.TryGetProperty("mac_address", out var given) ? (string)Read.Mac(given)! : "";
            if (pairs.Contains(new(mac, address))) throw Errors.DuplicatePair(mac, address);
            pairs.Add(new(mac, address));
        }
        return pairs.ToArray();
    }

    public static IEnumerable<string> PairParts(object? value)
    {
        foreach (var pair in value as PairText[] ?? [])
        {
            yield return "ip_address";
            if (pair.MacAddress.Length > 0) yield return "mac_address";
        }
    }

    /// <summary>Options to set; a null value takes one away.</summary>
    public static object? Options(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return Array.Empty<(DhcpOption, bool)>();
        if (json.ValueKind != JsonValueKind.Array) throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a list");
        return json.EnumerateArray().Select(item =>
        {
            if (item.ValueKind != JsonValueKind.Object) throw new InvalidValue($"'{PythonRepr.Str(item)}' is not a dictionary");
            var name = Read.Member(item, "opt_name");
            if (string.IsNullOrWhiteSpace(name) || name.Length > 64 || name.AsSpan().ContainsAny('\n', '\r', ',')) throw new InvalidValue($"No valid key specs matched for: {PythonRepr.Of(item)}");
            var value = item.TryGetProperty("opt_value", out var given) && given.ValueKind == JsonValueKind.Null ? null : Read.Member(item, "opt_value");
            if (value is null && (!item.TryGetProperty("opt_value", out given) || given.ValueKind != JsonValueKind.Null)) throw new InvalidValue($"No valid key specs matched for: {PythonRepr.Of(item)}");
            if (value is not null && (value.Length > 255 || value.AsSpan().ContainsAny('\n', '\r') || value.Length == 0 && name is not ("router" or "classless-static-route")))
                throw new InvalidValue($"No valid key specs matched for: {PythonRepr.Of(item)}");
            var version = item.TryGetProperty("ip_version", out var v) ? (int)Read.IpVersion(v)! : 4;
            return (new DhcpOption(name, value ?? "", version), value is not null);
        }).ToArray();
    }

    public static object? Profile(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => default(JsonElement?),
        JsonValueKind.Object when json.GetRawText().Length <= 4095 => json,
        _ => throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a dictionary"),
    };
}
