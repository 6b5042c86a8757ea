using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Kernel.Convergence;

namespace Nephos.Network.Nodes;

/// <summary>Tells Compute which servers to look at again. May be lost with the process: Compute also reads the numbers.</summary>
internal sealed class DeviceNews(IServiceProvider services) : Loop
{
    private readonly ConcurrentDictionary<Guid, bool> waiting = [];

    public override string Name => "network.news";
    public override TimeSpan Period => TimeSpan.FromMinutes(1);

    public void Tell(IEnumerable<Guid> devices)
    {
        foreach (var device in devices) waiting[device] = true;
        Nudge();
    }

    public override async Task<object> Run(CancellationToken ct)
    {
        var devices = waiting.Keys.ToList();
        foreach (var device in devices) waiting.TryRemove(device, out _);
        // Compute needs Network and Network tells Compute: asked for here, not when either is made.
        if (devices.Count > 0 && services.GetService<IServers>() is { } servers) await servers.PortsChanged(devices, ct);
        return new { told = devices.Count };
    }
}
