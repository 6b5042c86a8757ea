using System.Buffers.Binary;
using System.IO.Compression;
using Nephos.Contracts;

namespace Nephos.Drivers.ImageTools;

/// <summary>
/// The one file of a ZIP archive, found without reading more than the archive's end and two headers: a general reader would list as many
/// files as a hostile archive says it has.
/// </summary>
/// <param name="At">Where its data begins.</param>
/// <param name="Packed">Bytes of it in the archive.</param>
/// <param name="Size">Bytes it unpacks to, as the archive says.</param>
/// <param name="Deflated">False: stored as it is.</param>
readonly record struct ZipEntry(long At, long Packed, long Size, bool Deflated)
{
    const int EndLength = 22, CommentMax = 65535, HeaderLength = 46, LocalLength = 30, DirectoryMax = 65536 + 2 * 65535;

    public static async Task<ZipEntry> Only(Stream archive, CancellationToken ct)
    {
        var (count, length, at) = await End(archive, ct);
        if (count != 1) throw Refused($"it has {count} files instead of one");
        if (length is < HeaderLength or > DirectoryMax) throw Damaged();
        var header = await Exactly(archive, at, (int)length, ct);
        if (U32(header, 0) != 0x02014b50) throw Damaged();
        if ((U16(header, 8) & 0x2041) != 0) throw Refused("it is encrypted");
        var method = U16(header, 10);
        if (method is not (0 or 8)) throw Refused("it is compressed by a method other than deflate");
        var (packed, size, local) = Wide(header);
        var before = await Exactly(archive, local, LocalLength, ct);
        if (U32(before, 0) != 0x04034b50) throw Damaged();
        var start = local + LocalLength + U16(before, 26) + U16(before, 28);
        if (packed < 0 || size < 0 || start > archive.Length - packed || (method == 0 && packed != size)) throw Damaged();
        return new ZipEntry(start, packed, size, method == 8);
    }

    /// <summary>Its bytes, unpacked.</summary>
    public Stream Open(Stream archive)
    {
        var part = new Part(archive, At, Packed);
        return Deflated ? new DeflateStream(part, CompressionMode.Decompress) : part;
    }

    // The record at the end, or the larger one it leads to where numbers do not fit.
    static async Task<(long Count, long Length, long At)> End(Stream archive, CancellationToken ct)
    {
        var from = Math.Max(0, archive.Length - EndLength - CommentMax);
        var tail = await Inspection.Read(archive, from, (int)(archive.Length - from), ct);
        for (var i = tail.Length - EndLength; i >= 0; i--)
        {
            if (U32(tail, i) != 0x06054b50 || i + EndLength + U16(tail, i + 20) != tail.Length) continue;
            var (count, length, at) = (U16(tail, i + 10), U32(tail, i + 12), U32(tail, i + 16));
            return count == 0xffff || length == uint.MaxValue || at == uint.MaxValue ? await WideEnd(archive, from + i, ct) : (count, length, at);
        }
        throw Damaged();
    }

    static async Task<(long, long, long)> WideEnd(Stream archive, long end, CancellationToken ct)
    {
        var locator = await Exactly(archive, end - 20, 20, ct);
        if (U32(locator, 0) != 0x07064b50) throw Damaged();
        var record = await Exactly(archive, I64(locator, 8), 56, ct);
        return U32(record, 0) == 0x06064b50 ? (I64(record, 32), I64(record, 40), I64(record, 48)) : throw Damaged();
    }

    // Sizes that do not fit stand in an extra field, in this order, each only if it is needed.
    static (long Packed, long Size, long Local) Wide(byte[] header)
    {
        long packed = U32(header, 20), size = U32(header, 24), local = U32(header, 42);
        if (packed != uint.MaxValue && size != uint.MaxValue && local != uint.MaxValue) return (packed, size, local);
        var at = HeaderLength + U16(header, 28);
        var end = at + U16(header, 30);
        if (end > header.Length) throw Damaged();
        while (at + 4 <= end && U16(header, at) != 1) at += 4 + U16(header, at + 2);
        if (at + 4 > end) throw Damaged();
        end = Math.Min(end, at + 4 + U16(header, at + 2));
        at += 4;
        if (size == uint.MaxValue) size = Next();
        if (packed == uint.MaxValue) packed = Next();
        if (local == uint.MaxValue) local = Next();
        return (packed, size, local);

        long Next() => (at += 8) <= end ? I64(header, at - 8) : throw Damaged();
    }

    static async Task<byte[]> Exactly(Stream archive, long at, int count, CancellationToken ct) =>
        await Inspection.Read(archive, at, count, ct) is var bytes && bytes.Length == count ? bytes : throw Damaged();

    static int U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
    static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
    static long I64(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));

    static Fault Damaged() => Fault.Invalid("The ZIP archive is damaged.", "ArchiveDamaged");
    static Fault Refused(string why) => Fault.Invalid($"The ZIP archive is refused: {why}.", "ArchiveRefused");

    /// <summary>So many bytes of a stream from a position on.</summary>
    sealed class Part(Stream whole, long at, long length) : ForwardStream
    {
        long left = length, position = at;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            whole.Position = position;
            var read = await whole.ReadAsync(buffer[..(int)Math.Min(buffer.Length, left)], cancellationToken);
            (left, position) = (left - read, position + read);
            return read;
        }
    }
}
