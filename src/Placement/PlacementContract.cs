using Nephos.Contracts;
using Nephos.Kernel.Operations;
using Nephos.Placement.Allocations;
using Nephos.Placement.Candidates;
using Nephos.Placement.Inventories;
using Nephos.Placement.Providers;

namespace Nephos.Placement;

/// <summary>What other services ask of placement: the same tables as the API's.</summary>
internal sealed class PlacementContract(PlacementDb db, EnsureProvider ensure, FlatSearchTable search, AllocationTable allocations, InventoryTable inventories, Tombstones<PlacementDb> tombstones) : IPlacement
{
    private const string InstanceType = "INSTANCE";

    public Task EnsureProvider(ProviderSpec provider, CancellationToken ct) => ensure.Run(provider);

    public Task<IReadOnlyList<Candidate>> Candidates(CandidateQuery query, CancellationToken ct) => search.Find(query);

    public Task<IReadOnlyList<Refusal>> Explain(CandidateQuery query, CancellationToken ct) => search.Explain(query);

    public async Task<bool> Claim(ClaimRequest request, CancellationToken ct)
    {
        Amount[] wanted = [.. request.Resources.Where(r => r.Value > 0).OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => new Amount(request.Provider, r.Key, r.Value))];
        try
        {
            await db.InTransaction(async () =>
            {
                await tombstones.Refuse("consumer", request.Consumer, request.Epoch);
                var has = await allocations.OfConsumer(request.Consumer);
                if (wanted.Length > 0 && has.Select(a => new Amount(a.ProviderId, a.Class, a.Used)).OrderBy(a => a.Class, StringComparer.Ordinal).SequenceEqual(wanted)) return;
                await allocations.Replace([new ConsumerChange(request.Consumer, request.ProjectId, request.UserId, InstanceType, null, false, wanted)]);
            });
            return true;
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Conflict && fault.Name == Errors.NoCode)
        {
            return false;
        }
    }

    public Task Release(Guid consumer, long epoch, CancellationToken ct) => db.InTransaction(async () =>
    {
        await tombstones.Bury("consumer", consumer, epoch);
        await allocations.Release(consumer);
    });

    public async Task<IReadOnlyList<ProviderUsage>> Usage(IReadOnlyList<Guid> providers, CancellationToken ct) =>
    [
        .. (await inventories.Of(providers)).GroupBy(i => i.ProviderId)
            .Select(p => new ProviderUsage(p.Key, p.ToDictionary(i => i.Class, i => i.Inventory), p.ToDictionary(i => i.Class, i => i.Used))),
    ];
}
