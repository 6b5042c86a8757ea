using System.Threading.Channels;

namespace Nephos.Node;

/// <summary>Runs a pass on a period and whenever nudged, never twice at once. The next pass is the retry.</summary>
internal sealed class Nudged
{
    private readonly Channel<bool> _nudges = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Nudge() => _nudges.Writer.TryWrite(true);

    public async Task Run(TimeSpan period, Func<CancellationToken, Task> pass, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await pass(ct);
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(ct);
            wait.CancelAfter(period);
            try { await _nudges.Reader.ReadAsync(wait.Token); }
            catch (OperationCanceledException) { }
        }
    }
}
