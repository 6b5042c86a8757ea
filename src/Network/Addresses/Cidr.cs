using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Nephos.Network.Addresses;

/// <summary>A range of addresses by prefix.</summary>
/// <param name="First">Its first address; no bits below the prefix.</param>
/// <param name="Length">Of the prefix.</param>
internal readonly record struct Cidr(Ip First, int Length)
{
    public int Version => First.Version;

    /// <summary>Addresses minus one: the size of ::/0 does not fit.</summary>
    public UInt128 LastOffset => Length == 0 && Version == 6 ? UInt128.MaxValue : (UInt128.One << (First.Bits - Length)) - 1;

    public Ip Last => First with { Value = First.Value + LastOffset };

    public static Cidr Of(Ip ip, int length) => new(ip with { Value = ip.Value & Mask(ip.Bits, length) }, length);

    public static Cidr Parse(string text) => TryParse(text, out var cidr) ? cidr : throw new FormatException($"{text} is not a range");

    public static bool TryParse([NotNullWhen(true)] string? text, out Cidr cidr)
    {
        cidr = default;
        if (text is null) return false;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!Ip.TryParse(slash < 0 ? text : text[..slash], out var ip)) return false;
        var length = ip.Bits;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > ip.Bits)) return false;
        cidr = Of(ip, length);
        return true;
    }

    public bool Contains(Ip ip) => ip.Version == Version && ip >= First && ip <= Last;
    public bool Contains(Cidr other) => other.Version == Version && other.Length >= Length && Contains(other.First);
    public bool Overlaps(Cidr other) => Contains(other) || other.Contains(this);

    /// <summary>The subnet's own and the broadcast address are no host's; /31 and /32 (and /127, /128) have hosts only.</summary>
    public bool IsHost(Ip ip) => Contains(ip) && (ip.Bits - Length <= 1 || ip != First && (Version == 6 || ip != Last));

    /// <summary>What hosts may have.</summary>
    public AddressPool Hosts => First.Bits - Length <= 1 ? new(First, Last) : new(First.Next(), Version == 4 ? Last.Next(-1) : Last);

    public override string ToString() => $"{First}/{Length}";

    private static UInt128 Mask(int bits, int length) => length == 0 ? 0 : (UInt128.MaxValue << (128 - length)) >> (128 - bits);
}

/// <summary>Addresses from one to another, both included.</summary>
internal readonly record struct AddressPool(Ip Start, Ip End)
{
    public bool Contains(Ip ip) => ip.Version == Start.Version && ip >= Start && ip <= End;
    public bool Overlaps(AddressPool other) => Start.Version == other.Start.Version && Start <= other.End && other.Start <= End;
    public override string ToString() => $"{Start}-{End}";

    /// <summary>How many addresses.</summary>
    public UInt128 Size => End.Value - Start.Value + 1;

    /// <summary>The pools of a subnet whose creator gave none: every host address but the gateway's.</summary>
    public static IReadOnlyList<AddressPool> Default(Cidr cidr, Ip? gateway)
    {
        var hosts = cidr.Hosts;
        if (gateway is not { } taken || !hosts.Contains(taken)) return [hosts];
        var pools = new List<AddressPool>();
        if (taken > hosts.Start) pools.Add(new(hosts.Start, taken.Next(-1)));
        if (taken < hosts.End) pools.Add(new(taken.Next(), hosts.End));
        return pools;
    }
}
