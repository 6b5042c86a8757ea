using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Contracts.Link;

namespace Nephos.Compute.Hypervisors;

/// <summary>Makes a node that introduces itself a hypervisor, a service and a resource provider; brings its servers back after a reboot of the host.</summary>
internal sealed class NodeListener(NodeTable nodes, IPlacement placement, ServerSync sync, TimeProvider time) : INodeListener
{
    // nova's defaults.
    private const double CpuRatio = 16, MemoryRatio = 1.5, DiskRatio = 1;
    private const int ReservedMemoryMib = 512;
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(10);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, DateTimeOffset> _written = [];

    public async Task Joined(NodeHello hello, bool hostRebooted, CancellationToken ct)
    {
        await nodes.Join(hello);
        var facts = hello.Hypervisor;
        await placement.EnsureProvider(new ProviderSpec(hello.Node, hello.Host, new Dictionary<string, Inventory>
        {
            ["VCPU"] = new(facts.Vcpus, 0, CpuRatio, 1, facts.Vcpus),
            ["MEMORY_MB"] = new(facts.MemoryMib, Math.Min(ReservedMemoryMib, facts.MemoryMib / 2), MemoryRatio, 1, (int)facts.MemoryMib),
            ["DISK_GB"] = new(Math.Max(1, facts.DiskGib), 0, DiskRatio, 1, (int)Math.Max(1, facts.DiskGib)),
        }, facts.Traits), ct);
        if (hostRebooted) await sync.HostRebooted(hello.Node, ct);
    }

    public async Task Seen(Guid node, CancellationToken ct)
    {
        // A sign of life is worth a write only now and then.
        var now = time.GetUtcNow();
        if (_written.TryGetValue(node, out var last) && now - last < WriteEvery) return;
        _written[node] = now;
        await nodes.Seen(node);
    }
}
