using System.Collections.Concurrent;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Fake;

/// <summary>Routers that are only remembered.</summary>
public sealed class FakeRouter : IRouter
{
    readonly ConcurrentDictionary<Guid, RouterSpec> routers = new();

    public IReadOnlyDictionary<Guid, RouterSpec> Routers => routers;

    public Task Apply(RouterSpec router, CancellationToken ct)
    {
        routers[router.Id] = router;
        return Task.CompletedTask;
    }

    public Task Remove(Guid router, CancellationToken ct)
    {
        routers.TryRemove(router, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Guid>> Observe(CancellationToken ct) => Task.FromResult<IReadOnlyList<Guid>>([.. routers.Keys]);
}
