using System.Globalization;
using System.Net;
using System.Text.Json;
using Nephos.Contracts;

namespace Nephos.Compute.SecurityGroups;

/// <summary>Rules as nova's API writes them: protocols, ports with -1 for any, a range or a group. Pure.</summary>
internal static class OldRule
{
    public static NewIngressRule Read(JsonElement body, Guid group, Guid? remote)
    {
        var (protocol, from, to) = (body.Text("ip_protocol"), body.Text("from_port"), body.Text("to_port"));
        var cidr = remote is null ? Cidr(body.Text("cidr")) : null;
        if (remote is not null && from is null && to is null) (from, to) = protocol?.ToUpperInvariant() switch { "ICMP" => ("-1", "-1"), "TCP" or "UDP" => ("1", "65535"), _ => (null, null) };
        if (protocol is null || from is null || to is null)
            return remote is not null && protocol is null && from is null && to is null ? new(group, "IPv4", null, null, null, null, remote) : throw Errors.NotEnoughForRule();
        if (!int.TryParse(from, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var low) || !int.TryParse(to, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var high))
            throw Errors.BadPorts(from, to);
        var name = protocol.ToUpperInvariant();
        if (name is not ("TCP" or "UDP" or "ICMP")) throw Errors.BadProtocol(protocol);
        if (low > high && !(name == "ICMP" && high == -1)) throw Errors.BadPorts(from, to, "Former value cannot be greater than the later");
        if (name != "ICMP" && (low < 1 && !(low == -1 && high == -1) || high > 65535)) throw Errors.BadPorts(from, to, "Valid TCP ports should be between 1-65535");
        if (name == "ICMP" && (low < -1 || low > 255 || high < -1 || high > 255)) throw Errors.BadPorts(from, to, "For ICMP, the type:code must be valid");
        return new(group, cidr?.Contains(':', StringComparison.Ordinal) == true ? "IPv6" : "IPv4", name.ToLowerInvariant(), low == -1 ? null : low, high == -1 ? null : high, cidr, remote);
    }

    /// <summary>A group; of its rules those that let in, as nova knew no others.</summary>
    public static Dictionary<string, object?> View(SecurityGroupFacts group, Dictionary<Guid, SecurityGroupFacts> remotes) => new()
    {
        ["id"] = group.Id.ToString(), ["description"] = group.Description, ["name"] = group.Name, ["tenant_id"] = group.ProjectId,
        ["rules"] = group.Rules.Where(r => r.Direction == "ingress").Select(r => View(r, remotes)),
    };

    public static Dictionary<string, object?> View(SecurityGroupRuleFacts rule, Dictionary<Guid, SecurityGroupFacts> remotes)
    {
        var remote = rule.RemoteGroup is { } id ? remotes.GetValueOrDefault(id) : null;
        // Upstream shows -1 for any ICMP type, and the whole range for any port.
        var any = rule.Protocol is null || rule.Protocol.Contains("icmp", StringComparison.Ordinal);
        return new()
        {
            ["id"] = rule.Id.ToString(), ["parent_group_id"] = rule.Group.ToString(), ["ip_protocol"] = rule.Protocol,
            ["from_port"] = rule.From ?? (rule.Protocol is null ? null : any ? -1 : 1), ["to_port"] = rule.To ?? (rule.Protocol is null ? null : any ? -1 : 65535),
            ["group"] = remote is null ? new Dictionary<string, string>() : new() { ["name"] = remote.Name, ["tenant_id"] = remote.ProjectId },
            ["ip_range"] = rule.RemoteGroup is null ? new Dictionary<string, string> { ["cidr"] = rule.Cidr ?? (rule.Ethertype == "IPv6" ? "::/0" : "0.0.0.0/0") } : [],
        };
    }

    private static string Cidr(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "0.0.0.0/0";
        var cidr = Uri.UnescapeDataString(text);
        return cidr.Contains('/', StringComparison.Ordinal) && IPAddress.TryParse(cidr.Split('/')[0], out var address) && int.TryParse(cidr.Split('/')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? 128 : 32) ? cidr : throw Errors.BadCidr(text);
    }
}
