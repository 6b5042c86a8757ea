using Nephos.Kernel.Api;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.Nodes;
using Nephos.Network.Subnets;

namespace Nephos.Network.SubnetPools;

/// <summary>Prefixes added to a subnet pool, and taken from it where nothing is in use.</summary>
internal sealed class PrefixesApi(Changes changes, SubnetPools pools, ResourceApi<SubnetPoolRow> api, SubnetPoolTable table, SubnetTable subnets)
{
    public void Map(RouteGroup v2)
    {
        foreach (var (rule, add) in new[] { ("add_prefixes", true), ("remove_prefixes", false) })
            v2.Put("/subnetpools/{id}/" + rule, call => Change(call, rule, add)).Policy(rule, Policies.All[rule], Policies.Describe(rule)).Audited("update/" + rule, "service/network/subnetpools").Fails(400, 404, 409);
    }

    private async Task<Answer> Change(Call call, string rule, bool add)
    {
        var (row, viewer) = await api.Load(call);
        api.Authorize(call, rule, row);
        if (call.Json.ValueKind != System.Text.Json.JsonValueKind.Object || !call.Json.TryGetProperty("prefixes", out var json)) throw Errors.BadRequest("Invalid input for prefixes. Reason: prefixes are needed.");
        List<string> asked;
        try { asked = Read.List(json, item => (string)Read.Subnet(item)!); }
        catch (InvalidValue e) { throw Errors.BadRequest($"Invalid input for prefixes. Reason: {e.Message}."); }
        var now = await changes.Run(async change =>
        {
            var locked = await pools.Touch(row.Id) ?? throw Errors.SubnetPoolNotFound(row.Id);
            await pools.Fill([locked], viewer);
            if (add)
            {
                await pools.Update(locked, new Values { ["prefixes"] = locked.Prefixes.Concat(asked).ToArray() }, viewer, change);
                return SubnetPools.Joined([.. locked.Prefixes, .. asked]);
            }
            var left = Without([.. locked.Prefixes.Select(Cidr.Parse)], asked.ConvertAll(Cidr.Parse));
            foreach (var (cidr, _) in await subnets.FromPool(row.Id))
                if (!left.Exists(p => p.Contains(Cidr.Parse(cidr)))) throw Errors.PrefixUpdate($"Prefix {cidr} is in use");
            var joined = left.Count > 0 ? SubnetPools.Joined(left.ConvertAll(p => p.ToString())) : throw Errors.EmptyPrefixes();
            await table.Update(locked with { Prefixes = joined });
            return joined;
        });
        return Answer.Json(("prefixes", now));
    }

    /// <summary>Ranges without others: what is only partly taken is split in halves. Pure.</summary>
    public static List<Cidr> Without(IReadOnlyList<Cidr> ranges, IReadOnlyList<Cidr> taken)
    {
        var left = new List<Cidr>();
        var open = new Stack<Cidr>(ranges);
        while (open.TryPop(out var range))
        {
            if (taken.Any(t => t.Contains(range))) continue;
            if (!taken.Any(range.Overlaps)) left.Add(range);
            else
            {
                var low = Cidr.Of(range.First, range.Length + 1);
                open.Push(low);
                open.Push(Cidr.Of(low.Last.Next(), range.Length + 1));
            }
        }
        return left;
    }
}
