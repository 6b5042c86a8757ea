using System.Security.Cryptography;
using System.Text;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.LinuxBridge.Firewall;

/// <summary>
/// The first rule of a chain says by a comment whose chain it is (its name holds a part of the id only) and which rights it was written
/// for, so that a node that starts again sees that rights were taken away while it was not there.
/// </summary>
internal sealed record ChainLabel(string Thing, string Hash)
{
    public static ChainLabel Of(GroupSpec group, OwnerMark mark, ChainNames names) =>
        new(mark.Alias("group", group.Id), Digest(group.Rules.Select(rule => $"{rule.Ingress} {rule.V6} {GroupRules.Rule(rule, names)}")));

    public static ChainLabel Of(PortSpec port, OwnerMark mark) =>
        new(mark.Alias("port", port.Id), Digest([.. port.Groups.Select(g => g.ToString()), .. port.Addresses]));

    /// <summary>A rule without a target.</summary>
    public string Rule => $"-m comment --comment {Thing}/{Hash}";

    /// <summary>True when the host has the thing with other rights.</summary>
    public bool Differs(Ruleset rules) => rules.Labels.TryGetValue(Thing, out var hash) && hash != Hash;

    static string Digest(IEnumerable<string> words) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', words.Order(StringComparer.Ordinal)))).AsSpan(0, 6));
}
