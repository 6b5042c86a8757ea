using Nephos.Compute.Scheduling;
using Xunit;

namespace Nephos.Compute.Tests.Scheduling;

public sealed class SchedulerTests
{
    private static Host Host(string name, long free = 1000, string zone = "nova", bool up = true, bool enabled = true, string[]? ssd = null) => new()
    {
        Node = new Guid(name.PadLeft(16, '0').Select(c => (byte)c).ToArray()), Name = name, Zone = zone, IsUp = up, IsEnabled = enabled,
        Free = new Dictionary<string, long> { ["MEMORY_MB"] = free, ["VCPU"] = 8, ["DISK_GB"] = 100 },
        Aggregates = (ssd ?? []).ToLookup(_ => "ssd"),
    };

    private static string Why(Host host, Wish wish) => Scheduler.Choose([host], wish).Refused is [var refused] ? $"{refused.Filter}: {refused.Reason}" : "";

    [Fact]
    public void The_host_with_most_room_comes_first() =>
        Assert.Equal(["c", "a", "b"], Scheduler.Choose([Host("a", 500), Host("b", 100), Host("c", 900)], new()).Hosts.Select(h => h.Name));

    [Fact]
    public void Every_filter_says_what_it_refused()
    {
        Assert.Equal("ComputeFilter: the host is down", Why(Host("a", up: false), new()));
        Assert.Equal("ComputeFilter: the host is disabled", Why(Host("a", enabled: false), new()));
        Assert.Equal("AvailabilityZoneFilter: zone east asked, the host is in nova", Why(Host("a"), new() { Zone = "east" }));
        Assert.Equal("ForcedHostFilter: host b was asked for", Why(Host("a"), new() { ForcedHost = "b" }));
        Assert.Equal("RetryFilter: building there failed before", Why(Host("a"), new() { Tried = ["a"] }));
        Assert.Equal("ImagePropertiesFilter: the image wants aarch64, the host is x86_64", Why(Host("a"), new() { Architecture = "aarch64" }));
        Assert.Equal("", Why(Host("a"), new() { Architecture = "amd64" }));
        Assert.Equal("DifferentHostFilter: a server that different_host names is there", Why(Host("a"), new() { NotOn = [Host("a").Node] }));
        Assert.Equal("SameHostFilter: no server that same_host names is there", Why(Host("a"), new() { OnlyOn = [Host("b").Node] }));
        Assert.Equal("ServerGroupAffinityFilter: the server group is on another host", Why(Host("a"), new() { GroupPolicy = "affinity", GroupHosts = [Host("b").Node] }));
        Assert.Equal("ServerGroupAntiAffinityFilter: 2 of the server group are there, 2 allowed per host",
            Why(Host("a"), new() { GroupPolicy = "anti-affinity", MaxPerHost = 2, GroupHosts = [Host("a").Node, Host("a").Node] }));
        var specs = new Dictionary<string, string> { ["aggregate_instance_extra_specs:ssd"] = "true" };
        Assert.Equal("AggregateInstanceExtraSpecsFilter: ssd true asked, no aggregate of the host has it", Why(Host("a"), new() { ExtraSpecs = specs }));
        Assert.Equal("", Why(Host("a", ssd: ["true"]), new() { ExtraSpecs = specs }));
    }

    [Fact]
    public void Soft_policies_only_lean()
    {
        Host[] hosts = [Host("a"), Host("b")];
        Assert.Equal("b", Scheduler.Choose(hosts, new() { GroupPolicy = "soft-affinity", GroupHosts = [Host("b").Node] }).Hosts[0].Name);
        Assert.Equal("a", Scheduler.Choose(hosts, new() { GroupPolicy = "soft-anti-affinity", GroupHosts = [Host("b").Node] }).Hosts[0].Name);
    }
}
