using System.Security.Cryptography;
using System.Text;
using Nephos.Image.Images;

namespace Nephos.Image.Ova;

/// <summary>A package to be written: its parts are known before, so its length is.</summary>
internal sealed class OvaFile
{
    private const int Block = 512;
    private readonly IReadOnlyList<(string Name, Stream Bytes)> _files;

    private OvaFile(IReadOnlyList<(string, Stream)> files) => _files = files;

    public long Length => _files.Sum(f => Block + Padded(f.Bytes.Length)) + 2 * Block;

    /// <summary>A package of an image whose disk is a stream-optimized one.</summary>
    public static async Task<OvaFile> Of(StoredImage image, FileStream disk, long virtualSize, CancellationToken ct)
    {
        var name = NameOf(image);
        var (diskName, descriptorName) = ($"{name}-disk1.vmdk", $"{name}.ovf");
        var descriptor = OvfWriter.Write(image, diskName, disk.Length, virtualSize);
        disk.Position = 0;
        var manifest = $"SHA256({descriptorName})= {Convert.ToHexStringLower(SHA256.HashData(descriptor))}\nSHA256({diskName})= {Convert.ToHexStringLower(await SHA256.HashDataAsync(disk, ct))}\n";
        return new OvaFile([(descriptorName, new MemoryStream(descriptor)), ($"{name}.mf", new MemoryStream(Encoding.ASCII.GetBytes(manifest))), (diskName, disk)]);
    }

    /// <summary>The image's name as that of a file anywhere; its id if it has no such.</summary>
    public static string NameOf(StoredImage image)
    {
        var name = string.Concat((image.Row.Name ?? "").Take(64).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.');
        return name.Any(char.IsAsciiLetterOrDigit) ? name : image.Id.ToString();
    }

    public async Task Write(Stream target, CancellationToken ct)
    {
        foreach (var (name, bytes) in _files)
        {
            await target.WriteAsync(Header(name, bytes.Length), ct);
            bytes.Position = 0;
            await bytes.CopyToAsync(target, 1 << 20, ct);
            await target.WriteAsync(new byte[Padded(bytes.Length) - bytes.Length], ct);
        }
        await target.WriteAsync(new byte[2 * Block], ct);
    }

    /// <summary>A header of the old format, with the size in binary where eleven octal digits do not hold it.</summary>
    internal static byte[] Header(string name, long size)
    {
        var header = new byte[Block];
        Encoding.ASCII.GetBytes(name).CopyTo(header, 0);
        Put(100, "0000644");
        Put(108, "0000000");
        Put(116, "0000000");
        if (size < 1L << 33) Put(124, Octal(size, 11));
        else
        {
            for (var i = 0; i < 8; i++) header[135 - i] = (byte)(size >> 8 * i);
            header[124] = 0x80;
        }
        Put(136, "00000000000");
        header[156] = (byte)'0';
        Encoding.ASCII.GetBytes("ustar\000").CopyTo(header, 257);
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = header.Sum(b => b);
        Put(148, Octal(sum, 6) + "\0");
        return header;

        void Put(int at, string text) => Encoding.ASCII.GetBytes(text).CopyTo(header, at);
    }

    private static string Octal(long number, int digits) => Convert.ToString(number, 8).PadLeft(digits, '0');

    private static long Padded(long length) => (length + Block - 1) / Block * Block;
}
