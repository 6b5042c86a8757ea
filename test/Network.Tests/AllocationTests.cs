using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Nephos.Contracts.Drivers;
using Nephos.Network.Addresses;
using Nephos.Network.SubnetPools;
using Nephos.Testing;
using static Nephos.Network.Tests.NetworkCloud;

namespace Nephos.Network.Tests;

public sealed class AllocationTests
{
    [Theory, OnEachDatabase]
    public async Task Many_at_once_never_get_the_same_address_or_number(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        await cloud.Ok(Admin, "PUT", "v2.0/quotas/demo", new { quota = new { port = -1, network = -1 } });
        var (network, _) = await cloud.NetworkWith(Demo, "10.0.0.0/22");
        var ports = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => cloud.Ok(Demo, "POST", "v2.0/ports", new { port = new { network_id = network } })));
        Assert.Equal(200, ports.Select(p => (string?)p["port"]!["fixed_ips"]![0]!["ip_address"]).Distinct().Count());
        Assert.Equal(200, ports.Select(p => (string?)p["port"]!["mac_address"]).Distinct().Count());
        var networks = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => cloud.Ok(Admin, "POST", "v2.0/networks", new { network = new { name = "x" } })));
        Assert.Equal(50, networks.Select(n => (int)n["network"]!["provider:segmentation_id"]!).Distinct().Count());
    }

    [Fact]
    public async Task A_thousand_ports_and_two_hundred_networks_have_as_many_device_names()
    {
        await using var cloud = await Start();
        await cloud.Ok(Admin, "PUT", "v2.0/quotas/demo", new { quota = new { port = -1, network = -1 } });
        var networks = new List<string>();
        for (var i = 0; i < 2; i++)
            networks.AddRange(((JsonArray)(await cloud.Ok(Demo, "POST", "v2.0/networks", new { networks = Enumerable.Range(0, 100).Select(n => new { name = $"n{n}" }) }))["networks"]!).Select(n => (string)n!["id"]!));
        var ports = new List<string>();
        for (var i = 0; i < 10; i++)
            ports.AddRange(((JsonArray)(await cloud.Ok(Demo, "POST", "v2.0/ports", new { ports = Enumerable.Range(0, 100).Select(_ => new { network_id = networks[i] }) }))["ports"]!).Select(n => (string)n!["id"]!));
        Assert.Equal(1000, ports.Select(p => DeviceNames.Tap(Guid.Parse(p))).Distinct().Count());
        Assert.Equal(200, networks.Select(n => DeviceNames.Bridge(Guid.Parse(n))).Distinct().Count());
    }

    [Fact]
    public void Addresses_and_ranges_are_read_as_they_are_written()
    {
        Prop.ForAll<uint, byte>((value, length) =>
        {
            var cidr = Cidr.Of(new Ip(value, 4), length % 33);
            return Cidr.Parse(cidr.ToString()) == cidr && cidr.Contains(cidr.First) && cidr.Contains(cidr.Last) && cidr.Contains(new Ip(value, 4))
                && (cidr.Last == new Ip(uint.MaxValue, 4) || !cidr.Contains(cidr.Last.Next())) && Ip.Parse(cidr.Last.ToString()) == cidr.Last;
        }).QuickCheckThrowOnFailure();
        Prop.ForAll<ulong, ulong, byte>((high, low, length) =>
        {
            var ip = new Ip(new UInt128(high, low), 6);
            var cidr = Cidr.Of(ip, length % 129);
            return Cidr.Parse(cidr.ToString()) == cidr && cidr.Contains(ip) && Ip.Parse(ip.ToString()) == ip;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Default_pools_hold_every_host_but_the_gateway()
    {
        Prop.ForAll<uint, byte, byte>((value, length, gateway) =>
        {
            var cidr = Cidr.Of(new Ip(value, 4), 22 + length % 8);
            var taken = cidr.First.Next(gateway % 64 % (long)(cidr.LastOffset + 1));
            var pools = AddressPool.Default(cidr, taken);
            for (var ip = cidr.First; ip <= cidr.Last && ip.Value <= uint.MaxValue; ip = ip.Next())
                if (pools.Count(p => p.Contains(ip)) != (cidr.IsHost(ip) && ip != taken ? 1 : 0)) return false;
            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_range_from_a_pool_is_free_inside_it_and_the_first()
    {
        Prop.ForAll<byte[], byte>((taken, length) =>
        {
            var prefix = Cidr.Parse("10.0.0.0/24");
            var used = taken.Select(t => Cidr.Of(new Ip(prefix.First.Value + t, 4), 26 + t % 6)).ToList();
            var wanted = 26 + length % 6;
            var found = PoolAllocation.FirstFree([prefix], used, wanted);
            var expected = Enumerable.Range(0, 1 << (wanted - 24)).Select(i => Cidr.Of(prefix.First.Next((long)i << (32 - wanted)), wanted)).Where(c => !used.Exists(c.Overlaps)).Cast<Cidr?>().FirstOrDefault();
            return found == expected;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Joined_prefixes_hold_the_same_addresses_and_nothing_twice()
    {
        Prop.ForAll<NonEmptyArray<byte>, NonEmptyArray<byte>>((one, two) =>
        {
            var all = one.Get.Select(b => Cidr.Of(new Ip(0x0A000000u + b, 4), 24 + b % 9)).ToList();
            var joined = SubnetPools.SubnetPools.Joined(all.ConvertAll(c => c.ToString())).Select(Cidr.Parse).ToList();
            var removed = two.Get.Select(b => Cidr.Of(new Ip(0x0A000000u + b, 4), 24 + b % 9)).ToList();
            var left = PrefixesApi.Without(joined, removed);
            for (uint i = 0; i < 256; i++)
            {
                var ip = new Ip(0x0A000000u + i, 4);
                if (joined.Count(c => c.Contains(ip)) != (all.Exists(c => c.Contains(ip)) ? 1 : 0)) return false;
                if (left.Exists(c => c.Contains(ip)) != (joined.Exists(c => c.Contains(ip)) && !removed.Exists(c => c.Contains(ip)))) return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();
    }
}
