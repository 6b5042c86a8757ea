using System.Collections.Concurrent;
using System.Text.Json;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;

namespace Nephos.Compute.Tests.Fakes;

/// <summary>A node that does what it is told in memory, unless a test holds or breaks it.</summary>
internal sealed class SimulatedNode(NodeFeeds feeds, IEnumerable<INodeListener> listeners, FakeImages images, string host = "node-1") : INodeQuestions, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Guid, (ServerItem Item, PowerState Power, long Number)> _guests = [];
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    public Guid Id { get; } = NewId.Uuid();
    public IReadOnlyDictionary<Guid, (ServerItem Item, PowerState Power, long Number)> Guests => _guests;
    /// <summary>Why builds fail here, or null.</summary>
    public string? Broken { get; set; }
    /// <summary>While set, nothing is done.</summary>
    public bool Held { get; set; }

    public NodeHello Hello => new()
    {
        Node = Id, Cloud = "test", Host = host, BootId = "boot", Address = "192.0.2.1", Release = "1.0",
        Hypervisor = new HypervisorFacts { Type = "fake", Version = 1, Accelerator = "fake", Vcpus = 8, MemoryMib = 16384, DiskGib = 100 },
        Switch = new SwitchFacts("fake", "tap", ["vxlan"], 1500),
    };

    public async Task Start()
    {
        foreach (var listener in listeners) await listener.Joined(Hello, false, default);
        _running = Run();
    }

    public async Task Reboot()
    {
        foreach (var (id, guest) in _guests) _guests[id] = guest with { Power = PowerState.Shutdown };
        foreach (var listener in listeners) await listener.Joined(Hello, true, default);
    }

    /// <summary>A guest turns itself off.</summary>
    public async Task PowerOff(Guid server)
    {
        _guests[server] = _guests[server] with { Power = PowerState.Shutdown };
        var item = (await feeds.Inventory(Id)).Single(i => i.Id == server);
        await feeds.Observe(Id, [Report(item.Kind, server, item.Generation)]);
    }

    public Task<JsonElement> Ask(Guid node, string verb, Guid subject, string? argument, TimeSpan limit, CancellationToken ct)
    {
        if (verb == "snapshot") images.All[Guid.Parse(argument!)] = images.All[Guid.Parse(argument!)] with { Status = "active", Size = 1 };
        return Task.FromResult(verb switch
        {
            "console" => JsonSerializer.SerializeToElement("line 1\nline 2\nline 3\n"),
            "diagnostics" => StoredJson.Element(new GuestDiagnostics { Power = PowerState.Running, Driver = "fake", UptimeSeconds = 7, CpuTimeNs = [1], MemoryMaximumMib = 512, Nics = [], Disks = [] }),
            _ => JsonSerializer.SerializeToElement(new { bytes = 1 }),
        });
    }

    private async Task Run()
    {
        IReadOnlyDictionary<string, long> after = new Dictionary<string, long>();
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                if (Held)
                {
                    await Task.Delay(10, _stop.Token);
                    continue;
                }
                var changes = await feeds.Watch(Id, after, TimeSpan.FromMilliseconds(500), _stop.Token);
                if (Held) continue;
                after = changes.Numbers;
                foreach (var item in changes.Items.Where(i => i.Kind == NodeItemKinds.Server)) await feeds.Observe(Id, [Do(item)]);
            }
        }
        catch (OperationCanceledException) { }
    }

    private Observed Do(NodeItem item)
    {
        if (!item.Wanted)
        {
            _guests.TryRemove(item.Id, out _);
            return new Observed(item.Kind, item.Id, item.Generation, false);
        }
        if (Broken is { } why) return new Observed(item.Kind, item.Id, item.Generation, true, why);
        var spec = StoredJson.Read<ServerItem>(item.Spec!.Value);
        var guest = _guests.GetValueOrDefault(item.Id, (spec, PowerState.Shutdown, 0));
        guest.Item = spec;
        if (spec.Power.Number > guest.Number)
            guest = (spec, spec.Power.Verb switch { PowerVerb.Stop => PowerState.Shutdown, PowerVerb.Pause => PowerState.Paused, PowerVerb.Suspend => PowerState.Suspended, _ => PowerState.Running }, spec.Power.Number);
        _guests[item.Id] = guest;
        return Report(item.Kind, item.Id, item.Generation);
    }

    private Observed Report(string kind, Guid id, long generation)
    {
        var (item, power, number) = _guests[id];
        return new Observed(kind, id, generation, true, null, StoredJson.Element(new ServerObserved(power, "", number, null, item.Ports)));
    }

    public async ValueTask DisposeAsync()
    {
        // Twice: by its test, before the database goes, and by the container.
        if (_disposed) return;
        _disposed = true;
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
