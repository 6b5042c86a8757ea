using System.Text.Json;
using System.Text.RegularExpressions;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;
using Nephos.Network.Attributes;

namespace Nephos.Network.Ports;

/// <summary>Odd attributes of ports.</summary>
internal static partial class PortFilters
{
    /// <summary><c>fixed_ips=ip_address=10.0.0.3</c>, <c>subnet_id=..</c>, <c>ip_address_substr=..</c>; addresses are alternatives, kinds all hold.</summary>
    public static SqlText FixedIps(IReadOnlyList<string> values)
    {
        var conditions = new List<SqlText>();
        foreach (var group in values.Select(Split).GroupBy(v => v.Key))
        {
            var wanted = group.Select(v => v.Value).ToArray();
            conditions.Add(group.Key switch
            {
                "subnet_id" => $"id IN (SELECT port_id FROM network_addresses WHERE subnet_id IN {wanted})",
                "ip_address" => $"id IN (SELECT port_id FROM network_addresses WHERE address IN {wanted})",
                "ip_address_substr" => Sql.Any(wanted.Select(w => (SqlText)$"id IN (SELECT port_id FROM network_addresses WHERE address LIKE {"%" + w.Replace("%", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal) + "%"})")),
                _ => throw Errors.BadRequest($"{Read.PyList([group.Key])} is invalid attribute for filtering"),
            });
        }
        return Sql.All(conditions);
    }

    public static object? DnsName(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return "";
        if (json.ValueKind != JsonValueKind.String) throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a valid string");
        var name = json.GetString()!.ToLowerInvariant();
        return name.Length == 0 || name.Length <= 255 && Name().IsMatch(name)
            ? name : throw new InvalidValue($"'{name}' not a valid PQDN or FQDN. Reason: Name '{name}' must be 1-63 characters long, each of which can only be alphanumeric or a hyphen");
    }

    public static object DnsAssignment(PortRow port) => port.FixedIps.Select(ip =>
    {
        var host = port.DnsName.Length > 0 ? port.DnsName : "host-" + ip.IpAddress.Replace('.', '-').Replace(':', '-');
        return new { ip_address = ip.IpAddress, hostname = host, fqdn = $"{host}.openstacklocal." };
    }).ToList();

    private static (string Key, string Value) Split(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? throw Errors.InvalidInput($"'{text}' is not of the form <key>=[value]") : (text[..equals], text[(equals + 1)..]);
    }

    [GeneratedRegex(@"^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?$")]
    private static partial Regex Name();
}
