using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Nephos.Network.Addresses;

/// <summary>An address as a number.</summary>
/// <param name="Value">In host order.</param>
/// <param name="Version">4 or 6.</param>
internal readonly record struct Ip(UInt128 Value, int Version) : IComparable<Ip>
{
    public int Bits => Version == 4 ? 32 : 128;

    public static Ip Parse(string text) => TryParse(text, out var ip) ? ip : throw new FormatException($"{text} is not an address");

    /// <summary>Strict: four decimal parts without leading zeros, or IPv6 without a zone.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Ip ip)
    {
        ip = default;
        if (text is null || text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal) || !IPAddress.TryParse(text, out var address)) return false;
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            if (text != address.ToString()) return false;
            ip = new(BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()), 4);
            return true;
        }
        ip = new(BinaryPrimitives.ReadUInt128BigEndian(address.GetAddressBytes()), 6);
        return true;
    }

    /// <summary>The one spelling that rows and answers have.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return new IPAddress(Version == 4 ? bytes[12..] : bytes).ToString();
    }

    public Ip Next(long step = 1) => this with { Value = step >= 0 ? Value + (UInt128)step : Value - (UInt128)(-step) };

    public int CompareTo(Ip other) => Version != other.Version ? Version.CompareTo(other.Version) : Value.CompareTo(other.Value);
    public static bool operator <(Ip a, Ip b) => a.CompareTo(b) < 0;
    public static bool operator >(Ip a, Ip b) => a.CompareTo(b) > 0;
    public static bool operator <=(Ip a, Ip b) => a.CompareTo(b) <= 0;
    public static bool operator >=(Ip a, Ip b) => a.CompareTo(b) >= 0;

    public bool IsLoopback => Version == 4 ? Value >> 24 == 127 : Value == 1;
    public bool IsMulticast => Version == 4 ? Value >> 28 == 0xE : Value >> 120 == 0xFF;
    public bool IsLinkLocal => Version == 4 ? Value >> 16 == 0xA9FE : Value >> 118 == 0x3FA;
}
