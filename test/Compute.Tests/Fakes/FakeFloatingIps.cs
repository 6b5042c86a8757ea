using System.Collections.Concurrent;
using Nephos.Contracts;

namespace Nephos.Compute.Tests.Fakes;

internal sealed class FakeFloatingIps(FakeNetworks networks) : IFloatingIps
{
    private readonly ConcurrentDictionary<Guid, (string Project, FloatingIpFacts Facts)> _all = [];
    private readonly NetworkName _pool = new(NewId.Uuid(), "public");
    private int _last = 10;

    public Task<IReadOnlyList<NetworkName>> Pools(CancellationToken ct) => Task.FromResult<IReadOnlyList<NetworkName>>([_pool]);

    public Task<IReadOnlyList<FloatingIpFacts>> List(Caller caller, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<FloatingIpFacts>>([.. _all.Values.Where(f => f.Project == caller.ProjectId).Select(f => f.Facts)]);

    public Task<FloatingIpFacts?> Find(Caller caller, Guid id, CancellationToken ct) =>
        Task.FromResult(_all.TryGetValue(id, out var found) && (caller.HasRole("admin") || found.Project == caller.ProjectId) ? found.Facts : null);

    public async Task<IReadOnlyList<FloatingIpFacts>> At(Caller caller, string address, CancellationToken ct) => [.. (await List(caller, ct)).Where(f => f.Address == address)];

    public Task<FloatingIpFacts> Allocate(Caller caller, Guid pool, CancellationToken ct)
    {
        if (_all.Count == 2) throw Fault.Conflict("Quota exceeded for resources: ['floatingip'].", "OverQuota");
        var facts = new FloatingIpFacts(NewId.Uuid(), $"172.24.4.{++_last}", _pool.Name, null, null);
        _all[facts.Id] = (caller.ProjectId!, facts);
        return Task.FromResult(facts);
    }

    public Task Associate(Caller caller, Guid id, Guid? port, string? fixedAddress, CancellationToken ct)
    {
        var (project, facts) = _all[id];
        if (port is not null && _all.Values.Any(f => f.Facts.Id != id && f.Facts.FixedAddress == fixedAddress)) throw Fault.Conflict("that fixed IP already has a floating IP", "FloatingIPPortAlreadyAssociated");
        var device = port is { } known ? Guid.Parse(networks.Existing[known].DeviceId) : facts.DeviceId is { } old ? Guid.Parse(old) : (Guid?)null;
        if (device is { } server) networks.Float(server, port is null ? null : facts.Address);
        _all[id] = (project, facts with { FixedAddress = fixedAddress, DeviceId = port is null ? null : device.ToString() });
        return Task.CompletedTask;
    }

    public async Task Release(Caller caller, Guid id, CancellationToken ct)
    {
        await Associate(caller, id, null, null, ct);
        _all.TryRemove(id, out _);
    }
}
