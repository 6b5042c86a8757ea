using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Placement.Tests;

public sealed class ContractTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static ProviderSpec Node(Guid id, string name, long cpus = 8, double ratio = 2, params string[] traits) =>
        new(id, name, new Dictionary<string, Inventory> { ["VCPU"] = new(cpus, 0, ratio), ["MEMORY_MB"] = new(8192, 512, 1.5) }, traits);

    private static CandidateQuery Ask(long cpus, long memory, params string[] required) =>
        new(new Dictionary<string, long> { ["VCPU"] = cpus, ["MEMORY_MB"] = memory }, required, []);

    private static ClaimRequest Claim(Guid consumer, Guid provider, long epoch = 1, long cpus = 4) =>
        new(consumer, epoch, provider, new Dictionary<string, long> { ["VCPU"] = cpus, ["MEMORY_MB"] = 1024 }, "p", "u");

    [Theory, OnEachDatabase]
    public async Task A_provider_reported_again_changes_nothing_and_a_change_raises_its_generation(DatabaseKind kind)
    {
        await using var test = await Host(kind);
        var (placement, id) = (test.Placement, NewId.Uuid());
        await placement.EnsureProvider(Node(id, "one", traits: ["CUSTOM_GOLD", "HW_CPU_X86_AVX"]), None);
        var first = await Generation(test, id);
        await placement.EnsureProvider(Node(id, "one", traits: ["HW_CPU_X86_AVX", "CUSTOM_GOLD"]), None);
        Assert.Equal(first, await Generation(test, id));
        await placement.EnsureProvider(Node(id, "uno", 16), None);
        Assert.Equal(first + 1, await Generation(test, id));
        var usage = Assert.Single(await placement.Usage([id, NewId.Uuid()], None));
        Assert.Equal(new Inventory(16, 0, 2), usage.Inventories["VCPU"]);
        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => placement.EnsureProvider(Node(NewId.Uuid(), "uno"), None))).Kind);
    }

    [Theory, OnEachDatabase]
    public async Task A_claim_asked_again_holds_once_and_is_refused_when_full(DatabaseKind kind)
    {
        await using var test = await Host(kind);
        var (placement, node) = (test.Placement, NewId.Uuid());
        await placement.EnsureProvider(Node(node, "one"), None);
        var consumers = Enumerable.Range(0, 5).Select(_ => NewId.Uuid()).ToList();
        for (var i = 0; i < 4; i++)
        {
            Assert.True(await placement.Claim(Claim(consumers[i], node), None));
            Assert.True(await placement.Claim(Claim(consumers[i], node), None));
        }
        Assert.False(await placement.Claim(Claim(consumers[4], node), None));
        var usage = (await placement.Usage([node], None))[0];
        Assert.Equal((16, 4096), (usage.Used["VCPU"], usage.Used["MEMORY_MB"]));
        await placement.Release(consumers[0], 1, None);
        await placement.Release(consumers[0], 1, None);
        Assert.True(await placement.Claim(Claim(consumers[4], node), None));
        Assert.False(await placement.Claim(Claim(NewId.Uuid(), NewId.Uuid()), None));
    }

    [Theory, OnEachDatabase]
    public async Task After_a_release_a_late_claim_is_refused_and_a_later_operation_may_claim(DatabaseKind kind)
    {
        await using var test = await Host(kind);
        var (placement, node, consumer) = (test.Placement, NewId.Uuid(), NewId.Uuid());
        await placement.EnsureProvider(Node(node, "one"), None);
        await placement.Release(consumer, 5, None);
        foreach (var epoch in (long[])[4, 5])
        {
            var fault = await Assert.ThrowsAsync<Fault>(() => placement.Claim(Claim(consumer, node, epoch), None));
            Assert.Equal((FaultKind.Conflict, "Gone"), (fault.Kind, fault.Name));
        }
        Assert.Equal(0, (await placement.Usage([node], None))[0].Used["VCPU"]);
        Assert.True(await placement.Claim(Claim(consumer, node, 6), None));
        // A release of an operation before does not reach back over a later tombstone.
        await placement.Release(consumer, 7, None);
        await placement.Release(consumer, 2, None);
        await Assert.ThrowsAsync<Fault>(() => placement.Claim(Claim(consumer, node, 7), None));
    }

    [Theory, OnEachDatabase]
    public async Task Candidates_have_room_and_traits_and_refusals_give_the_numbers(DatabaseKind kind)
    {
        await using var test = await Host(kind);
        var placement = test.Placement;
        var ids = Enumerable.Range(0, 3).Select(_ => NewId.Uuid()).Order().ToList();
        await placement.EnsureProvider(Node(ids[0], "small", 1, 1), None);
        await placement.EnsureProvider(Node(ids[1], "gold", traits: ["CUSTOM_GOLD"]), None);
        await placement.EnsureProvider(Node(ids[2], "plain"), None);
        await placement.Claim(Claim(NewId.Uuid(), ids[1]), None);

        var all = await placement.Candidates(Ask(2, 512), None);
        Assert.Equal(["gold", "plain"], all.Select(c => c.Name));
        Assert.Equal((12, 10496), (all[0].Free["VCPU"], all[0].Free["MEMORY_MB"]));
        Assert.Equal(["CUSTOM_GOLD"], all[0].Traits);
        Assert.Equal(["gold"], (await placement.Candidates(Ask(2, 512, "CUSTOM_GOLD"), None)).Select(c => c.Name));
        Assert.Equal(["plain"], (await placement.Candidates(Ask(2, 512) with { Forbidden = ["CUSTOM_GOLD"] }, None)).Select(c => c.Name));
        Assert.Single(await placement.Candidates(Ask(2, 512) with { Limit = 1 }, None));

        var why = await placement.Explain(Ask(13, 11000, "CUSTOM_GOLD"), None);
        Assert.Equal(["gold", "plain", "small"], why.Select(r => r.Name));
        Assert.Equal("VCPU: 13 asked, 12 free of (8 - 0 reserved) x 2; MEMORY_MB: 11000 asked, 10496 free of (8192 - 512 reserved) x 1.5", why[0].Reason);
        Assert.Equal("CUSTOM_GOLD is required and missing", why[1].Reason);
    }

    [Theory, OnEachDatabase]
    public async Task Claims_at_once_never_take_more_than_there_is(DatabaseKind kind)
    {
        await using var test = await Host(kind);
        var (placement, node) = (test.Placement, NewId.Uuid());
        await placement.EnsureProvider(Node(node, "one"), None);
        var taken = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(() => placement.Claim(Claim(NewId.Uuid(), node, cpus: 1) with { Resources = new Dictionary<string, long> { ["VCPU"] = 1 } }, None))));
        Assert.Equal(16, taken.Count(t => t));
        Assert.Equal(16, (await placement.Usage([node], None))[0].Used["VCPU"]);
    }

    private static Task<long> Generation(TestPlacement test, Guid id) => test.Db.Scalar<long>($"SELECT generation FROM placement_providers WHERE id = {id}");

    private static Task<TestPlacement> Host(DatabaseKind kind) => TestPlacement.Start(kind);

    private sealed record TestPlacement(TestDatabase Database, ServiceProvider Services) : IAsyncDisposable
    {
        public IPlacement Placement => Services.GetRequiredService<IPlacement>();
        public PlacementDb Db => Services.GetRequiredService<PlacementDb>();

        public static async Task<TestPlacement> Start(DatabaseKind kind)
        {
            var database = await TestDatabase.Create(kind);
            var services = new ServiceCollection().AddLogging().AddSingleton(database.Database).AddSingleton(TimeProvider.System).AddPlacement().BuildServiceProvider();
            await services.MigrateAll();
            return new TestPlacement(database, services);
        }

        public async ValueTask DisposeAsync()
        {
            await Services.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
