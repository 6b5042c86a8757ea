using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.Subnets;

namespace Nephos.Network.SubnetPools;

/// <summary>Where a new subnet's range comes from: the body, or a subnet pool.</summary>
internal sealed class PoolAllocation(SubnetPoolTable pools, SubnetTable subnets)
{
    public async Task<(Cidr Range, Guid? Pool)> RangeOf(Values values, Viewer viewer, IReadOnlyList<SubnetRow> siblings)
    {
        var cidr = values.Get<string>("cidr") is { } text ? Cidr.Parse(text) : (Cidr?)null;
        var poolId = values.Get<Guid?>("subnetpool_id");
        if (poolId is null && values.Get<bool>("use_default_subnetpool"))
        {
            var version = values.Get<int?>("ip_version") ?? cidr?.Version ?? throw Errors.BadOperation("subnets", "ip_version must be specified in the absence of cidr and subnetpool_id");
            poolId = await pools.Default(version) ?? throw Errors.BadOperation("subnets", $"No default subnetpool found for IPv{version}");
        }
        if (poolId is not { } id)
        {
            if (values.Get<int?>("ip_version") is null && cidr is null) throw Errors.BadOperation("subnets", "ip_version must be specified in the absence of cidr and subnetpool_id");
            if (cidr is not { } plain) throw Errors.BadOperation("subnets", "a subnetpool must be specified in the absence of a cidr");
            if (values.Get<long?>("prefixlen") is not null) throw Errors.BadOperation("subnets", "prefixlen can only be used with a subnetpool");
            if (siblings.Any(s => s.SubnetpoolId is not null && s.IpVersion == plain.Version)) throw Errors.PoolAffinity();
            return (plain, null);
        }
        var pool = await pools.Find(id);
        if (pool is null || !viewer.IsAdmin && pool.ProjectId != viewer.ProjectId && !await pools.IsShared(id, viewer.ProjectId)) throw Errors.SubnetPoolNotFound(id);
        if (siblings.Any(s => s.IpVersion == pool.IpVersion && s.SubnetpoolId != pool.Id)) throw Errors.PoolAffinity();
        if (values.Get<int?>("ip_version") is { } asked && asked != pool.IpVersion) throw Errors.BadOperation("subnets", $"Cannot allocate IPv{asked} subnet from IPv{pool.IpVersion} subnet pool");
        if (cidr is not null && values.Get<long?>("prefixlen") is not null) throw Errors.BadOperation("subnets", "cidr and prefixlen must not be supplied together");
        // Two subnets from one pool are made one after the other.
        await pools.Lock(id);
        var taken = await subnets.FromPool(id);
        var range = cidr is { } wanted ? Specific(pool, wanted, taken) : Free(pool, (int)(values.Get<long?>("prefixlen") ?? pool.DefaultPrefixlen), taken);
        CheckQuota(pool, range, values.Get<string>("project_id")!, taken);
        return (range, id);
    }

    /// <summary>The smallest free range of a length: pure.</summary>
    public static Cidr? FirstFree(IEnumerable<Cidr> prefixes, IReadOnlyList<Cidr> taken, int length)
    {
        foreach (var prefix in prefixes.Where(p => p.Length <= length).OrderBy(p => p.First).ThenBy(p => p.Length))
        {
            var inTheWay = taken.Where(prefix.Overlaps).OrderBy(t => t.First).ToList();
            for (var candidate = Cidr.Of(prefix.First, length); ;)
            {
                var blocker = inTheWay.FindIndex(candidate.Overlaps);
                if (blocker < 0) return candidate;
                // On behind what is in the way, at the next boundary of this length.
                var last = inTheWay[blocker].Length < length ? inTheWay[blocker].Last : candidate.Last;
                if (last >= prefix.Last) break;
                candidate = Cidr.Of(last.Next(), length);
            }
        }
        return null;
    }

    private static Cidr Free(SubnetPoolRow pool, int length, List<(string Cidr, string Project)> taken)
    {
        CheckLength(pool, length);
        return FirstFree(pool.Prefixes.Select(Cidr.Parse), taken.ConvertAll(t => Cidr.Parse(t.Cidr)), length)
            ?? throw Errors.SubnetAllocation($"Insufficient prefix space to allocate subnet size /{length}");
    }

    private static Cidr Specific(SubnetPoolRow pool, Cidr wanted, List<(string Cidr, string Project)> taken)
    {
        CheckLength(pool, wanted.Length);
        if (!pool.Prefixes.Select(Cidr.Parse).Any(p => p.Contains(wanted)) || taken.Exists(t => Cidr.Parse(t.Cidr).Overlaps(wanted)))
            throw Errors.SubnetAllocation("Cannot allocate requested subnet from the available set of prefixes");
        return wanted;
    }

    private static void CheckLength(SubnetPoolRow pool, int length)
    {
        if (length < pool.MinPrefixlen) throw Errors.PrefixTooShort(length, pool.MinPrefixlen);
        if (length > pool.MaxPrefixlen) throw Errors.PrefixTooLong(length, pool.MaxPrefixlen);
    }

    /// <summary>Quota counts addresses (IPv4) or /64s (IPv6) of a project in a pool.</summary>
    private static void CheckQuota(SubnetPoolRow pool, Cidr range, string project, List<(string Cidr, string Project)> taken)
    {
        if (pool.DefaultQuota is not { } quota) return;
        var unit = pool.IpVersion == 4 ? 32 : 64;
        UInt128 used = taken.Where(t => t.Project == project).Select(t => Cidr.Parse(t.Cidr)).Append(range)
            .Aggregate(UInt128.Zero, (sum, c) => sum + (UInt128.One << Math.Max(0, unit - c.Length)));
        if (used > (UInt128)quota) throw Errors.PoolQuota();
    }
}
