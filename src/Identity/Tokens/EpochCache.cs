using System.Collections.Concurrent;
using Nephos.Identity.Catalog;
using Nephos.Identity.Roles;
using Nephos.Identity.Shared;

namespace Nephos.Identity.Tokens;

/// <summary>What is known in one epoch. Dropped as a whole when the epoch changes.</summary>
internal sealed class EpochView(long number, Func<Task<RoleGraph>> roles, Func<Task<CatalogOfEpoch>> catalog)
{
    private readonly Once<RoleGraph> _roles = new(roles);
    private readonly Once<CatalogOfEpoch> _catalog = new(catalog);

    public long Number => number;
    public Task<RoleGraph> Roles => _roles.Value;
    public Task<CatalogOfEpoch> Catalog => _catalog.Value;
    public ConcurrentDictionary<string, Once<TokenFacts?>> Tokens { get; } = new(StringComparer.Ordinal);
}

/// <summary>Gives the view of the present epoch.</summary>
internal sealed class EpochCache(Epoch epoch, RoleTable roles, CatalogTable catalog)
{
    private volatile EpochView? _view;

    public async ValueTask<EpochView> Now()
    {
        // The number is read before anything else is: a change that commits meanwhile makes the view one of the past.
        var number = await epoch.Current();
        while (true)
        {
            var view = _view;
            if (view?.Number == number) return view;
            var next = new EpochView(number, roles.Graph, catalog.Load);
            if (Interlocked.CompareExchange(ref _view, next, view) == view) return next;
        }
    }
}
