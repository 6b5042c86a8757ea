using System.Net;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Nephos.Drivers.Swift;

/// <summary>A part of a file as a request's body, its digest made on the way.</summary>
sealed class FilePart(SafeFileHandle file, long offset, long length, Action<long>? written) : HttpContent
{
    const int BlockSize = 1 << 20;

    /// <summary>Of what was sent, as the storage tells it of what it has; null until all is.</summary>
    public string? Md5 { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // It finds damage on the way; nothing rests on its strength.
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var block = new byte[(int)Math.Min(BlockSize, Math.Max(length, 1))];
        for (var sent = 0L; sent < length;)
        {
            var read = await RandomAccess.ReadAsync(file, block.AsMemory(0, (int)Math.Min(block.Length, length - sent)), offset + sent, cancellationToken);
            if (read == 0) throw new EndOfStreamException("The file became shorter while it was sent.");
            digest.AppendData(block, 0, read);
            await stream.WriteAsync(block.AsMemory(0, read), cancellationToken);
            sent += read;
            written?.Invoke(offset + sent);
        }
        Md5 = Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
