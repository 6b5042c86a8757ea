using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Nephos.Contracts;

namespace Nephos.Drivers.ImageTools;

/// <summary>Unpacks what .NET itself can: gzip (one stream), and ZIP archives of one file.</summary>
static class Unpacking
{
    const int BlockSize = 1 << 20;

    public static async Task Run(string source, string format, string target, long limit, Action<long>? written, CancellationToken ct)
    {
        await using var packed = new FileStream(source, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous });
        await using var file = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.Read, 0, FileOptions.Asynchronous);
        try
        {
            if (format == "gzip")
            {
                var said = await Inspection.Read(packed, packed.Length - 4, 4, ct);
                packed.Position = 0;
                await using var plain = new GZipStream(packed, CompressionMode.Decompress);
                // Data that is cut short ends without a word: its last four bytes are to be the length.
                if ((uint)await Copy(plain, file, limit, written, ct) != BinaryPrimitives.ReadUInt32LittleEndian(said)) throw Damaged();
            }
            else
            {
                var entry = await ZipEntry.Only(packed, ct);
                if (entry.Size > limit) throw TooLarge(limit);
                await using var plain = entry.Open(packed);
                if (await Copy(plain, file, limit, written, ct) != entry.Size) throw Damaged();
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException) { throw Damaged(); }
    }

    public static Fault TooLarge(long limit) => new(FaultKind.TooLarge, "UnpackedTooLarge", $"The data unpacks to more than {limit} bytes.");

    public static Fault Damaged() => Fault.Invalid("The compressed data is damaged.", "PackedDamaged");

    /// <summary>Copies, leaving holes for zeros: what a bomb unpacks to takes no disk.</summary>
    static async Task<long> Copy(Stream from, FileStream to, long limit, Action<long>? written, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            long size = 0;
            while (await from.ReadAtLeastAsync(buffer.AsMemory(0, BlockSize), BlockSize, throwOnEndOfStream: false, ct) is > 0 and var read)
            {
                if (size + read > limit) throw TooLarge(limit);
                if (buffer.AsSpan(0, read).IndexOfAnyExcept((byte)0) >= 0)
                {
                    to.Position = size;
                    await to.WriteAsync(buffer.AsMemory(0, read), ct);
                }
                size += read;
                written?.Invoke(size);
            }
            to.SetLength(size);
            return size;
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }
}
