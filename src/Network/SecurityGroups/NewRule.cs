using System.Globalization;
using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Api.Schemas;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;

namespace Nephos.Network.SecurityGroups;

/// <summary>Rules for a new rule, as upstream checks and says them: pure.</summary>
internal static class NewRule
{
    private static readonly string[] Named =
    [
        "ah", "dccp", "egp", "esp", "gre", "hopopt", "icmp", "icmpv6", "igmp", "ip", "ipip", "ipv6-encap", "ipv6-frag", "ipv6-icmp", "ipv6-nonxt", "ipv6-opts", "ipv6-route",
        "ospf", "pgm", "rsvp", "sctp", "tcp", "udp", "udplite", "vrrp",
    ];
    private static readonly string[] WithPorts = ["dccp", "sctp", "tcp", "udp", "udplite"];
    private static readonly string[] WithPortsByNumber = ["6", "17", "33", "132", "136"];
    private static readonly string[] V6Only = ["icmpv6", "ipv6-encap", "ipv6-frag", "ipv6-icmp", "ipv6-nonxt", "ipv6-opts", "ipv6-route", "58", "41", "44", "59", "60", "43"];

    public static object? Ethertype(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return "IPv4";
        var text = json.ValueKind == JsonValueKind.String ? json.GetString()!.ToLowerInvariant() : "";
        return text switch
        {
            "ipv4" => "IPv4",
            "ipv6" => "IPv6",
            _ => throw Errors.RuleInvalid("SecurityGroupRuleInvalidEtherType", $"Security group rule for ethertype '{PythonRepr.Str(json)}' not supported. Allowed values are ['IPv4', 'IPv6']."),
        };
    }

    public static object? Protocol(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return null;
        var text = json.ValueKind == JsonValueKind.Number ? json.GetRawText() : json.ValueKind == JsonValueKind.String ? json.GetString()!.ToLowerInvariant() : "";
        if (text is "any") return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 255) return number.ToString(CultureInfo.InvariantCulture);
        if (Named.Contains(text)) return text == "icmpv6" ? "ipv6-icmp" : text;
        throw Errors.RuleInvalid("SecurityGroupRuleInvalidProtocol",
            $"Security group rule protocol {PythonRepr.Str(json)} not supported. Only protocol values {Read.PyList(["None", .. Named])} and integer representations [0 to 255] are supported.");
    }

    public static object? Port(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return null;
        if (json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var value) || json.ValueKind == JsonValueKind.String && long.TryParse(json.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            if (value is >= 0 and <= 65535) return (int)value;
        throw Errors.RuleInvalid("SecurityGroupInvalidPortValue", $"Invalid value for port {PythonRepr.Str(json)}");
    }

    public static object? Prefix(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null || json.ValueKind == JsonValueKind.String && json.GetString()!.Length == 0) return null;
        if (json.ValueKind == JsonValueKind.String && Cidr.TryParse(json.GetString()!, out var cidr))
            return json.GetString()!.Contains('/', StringComparison.Ordinal) ? json.GetString() : cidr.ToString();
        throw new Fault(FaultKind.Invalid, "InvalidCIDR", $"Invalid CIDR {PythonRepr.Str(json)} given as IP prefix.");
    }

    /// <summary>What is no id names no group, as upstream says it.</summary>
    public static object? Group(JsonElement json) => Guid.TryParse(json.ValueKind == JsonValueKind.String ? json.GetString() : null, out var id) ? id : throw Errors.GroupNotFound(PythonRepr.Str(json));

    public static object? GroupOrNull(JsonElement json) => json.ValueKind == JsonValueKind.Null ? null : Group(json);

    public static object? NoAddressGroup(JsonElement json) =>
        json.ValueKind == JsonValueKind.Null ? null : throw new Fault(FaultKind.NotFound, "AddressGroupNotFound", $"Address group {PythonRepr.Str(json)} could not be found.");

    public static RuleRow From(Values values, DateTimeOffset now)
    {
        var (ethertype, protocol) = (values.Get<string>("ethertype")!, values.Get<string>("protocol"));
        var (min, max) = (values.Get<int?>("port_range_min"), values.Get<int?>("port_range_max"));
        var (prefix, remote) = (values.Get<string>("remote_ip_prefix"), values.Get<Guid?>("remote_group_id"));
        // "icmp" of an IPv6 rule is the other protocol.
        if (ethertype == "IPv6" && protocol is "icmp" or "1" && ethertype == "IPv6") protocol = "ipv6-icmp";
        CheckPorts(protocol, min, max);
        if (ethertype == "IPv4" && protocol is not null && V6Only.Contains(protocol))
            throw Errors.RuleInvalid("SecurityGroupEthertypeConflictWithProtocol", $"Invalid ethertype {ethertype} for protocol {protocol}.");
        if (prefix is not null && remote is not null)
            throw Errors.RuleInvalid("SecurityGroupMultipleRemoteEntites", "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.");
        Cidr? cidr = prefix is null ? null : Cidr.Parse(prefix);
        if (cidr is { } range && range.Version != (ethertype == "IPv4" ? 4 : 6))
            throw Errors.RuleInvalid("SecurityGroupRuleParameterConflict", $"Conflicting value ethertype {ethertype} for CIDR {prefix}");
        return new(NewId.Uuid(), values.Get<string>("project_id")!, values.Get<Guid>("security_group_id"), values.Get<string>("description") ?? "", values.Get<string>("direction")!, ethertype, protocol, min, max,
            prefix, cidr?.ToString(), remote, now, now, 1);
    }

    private static void CheckPorts(string? protocol, int? min, int? max)
    {
        if (min is null && max is null) return;
        if (protocol is null) throw Errors.RuleInvalid("SecurityGroupProtocolRequiredWithPorts", "Must also specify protocol if port range is given.");
        if (protocol is "icmp" or "1" or "ipv6-icmp" or "58")
        {
            foreach (var (field, name, value) in new[] { ("port_range_min", "type", min), ("port_range_max", "code", max) })
                if (value is > 255) throw Errors.RuleInvalid("SecurityGroupInvalidIcmpValue", $"Invalid value for ICMP {name} ({field}) {value}. It must be 0 to 255.");
            if (min is null) throw Errors.RuleInvalid("SecurityGroupMissingIcmpType", $"ICMP code (port-range-max) {max} is provided but ICMP type (port-range-min) is missing.");
            return;
        }
        if (!WithPorts.Contains(protocol) && !WithPortsByNumber.Contains(protocol))
            throw Errors.RuleInvalid("SecurityGroupInvalidProtocolForPort", $"Ports cannot be specified for protocol {protocol}. Ports are only supported for {string.Join(", ", [.. WithPorts, .. WithPortsByNumber])}.");
        if (min is 0 || max is 0) throw Errors.RuleInvalid("SecurityGroupInvalidPortValue", "Invalid value for port 0");
        if (min is null || max is null || min > max) throw Errors.RuleInvalid("SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max");
    }
}
