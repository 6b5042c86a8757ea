using System.Text.Json;
using System.Threading.Channels;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;

namespace Nephos.Node.Tests;

/// <summary>A controller in memory: items with generations, the newest report of each, one queue of questions.</summary>
internal sealed class SimulatedController(string cloud = "c10d0001") : INodeLink
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, Guid), (NodeItem Item, long Revision)> _items = [];
    private readonly Dictionary<(string, Guid), Observed> _reports = [];
    private readonly Channel<NodeQuestion> _questions = Channel.CreateUnbounded<NodeQuestion>();
    private readonly Channel<NodeAnswer> _answers = Channel.CreateUnbounded<NodeAnswer>();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision;

    /// <summary>While true every call fails, as if the controller were down.</summary>
    public bool IsDown { get; set; }
    public byte[] ImageData { get; set; } = [];

    /// <summary>A file of this host that has the data instead.</summary>
    public string? ImageFile { get; set; }
    public byte[]? Uploaded { get; private set; }
    public NodeHello? Hello { get; private set; }
    public MetadataRequest? LastMetadata { get; private set; }

    public void Want(string kind, Guid id, object? spec)
    {
        lock (_lock)
        {
            var generation = _items.TryGetValue((kind, id), out var known) ? known.Item.Generation + 1 : 1;
            _items[(kind, id)] = (new NodeItem(kind, id, generation, spec is not null, spec is null ? null : StoredJson.Element(spec)), ++_revision);
            Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    /// <summary>Waits for a report about the newest generation of an item that satisfies the condition.</summary>
    public async Task<Observed> Until(string kind, Guid id, Func<Observed, bool> holds, CancellationToken ct)
    {
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (_reports.TryGetValue((kind, id), out var seen) && seen.Generation == _items[(kind, id)].Item.Generation && holds(seen)) return seen;
                next = _reported.Task;
            }
            await next.WaitAsync(TimeSpan.FromSeconds(30), ct);
        }
    }

    public async Task<NodeAnswer> Ask(string verb, Guid subject, string? argument, CancellationToken ct)
    {
        _questions.Writer.TryWrite(new NodeQuestion(Guid.NewGuid(), verb, subject, argument));
        return await _answers.Reader.ReadAsync(ct);
    }

    public Task<NodeWelcome> Join(NodeHello hello, CancellationToken ct) => Up(() => { Hello = hello; return new NodeWelcome(cloud, false); });

    public async Task<NodeChanges> Watch(Guid node, IReadOnlyDictionary<string, long> after, CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (IsDown) throw Fault.Unavailable("down");
                var number = after.GetValueOrDefault("all");
                var news = _items.Values.Where(i => i.Revision > number).OrderBy(i => i.Revision).ToList();
                if (news.Count > 0) return new NodeChanges([.. news.Select(n => n.Item)], new Dictionary<string, long> { ["all"] = news[^1].Revision });
                changed = _changed.Task;
            }
            await changed.WaitAsync(ct);
        }
    }

    public Task<IReadOnlyList<NodeItemKey>> Inventory(Guid node, CancellationToken ct) => Up(() =>
    {
        lock (_lock) return (IReadOnlyList<NodeItemKey>)[.. _items.Values.Select(i => new NodeItemKey(i.Item.Kind, i.Item.Id, i.Item.Generation))];
    });

    public Task Report(Guid node, IReadOnlyList<Observed> observed, CancellationToken ct) => Up(() =>
    {
        lock (_lock)
        {
            foreach (var one in observed) _reports[(one.Kind, one.Id)] = one;
            Interlocked.Exchange(ref _reported, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
        return 0;
    });

    public async Task<NodeQuestion?> NextQuestion(Guid node, CancellationToken ct) => await _questions.Reader.ReadAsync(ct);

    public Task Answer(Guid node, NodeAnswer answer, CancellationToken ct) => Up(() => _answers.Writer.TryWrite(answer));

    public Task<Stream> OpenImage(Guid image, CancellationToken ct) => Up<Stream>(() => ImageFile is null ? new MemoryStream(ImageData) : File.OpenRead(ImageFile));

    public async Task PutImage(Guid image, Stream data, CancellationToken ct)
    {
        using var copy = new MemoryStream();
        await data.CopyToAsync(copy, ct);
        Uploaded = copy.ToArray();
        // As a web client does with a body it has sent.
        await data.DisposeAsync();
    }

    public Task<MetadataReply> Metadata(MetadataRequest request, CancellationToken ct) => Up(() =>
    {
        LastMetadata = request;
        return new MetadataReply(200, "text/plain", JsonSerializer.SerializeToUtf8Bytes(request.Address));
    });

    private Task<T> Up<T>(Func<T> act) => IsDown ? Task.FromException<T>(Fault.Unavailable("down")) : Task.FromResult(act());
}
