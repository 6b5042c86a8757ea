using System.Threading.Channels;
using Nephos.Contracts.Link;

namespace Nephos.Node;

/// <summary>Observations on their way to the controllers: the newest of each thing, until one of them has taken it.</summary>
internal sealed class Reports
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, Guid), Observed> _waiting = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Add(Observed observed)
    {
        lock (_lock) _waiting[(observed.Kind, observed.Id)] = observed;
        _signal.Writer.TryWrite(true);
    }

    public ValueTask<bool> Wait(CancellationToken ct) => _signal.Reader.ReadAsync(ct);

    public IReadOnlyList<Observed> Take()
    {
        lock (_lock)
        {
            Observed[] all = [.. _waiting.Values];
            _waiting.Clear();
            return all;
        }
    }

    /// <summary>Puts back what could not be sent, unless something newer came meanwhile.</summary>
    public void Return(IEnumerable<Observed> unsent)
    {
        lock (_lock)
            foreach (var observed in unsent) _waiting.TryAdd((observed.Kind, observed.Id), observed);
        _signal.Writer.TryWrite(true);
    }
}
