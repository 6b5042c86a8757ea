using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.LinuxBridge.Firewall;

/// <summary>Names of chains and sets. All begin with the owner mark's five characters; the kernel allows 28 for chains and 31 for sets.</summary>
internal sealed class ChainNames(OwnerMark mark)
{
    /// <summary>Ports and networks are spread over sixteen chains by the first digit of their device, so a packet passes a sixteenth of them.</summary>
    public static readonly IReadOnlyList<char> Digits = [.. "0123456789abcdef"];

    string P => mark.Prefix;

    /// <summary>Jumped to from FORWARD.</summary>
    public string Forward => P + "-forward";
    /// <summary>Jumped to from INPUT.</summary>
    public string ToHost => P + "-host";
    /// <summary>Jumped to from PREROUTING of the table that stops what a guest may not send.</summary>
    public string Leave => P + "-leave";
    /// <summary>Jumped to from PREROUTING of <c>raw</c>.</summary>
    public string Zones => P + "-zones";
    /// <summary>Jumped to from POSTROUTING: source NAT of the external range.</summary>
    public string Masquerade => P + "-post";
    /// <summary>What may be routed from and to the external range.</summary>
    public string External => P + "-ext";
    /// <summary>Devices with this first digit: to the guest, from the guest, by bridge, zone by bridge.</summary>
    public string ToPorts(char digit) => $"{P}-_to{digit}";
    public string FromPorts(char digit) => $"{P}-_from{digit}";
    public string Bridges(char digit) => $"{P}-_br{digit}";
    public string BridgeZones(char digit) => $"{P}-_zone{digit}";

    public string ToPort(string device) => $"{P}-i-{Cut(device)}";
    public string FromPort(string device) => $"{P}-o-{Cut(device)}";
    public string Sources(string device) => $"{P}-s-{Cut(device)}";
    public string Frames(string device) => $"{P}-m-{Cut(device)}";
    public string GroupIn(Guid group) => $"{P}-gi-{group.ToString("N")[..16]}";
    public string GroupOut(Guid group) => $"{P}-ge-{group.ToString("N")[..16]}";

    /// <summary>A group's members. The whole id is in the name, since a set has nothing else to carry it.</summary>
    public string Members(Guid group, bool v6) => $"{P}{(v6 ? '6' : '4')}{Convert.ToBase64String(group.ToByteArray())[..22].Replace('/', '_').Replace('+', '-')}";

    /// <summary>The group a set stands for, or null.</summary>
    public Guid? GroupOfSet(string set)
    {
        if (set.Length != P.Length + 23 || !set.StartsWith(P, StringComparison.Ordinal) || set[P.Length] is not ('4' or '6')) return null;
        Span<byte> id = stackalloc byte[16];
        var text = set[(P.Length + 1)..].Replace('_', '/').Replace('-', '+') + "==";
        return Convert.TryFromBase64String(text, id, out var n) && n == 16 ? new Guid(id) : null;
    }

    /// <summary>True for chains that hold rules of many devices; those are changed rule by rule.</summary>
    public static bool IsShared(string chain) => chain.Contains("-_", StringComparison.Ordinal);

    /// <summary>The digit of <c>tap</c> and <c>brq</c> devices.</summary>
    public static char Digit(string device) => device[3];

    static string Cut(string device) => device[3..];
}
