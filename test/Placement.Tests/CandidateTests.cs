using System.Diagnostics;
using Nephos.Contracts;
using Nephos.Testing;
using Xunit;

namespace Nephos.Placement.Tests;

public sealed class CandidateTests
{
    [Theory, OnEachDatabase]
    public async Task One_provider_holds_all_or_a_tree_and_its_sharers_do_together(DatabaseKind kind)
    {
        await using var host = await PlacementHost.Start(kind);
        var shared = NewId.Uuid();
        var node = await host.Provider("node", new { VCPU = 4, MEMORY_MB = 100 });
        var gpu = await host.Provider("gpu", new { VGPU = 2 }, node);
        var full = await host.Provider("full", new { VCPU = 4, MEMORY_MB = 100, DISK_GB = 10 });
        var disk = await host.Provider("disk", new { DISK_GB = 100 });
        await host.SetTraits(disk, "MISC_SHARES_VIA_AGGREGATE");
        await host.SetAggregates(disk, shared);
        await host.SetAggregates(node, shared);

        Assert.Equal([Sorted(node), Sorted(full)], await Providers(host, "resources=VCPU:1", node, full));
        // The node's disk is elsewhere; the other has its own.
        Assert.Equal([Sorted(node, disk), Sorted(full)], await Providers(host, "resources=VCPU:1,DISK_GB:5", node, full));
        Assert.Equal([Sorted(node, disk)], await Providers(host, "resources=VCPU:1,DISK_GB:50", node));
        Assert.Equal([Sorted(node, gpu)], await Providers(host, "resources=VCPU:1,VGPU:1", node));
        Assert.Empty(await Providers(host, "resources=VCPU:1,VGPU:1", "1.28"));
        Assert.Equal([Sorted(node, gpu)], await Providers(host, $"resources=VCPU:1&resources1=VGPU:2&in_tree={gpu}", node));
        Assert.Empty(await Providers(host, "resources=VCPU:5"));
        Assert.Single(await Providers(host, "resources=VCPU:1&limit=1"));

        var answer = await host.Get("/allocation_candidates?resources=VCPU:1&resources_GPU=VGPU:1");
        var request = answer.Json["allocation_requests"]![0]!;
        Assert.Equal((node, gpu), (request["mappings"]![""]![0]!.ToString(), request["mappings"]!["_GPU"]![0]!.ToString()));
        var summary = answer.Json["provider_summaries"]![gpu]!;
        Assert.Equal((node, node, "2", "0"), (summary["parent_provider_uuid"]!.ToString(), summary["root_provider_uuid"]!.ToString(),
            summary["resources"]!["VGPU"]!["capacity"]!.ToString(), summary["resources"]!["VGPU"]!["used"]!.ToString()));
        var old = (await host.Get("/allocation_candidates?resources=VCPU:1", "1.10")).Json["allocation_requests"]![0]!["allocations"]!.AsArray();
        Assert.Equal("1", old[0]!["resources"]!["VCPU"]!.ToString());
    }

    [Theory, OnEachDatabase]
    public async Task Groups_are_isolated_kept_in_a_subtree_and_judged_by_traits_and_aggregates(DatabaseKind kind)
    {
        await using var host = await PlacementHost.Start(kind);
        var (red, blue) = (NewId.Uuid(), NewId.Uuid());
        var root = await host.Provider("root", new { MEMORY_MB = 100 });
        var numa0 = await host.Provider("numa0", new { VCPU = 2 }, root);
        var numa1 = await host.Provider("numa1", new { VCPU = 2 }, root);
        var nic = await host.Provider("nic", new { SRIOV_NET_VF = 2 }, numa1);
        await host.SetTraits(root, "CUSTOM_ROOT");
        await host.SetTraits(numa1, "CUSTOM_FAST");
        await host.SetAggregates(root, red);

        Assert.Equal(2, (await Providers(host, "resources1=VCPU:1&resources2=VCPU:1&group_policy=isolate")).Count);
        Assert.Equal(4, (await Providers(host, "resources1=VCPU:1&resources2=VCPU:1&group_policy=none")).Count);
        // Two of two fit nowhere together but apart.
        Assert.Equal(2, (await Providers(host, "resources1=VCPU:2&resources2=VCPU:2&group_policy=none")).Count);
        Assert.Equal([Sorted(numa1)], await Providers(host, "resources1=VCPU:1&required1=CUSTOM_FAST"));
        Assert.Equal([Sorted(numa0)], await Providers(host, "resources1=VCPU:1&required1=!CUSTOM_FAST"));
        Assert.Equal([Sorted(numa1)], await Providers(host, "resources1=VCPU:1&required1=in:CUSTOM_FAST,HW_CPU_X86_AVX"));
        Assert.Equal([Sorted(numa1, nic)], await Providers(host, "resources1=VCPU:1&resources2=SRIOV_NET_VF:1&group_policy=none&same_subtree=1,2"));
        Assert.Equal(2, (await Providers(host, "resources1=VCPU:1&resources2=SRIOV_NET_VF:1&group_policy=none")).Count);
        // A group without resources only holds the others together.
        Assert.Equal([Sorted(nic)], await Providers(host, "required_N=CUSTOM_FAST&resources_P=SRIOV_NET_VF:1&group_policy=none&same_subtree=_N,_P"));
        Assert.Equal(2, (await Providers(host, "resources=VCPU:1&root_required=CUSTOM_ROOT")).Count);
        Assert.Empty(await Providers(host, "resources=VCPU:1&root_required=!CUSTOM_ROOT"));
        Assert.Equal(2, (await Providers(host, $"resources=VCPU:1&member_of={red}")).Count);
        Assert.Empty(await Providers(host, $"resources=VCPU:1&member_of={blue}"));
        Assert.Empty(await Providers(host, $"resources=VCPU:1&member_of=!{red}"));
    }

    [Theory]
    [InlineData("", "1.39")]
    [InlineData("resources=", "1.39")]
    [InlineData("resources=VCPU:x", "1.39")]
    [InlineData("resources=NOPE:1", "1.39")]
    [InlineData("resources=VCPU:1&required=NOPE", "1.39")]
    [InlineData("resources=VCPU:1&required=HW_CPU_X86_AVX,!HW_CPU_X86_AVX", "1.39")]
    [InlineData("resources1=VCPU:1&resources2=VCPU:1", "1.39")]
    [InlineData("resources=VCPU:1&group_policy=maybe", "1.39")]
    [InlineData("resources=VCPU:1&limit=0", "1.39")]
    [InlineData("resources=VCPU:1&required1=HW_CPU_X86_AVX", "1.39")]
    [InlineData("resources=VCPU:1&same_subtree=1,2", "1.39")]
    [InlineData("resources=VCPU:1&root_required=HW_CPU_X86_AVX&root_required=HW_CPU_X86_AVX", "1.39")]
    [InlineData("resources=VCPU:1&in_tree=x", "1.39")]
    [InlineData("resources=VCPU:1&member_of=x", "1.39")]
    [InlineData("resources=VCPU:1&required=!HW_CPU_X86_AVX", "1.21")]
    [InlineData("resources=VCPU:1&required=in:HW_CPU_X86_AVX", "1.38")]
    [InlineData("resources=VCPU:1&resources1=VCPU:1", "1.24")]
    [InlineData("resources_A=VCPU:1", "1.32")]
    public async Task A_question_that_makes_no_sense_is_refused(string query, string version)
    {
        await using var host = await PlacementHost.Start();
        Assert.Equal(400, (await host.Get("/allocation_candidates?" + query, version)).Status);
    }

    [Fact]
    public async Task Candidates_are_what_a_naive_search_finds()
    {
        await using var host = await PlacementHost.Start();
        var random = new Random(20261120);
        var nodes = new List<(Guid Id, Dictionary<string, Inventory> Inventories, string[] Traits, Dictionary<string, long> Used)>();
        string[] classes = ["VCPU", "MEMORY_MB", "DISK_GB"], traits = ["CUSTOM_A", "CUSTOM_B"];
        for (var i = 0; i < 40; i++)
        {
            var inventories = classes.Where(_ => random.Next(5) > 0).ToDictionary(c => c, _ =>
            {
                var total = random.Next(1, 20);
                return new Inventory(total, random.Next(0, total), random.Next(1, 5) / 2.0, random.Next(1, 3), random.Next(3, 12), random.Next(1, 3));
            });
            var node = (NewId.Uuid(), inventories, traits.Where(_ => random.Next(2) == 0).ToArray(), new Dictionary<string, long>());
            nodes.Add(node);
            await host.Placement.EnsureProvider(new ProviderSpec(node.Item1, $"n{i}", inventories, node.Item3), CancellationToken.None);
        }
        for (var round = 0; round < 150; round++)
        {
            var resources = classes.Where(_ => random.Next(2) == 0).DefaultIfEmpty("VCPU").ToDictionary(c => c, _ => (long)random.Next(1, 10));
            string[] required = [.. traits.Where(_ => random.Next(4) == 0)], forbidden = [.. traits.Except(required).Where(_ => random.Next(4) == 0)];
            var query = new CandidateQuery(resources, required, forbidden);
            var expected = nodes.Where(n => required.All(n.Traits.Contains) && !forbidden.Any(n.Traits.Contains) && resources.All(r => Fits(n.Inventories, n.Used, r.Key, r.Value)))
                .Select(n => n.Id).Order().ToList();
            var found = await host.Placement.Candidates(query, CancellationToken.None);
            Assert.Equal(expected, found.Select(c => c.Provider));
            Assert.Equal(nodes.Count - expected.Count, (await host.Placement.Explain(query, CancellationToken.None)).Count);
            var text = $"resources={string.Join(',', resources.Select(r => $"{r.Key}:{r.Value}"))}";
            if (required.Length + forbidden.Length > 0) text += "&required=" + string.Join(',', required.Concat(forbidden.Select(f => "!" + f)));
            Assert.Equal(expected.Select(e => e.ToString()), (await Providers(host, text)).Order(StringComparer.Ordinal));
            if (found.Count == 0) continue;
            var pick = found[random.Next(found.Count)];
            Assert.True(await host.Placement.Claim(new ClaimRequest(NewId.Uuid(), 1, pick.Provider, resources, "p", "u"), CancellationToken.None));
            var used = nodes.Find(n => n.Id == pick.Provider).Used;
            foreach (var (name, amount) in resources) used[name] = used.GetValueOrDefault(name) + amount;
        }
        // What inventories say is used is what allocations sum up to.
        Assert.Equal(0, await host.Db.Scalar<long>($"""
            SELECT COUNT(*) FROM placement_inventories i
            WHERE i.used <> (SELECT COALESCE(SUM(a.used), 0) FROM placement_allocations a WHERE a.provider_id = i.provider_id AND a.class = i.class)
            """));
    }

    [Theory, OnEachDatabase]
    public async Task Ten_thousand_providers_are_searched(DatabaseKind kind)
    {
        await using var host = await PlacementHost.Start(kind);
        await host.Db.InTransaction(async () =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                var id = NewId.Uuid();
                await host.Db.Execute($"INSERT INTO placement_providers (id, name, generation, root_id, traits, aggregates, created_at, updated_at) VALUES ({id}, {$"n{i}"}, 1, {id}, '[]', '[]', 0, 0)");
                foreach (var name in (string[])["VCPU", "MEMORY_MB", "DISK_GB"])
                    await host.Db.Execute($"INSERT INTO placement_inventories (provider_id, class, total, reserved, min_unit, max_unit, step_size, ratio, used, created_at, updated_at) VALUES ({id}, {name}, {1000L}, 0, 1, 1000, 1, {1.0}, {(i < 9_000 ? 1000L : 0L)}, 0, 0)");
            }
        });
        if (kind == DatabaseKind.Postgres) await host.Db.Execute($"ANALYZE");
        var query = new CandidateQuery(new Dictionary<string, long> { ["VCPU"] = 1, ["MEMORY_MB"] = 1, ["DISK_GB"] = 1 }, [], []);
        Assert.Equal(1000, (await host.Placement.Candidates(query, CancellationToken.None)).Count);
        Assert.Equal(1000, (await Providers(host, "resources=VCPU:1,MEMORY_MB:1,DISK_GB:1")).Count);
    }

    private static bool Fits(Dictionary<string, Inventory> inventories, Dictionary<string, long> used, string name, long amount) => inventories.TryGetValue(name, out var i)
        && amount >= i.MinUnit && amount <= i.MaxUnit && amount % i.StepSize == 0 && used.GetValueOrDefault(name) + amount <= (i.Total - i.Reserved) * i.Ratio;

    private static string Sorted(params string[] ids) => string.Join(' ', ids.Order(StringComparer.Ordinal));

    /// <summary>The providers of each candidate, in the order of the first of them given in <paramref name="order"/>.</summary>
    private static async Task<List<string>> Providers(PlacementHost host, string query, params string[] order)
    {
        var version = order is [['1', '.', ..] v] ? v : "1.39";
        var answer = await host.Get("/allocation_candidates?" + query, version);
        Assert.Equal((200, query), (answer.Status, query));
        var found = answer.Json["allocation_requests"]!.AsArray().Select(r => Sorted([.. r!["allocations"]!.AsObject().Select(p => p.Key)])).ToList();
        return [.. found.OrderBy(f => Array.FindIndex(order, o => f.Contains(o, StringComparison.Ordinal)))];
    }
}
