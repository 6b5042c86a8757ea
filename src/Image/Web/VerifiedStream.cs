using System.Security.Cryptography;
using Nephos.Contracts;

namespace Nephos.Image.Web;

/// <summary>Data whose hash is known. What is other data fails at its end, and is never whole for who reads it. Owns what it reads.</summary>
internal sealed class VerifiedStream(Stream inner, string algorithm, string hash, string url) : ForwardStream
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(new HashAlgorithmName(algorithm.ToUpperInvariant()));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _digest.AppendData(buffer.Span[..read]);
        if (read == 0 && buffer.Length > 0 && !Convert.ToHexStringLower(_digest.GetCurrentHash()).Equals(hash, StringComparison.OrdinalIgnoreCase)) throw Fault.Conflict($"What is at {WebReader.Shown(url)} is not the image's data any more: its hash is another.");
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _digest.Dispose();
        }
        base.Dispose(disposing);
    }
}
