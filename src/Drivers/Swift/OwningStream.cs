using Nephos.Contracts;

namespace Nephos.Drivers.Swift;

/// <summary>A body that ends its answer with itself.</summary>
sealed class OwningStream(Stream inner, IDisposable owner) : ForwardStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            owner.Dispose();
        }
        base.Dispose(disposing);
    }
}
