using System.Collections.Concurrent;
using Nephos.Contracts;

namespace Nephos.Compute.Tests.Fakes;

internal sealed class FakePlacement : IPlacement
{
    private readonly ConcurrentDictionary<Guid, ProviderSpec> _providers = [];
    private readonly ConcurrentDictionary<Guid, long> _tombstones = [];

    public ConcurrentDictionary<Guid, ClaimRequest> Claims { get; } = [];

    public Task EnsureProvider(ProviderSpec provider, CancellationToken ct)
    {
        _providers[provider.Id] = provider;
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Candidate>> Candidates(CandidateQuery query, CancellationToken ct) => Task.FromResult<IReadOnlyList<Candidate>>(
        [.. _providers.Values.Where(p => Lack(p, query) is null).OrderBy(p => p.Id).Select(p => new Candidate(p.Id, p.Name, Free(p), p.Traits))]);

    public Task<IReadOnlyList<Refusal>> Explain(CandidateQuery query, CancellationToken ct) => Task.FromResult<IReadOnlyList<Refusal>>(
        [.. _providers.Values.Where(p => Lack(p, query) is not null).OrderBy(p => p.Id).Select(p => new Refusal(p.Name, Lack(p, query)!))]);

    public Task<bool> Claim(ClaimRequest request, CancellationToken ct)
    {
        if (_tombstones.TryGetValue(request.Consumer, out var epoch) && request.Epoch <= epoch) throw Fault.Conflict("gone", "Gone");
        Claims[request.Consumer] = request;
        return Task.FromResult(true);
    }

    public Task Release(Guid consumer, long epoch, CancellationToken ct)
    {
        Claims.TryRemove(consumer, out _);
        _tombstones[consumer] = epoch;
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ProviderUsage>> Usage(IReadOnlyList<Guid> providers, CancellationToken ct) => Task.FromResult<IReadOnlyList<ProviderUsage>>(
        [.. _providers.Values.Where(p => providers.Contains(p.Id)).Select(p => new ProviderUsage(p.Id, p.Inventories, p.Inventories.Keys.ToDictionary(k => k, k => Used(p, k))))]);

    private long Used(ProviderSpec provider, string resource) => Claims.Values.Where(c => c.Provider == provider.Id).Sum(c => c.Resources.GetValueOrDefault(resource));

    private Dictionary<string, long> Free(ProviderSpec provider) =>
        provider.Inventories.ToDictionary(i => i.Key, i => (long)((i.Value.Total - i.Value.Reserved) * i.Value.Ratio) - Used(provider, i.Key));

    private string? Lack(ProviderSpec provider, CandidateQuery query)
    {
        var free = Free(provider);
        foreach (var (resource, amount) in query.Resources)
            if (free.GetValueOrDefault(resource) < amount) return $"{resource}: {amount} asked, {free.GetValueOrDefault(resource)} free";
        return query.Required.FirstOrDefault(t => !provider.Traits.Contains(t)) is { } missing ? $"the trait {missing} is missing" : null;
    }
}
