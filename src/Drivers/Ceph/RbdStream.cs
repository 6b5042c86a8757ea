using Nephos.Contracts;

namespace Nephos.Drivers.Ceph;

/// <summary>An image's bytes, fetched by chunks. Owns the image.</summary>
sealed class RbdStream(CephCluster cluster, ImageHandle image, long size, long from, int chunkSize) : ForwardStream
{
    readonly byte[] chunk = new byte[chunkSize];
    long next = from;
    int at, filled;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        if (at == filled)
        {
            // Whole objects, wherever it began.
            var length = (int)Math.Min(chunk.Length - next % chunk.Length, size - next);
            if (length <= 0) return 0;
            filled = (int)await cluster.Call(() => CephErrors.Check(Librbd.Read(image, (ulong)next, (nuint)length, chunk), "read an image"), cancellationToken);
            at = 0;
            next += filled;
        }
        var count = Math.Min(buffer.Length, filled - at);
        chunk.AsSpan(at, count).CopyTo(buffer.Span);
        at += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) image.Dispose();
        base.Dispose(disposing);
    }
}
