using System.Text;

namespace Nephos.Image.Ova;

/// <summary>A plain file in an archive.</summary>
internal sealed record TarEntry(string Name, long Offset, long Size);

/// <summary>
/// Reads the headers of a tar archive whose bytes are hostile: plain files alone, in one folder, each name once. Nothing is unpacked, so
/// no name ever becomes a path.
/// </summary>
internal static class TarIndex
{
    private const int Block = 512, MostEntries = 256, MostHeaders = 2 * MostEntries + 1, MostExtension = 64 << 10;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static async Task<IReadOnlyList<TarEntry>> Of(Stream archive, CancellationToken ct)
    {
        var entries = new Dictionary<string, TarEntry>(StringComparer.OrdinalIgnoreCase);
        var header = new byte[Block];
        var headers = 0;
        for (long at = 0; at + Block <= archive.Length;)
        {
            archive.Position = at;
            await archive.ReadExactlyAsync(header, ct);
            if (!header.AsSpan().ContainsAnyExcept((byte)0)) break;
            // Each file may have an extended one before it, and all of them one together.
            if (++headers > MostHeaders) throw OvaErrors.Refused($"its archive has more than {MostHeaders} headers");
            if (Octal(header.AsSpan(148, 8)) != Sum(header)) throw OvaErrors.Refused($"its archive is damaged at byte {at}");
            var (start, size) = (at + Block, Number(header.AsSpan(124, 12)));
            if (size < 0 || size > archive.Length - start) throw OvaErrors.Refused($"its archive is cut short at byte {archive.Length}");
            switch ((char)header[156])
            {
                case '0' or '\0':
                    var name = Name(header);
                    if (!entries.TryAdd(name, new TarEntry(name, start, size))) throw OvaErrors.Refused($"it holds two files named {name}");
                    if (entries.Count > MostEntries) throw OvaErrors.Refused($"it holds more than {MostEntries} files");
                    break;
                case 'x' or 'g':
                    await RequireHarmless(archive, size, ct);
                    break;
                default:
                    throw OvaErrors.Refused("it holds a link, a folder or a device where only plain files may be");
            }
            at = start + (size + Block - 1) / Block * Block;
        }
        return entries.Count > 0 ? [.. entries.Values] : throw OvaErrors.Refused("it is no tar archive with files");
    }

    /// <summary>Times and owners may stand there; a name or size that only some programs heed may not.</summary>
    private static async Task RequireHarmless(Stream archive, long size, CancellationToken ct)
    {
        if (size > MostExtension) throw OvaErrors.Refused("an extended header of its archive is too long");
        var bytes = new byte[size];
        await archive.ReadExactlyAsync(bytes, ct);
        var text = Encoding.Latin1.GetString(bytes);
        if (((string[])[" size=", " path=", " linkpath=", " GNU.sparse"]).Any(k => text.Contains(k, StringComparison.Ordinal))) throw OvaErrors.Refused("its archive gives names or sizes in extended headers; make it as ustar");
    }

    private static string Name(byte[] header)
    {
        string name;
        try { name = Strict.GetString(Text(header.AsSpan(0, 100))); }
        catch (ArgumentException) { throw OvaErrors.Refused("a name in its archive is not UTF-8"); }
        if (name.StartsWith("./", StringComparison.Ordinal)) name = name[2..];
        // Of the old format this field means something else, or nothing.
        var inFolder = header.AsSpan(257).StartsWith("ustar"u8) && header[345] != 0 && header[263] == '0';
        if (inFolder || name.Length == 0 || name[0] == '.' || name.Any(c => c is '/' or '\\' || char.IsControl(c))) throw OvaErrors.Refused("a name in its archive is not that of a plain file in one folder");
        return name;
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;

    // More than 8 GiB do not fit into eleven octal digits; a set first bit says that the rest is a binary number.
    private static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) == 0) return Octal(field);
        long number = field[0] & 0x7f;
        foreach (var b in field[1..])
        {
            if (number > long.MaxValue >> 9) return -1;
            number = number << 8 | b;
        }
        return number;
    }

    private static long Octal(ReadOnlySpan<byte> field)
    {
        long number = 0;
        foreach (var c in Encoding.ASCII.GetString(Text(field)).Trim(' '))
        {
            if (c is < '0' or > '7') return -1;
            number = number * 8 + (c - '0');
        }
        return number;
    }

    private static int Sum(byte[] header)
    {
        var sum = 0;
        for (var i = 0; i < Block; i++) sum += i is >= 148 and < 156 ? ' ' : header[i];
        return sum;
    }
}
