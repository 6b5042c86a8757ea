using Nephos.Contracts;

namespace Nephos.Image.Web;

/// <summary>The body of an answer that is given up when nothing comes for a while. Owns the answer.</summary>
internal sealed class PatientStream(Stream inner, IDisposable owner, TimeSpan silence, Func<Fault> silent) : ForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(silence);
        try { return await inner.ReadAsync(buffer, limit.Token); }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { throw silent(); }
        catch (Exception e) when (e is IOException or HttpRequestException) { throw Fault.Conflict($"The connection broke: {e.Message}"); }
    }

    /// <summary>Reads and forgets.</summary>
    public async Task Skip(long count, CancellationToken ct)
    {
        var buffer = new byte[64 << 10];
        while (count > 0)
        {
            var read = await ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), ct);
            if (read == 0) return;
            count -= read;
        }
    }

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
