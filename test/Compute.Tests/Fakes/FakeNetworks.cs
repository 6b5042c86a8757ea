using System.Collections.Concurrent;
using Nephos.Contracts;

namespace Nephos.Compute.Tests.Fakes;

internal sealed class FakeNetworks : INetworks
{
    private readonly ConcurrentDictionary<Guid, long> _tombstones = [];
    private readonly ConcurrentQueue<Guid> _changed = [];
    private int _last = 10;

    public List<NetworkFacts> All { get; } = [new(NewId.Uuid(), "private", FakeTokens.DemoProject, false, false, true, 1, 1450)];
    public List<GroupFacts> Groups { get; } = [new(NewId.Uuid(), "default"), new(NewId.Uuid(), "web")];
    public ConcurrentDictionary<Guid, PortFacts> Existing { get; } = [];

    /// <summary>A port of the user's own.</summary>
    public PortFacts AddPort(string project = FakeTokens.DemoProject)
    {
        var port = Make(NewId.Uuid(), All[0], project, null, [Groups[0]]);
        return Existing[port.Id] = port;
    }

    /// <summary>Puts a floating address before the server's first address, as Network would after a request to it.</summary>
    public void Float(Guid server, string? address)
    {
        var port = Existing.Values.First(p => p.DeviceId == server.ToString());
        Existing[port.Id] = port with { Addresses = [port.Addresses[0] with { Floating = address }] };
        _changed.Enqueue(server);
    }

    public Task<IReadOnlyList<NetworkFacts>> Usable(string projectId, bool isAdmin, IReadOnlyList<Guid> ids, CancellationToken ct) => Task.FromResult<IReadOnlyList<NetworkFacts>>(
        [.. All.Where(n => ids.Count == 0 ? n.ProjectId == projectId || n.Shared : ids.Contains(n.Id) && (isAdmin || n.ProjectId == projectId || n.Shared || n.External))]);

    public Task<NetworkFacts> Auto(string projectId, CancellationToken ct) => throw Fault.Invalid("no external network");

    public Task<IReadOnlyList<GroupFacts>> SecurityGroups(string projectId, IReadOnlyList<string> namesOrIds, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<GroupFacts>>([.. Groups.Where(g => namesOrIds.Contains(g.Name) || namesOrIds.Contains(g.Id.ToString()))]);

    public Task<IReadOnlyList<PortFacts>> Ports(IReadOnlyList<Guid> ids, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<PortFacts>>([.. ids.Where(Existing.ContainsKey).Select(i => Existing[i])]);

    public Task<IReadOnlyList<PortFacts>> PortsOf(IReadOnlyList<Guid> devices, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<PortFacts>>([.. Existing.Values.Where(p => devices.Any(d => p.DeviceId == d.ToString())).OrderBy(p => p.Id)]);

    public Task<PortFacts> EnsurePort(NewPort port, CancellationToken ct)
    {
        if (_tombstones.TryGetValue(port.Id, out var epoch) && port.Epoch <= epoch) throw Fault.Conflict("gone", "Gone");
        return Task.FromResult(Existing.GetOrAdd(port.Id, _ => Make(port.Id, All.Single(n => n.Id == port.Network), port.ProjectId, port.Address,
            port.Groups is null ? [Groups[0]] : [.. Groups.Where(g => port.Groups.Contains(g.Id))]) with
        { DeviceId = port.Device.ToString(), DeviceOwner = port.DeviceOwner, MadeForServer = true }));
    }

    public Task<PortFacts> Bind(Guid port, Guid device, string deviceOwner, Guid node, long epoch, CancellationToken ct)
    {
        var known = Existing[port];
        if (known.DeviceId.Length > 0 && known.DeviceId != device.ToString()) throw Fault.Conflict("in use");
        return Task.FromResult(Existing[port] = known with { DeviceId = device.ToString(), DeviceOwner = deviceOwner });
    }

    public Task Unbind(Guid port, Guid device, CancellationToken ct)
    {
        if (Existing.TryGetValue(port, out var known) && known.DeviceId == device.ToString()) Existing[port] = known with { DeviceId = "", DeviceOwner = "" };
        return Task.CompletedTask;
    }

    public Task DeletePort(Guid port, long epoch, CancellationToken ct)
    {
        Existing.TryRemove(port, out _);
        _tombstones[port] = epoch;
        return Task.CompletedTask;
    }

    public Task SetGroups(Guid device, IReadOnlyList<Guid> add, IReadOnlyList<Guid> remove, CancellationToken ct)
    {
        foreach (var port in Existing.Values.Where(p => p.DeviceId == device.ToString()))
            Existing[port.Id] = port with { Groups = [.. port.Groups.Where(g => !remove.Contains(g.Id)).Concat(Groups.Where(g => add.Contains(g.Id))).Distinct()] };
        return Task.CompletedTask;
    }

    public Task ChangeAddress(Guid device, Guid? addFromNetwork, string? removeAddress, CancellationToken ct)
    {
        var port = Existing.Values.First(p => p.DeviceId == device.ToString());
        Existing[port.Id] = port with
        {
            Addresses = addFromNetwork is null ? [.. port.Addresses.Where(a => a.Address != removeAddress)] : [.. port.Addresses, port.Addresses[0] with { Address = NextAddress(), Floating = null }],
        };
        return Task.CompletedTask;
    }

    public Task<PortFacts?> PortAt(Guid? network, Guid? router, string address, CancellationToken ct) =>
        Task.FromResult(Existing.Values.FirstOrDefault(p => p.Addresses.Any(a => a.Address == address)));

    public Task<DeviceChanges> Changes(long after, CancellationToken ct)
    {
        var all = _changed.ToArray();
        return Task.FromResult(new DeviceChanges([.. all.Skip((int)after)], all.Length));
    }

    private string NextAddress() => $"10.0.0.{Interlocked.Increment(ref _last)}";

    private PortFacts Make(Guid id, NetworkFacts network, string project, string? address, GroupFacts[] groups) => new()
    {
        Id = id, ProjectId = project, NetworkId = network.Id, NetworkName = network.Name, Mac = $"fa:16:3e:{id.ToByteArray()[0]:x2}:{id.ToByteArray()[1]:x2}:{id.ToByteArray()[2]:x2}",
        Status = "ACTIVE", Mtu = network.Mtu, Groups = groups,
        Addresses = [new(address ?? NextAddress(), NewId.Uuid(), "10.0.0.0/24", "10.0.0.1", ["10.0.0.2"], [], true, null)],
    };
}
