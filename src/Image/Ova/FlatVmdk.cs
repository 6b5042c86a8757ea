using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Nephos.Image.Ova;

/// <summary>A disk whose descriptor is a text, and whose bytes are plain in files beside it.</summary>
/// <param name="Parts">In order; a name of null is a hole.</param>
internal sealed partial record FlatVmdk(IReadOnlyList<(string? Name, long Offset, long Length)> Parts)
{
    public const int Most = 64 << 10;
    private const int Sector = 512, MostParts = 1024;

    /// <summary>True for the first bytes of such a text.</summary>
    public static bool Is(ReadOnlySpan<byte> head) => head.StartsWith("# Disk DescriptorFile"u8);

    public static FlatVmdk Parse(byte[] descriptor)
    {
        var lines = Encoding.Latin1.GetString(descriptor).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? Value(string key) => lines.FirstOrDefault(l => l.StartsWith(key, StringComparison.OrdinalIgnoreCase) && l[key.Length..].TrimStart().StartsWith('='))?.Split('=', 2)[1].Trim().Trim('"');
        if (Value("createType") is not ("monolithicFlat" or "vmfs" or "vmfsThin" or "twoGbMaxExtentFlat")) throw OvaErrors.Refused("its disk's descriptor is not that of a flat one");
        if (!string.Equals(Value("parentCID") ?? "ffffffff", "ffffffff", StringComparison.OrdinalIgnoreCase) || Value("parentFileNameHint") is not null) throw OvaErrors.Refused("its disk is a difference to another one");
        var extents = lines.Where(l => Access().IsMatch(l)).ToList();
        if (extents.Count is 0 or > MostParts) throw OvaErrors.Refused("its disk has no extents, or too many");
        return new FlatVmdk([.. extents.Select(Part)]);
    }

    private static (string?, long, long) Part(string line)
    {
        var match = Extent().Match(line);
        if (!match.Success) throw OvaErrors.Refused("an extent of its disk is neither flat nor empty");
        var (length, hole) = (Sectors(match.Groups[1].Value), match.Groups[2].Value == "ZERO");
        if (!hole && match.Groups[3].Value.Length == 0) throw OvaErrors.Refused("an extent of its disk has no file");
        return (hole ? null : match.Groups[3].Value, match.Groups[4].Success ? Sectors(match.Groups[4].Value) : 0, length);
    }

    private static long Sectors(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 1L << 41 ? count * Sector : throw OvaErrors.Refused("an extent of its disk has an impossible size");

    [GeneratedRegex("^(RW|RDONLY|NOACCESS) ")]
    private static partial Regex Access();

    [GeneratedRegex("^(?:RW|RDONLY) ([0-9]{1,16}) (FLAT|VMFS|ZERO)(?: \"([^\"/\\\\]{0,255})\"(?: ([0-9]{1,16}))?)?$")]
    private static partial Regex Extent();
}
