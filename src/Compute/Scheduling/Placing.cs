using Nephos.Compute.Aggregates;
using Nephos.Compute.AvailabilityZones;
using Nephos.Compute.Hypervisors;
using Nephos.Compute.ServerGroups;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Scheduling;

/// <summary>Finds a host for a server and claims its resources there.</summary>
internal sealed class Placing(IPlacement placement, NodeTable nodes, AggregateTable aggregates, ServerTable servers, ServerGroupTable groups, TimeProvider time)
{
    /// <exception cref="Fault">No host fits. Users read the reasons, administrators the hosts too.</exception>
    public async Task<NodePlace> Claim(ServerRow server, CreateServer.State state, OperationContext context)
    {
        var resources = Resources(server.Flavor, server.Image);
        var query = new CandidateQuery(resources, [.. Traits(server.Flavor, "required"), .. Firmware(server)], Traits(server.Flavor, "forbidden"));
        var zones = new Zones(await aggregates.All());
        var candidates = (await placement.Candidates(query, context.Cancel)).ToDictionary(c => c.Provider);
        var rows = await nodes.Of([.. candidates.Keys]);
        var hosts = rows.Select(n => Describe(n, candidates[n.Id], zones)).ToList();
        var (fit, refused) = Scheduler.Choose(hosts, await Wish(server, state));
        foreach (var host in fit)
            if (await placement.Claim(new ClaimRequest(server.Id, context.Epoch, host.Node, resources, server.ProjectId, server.UserId), context.Cancel))
                return new NodePlace(host.Node, host.Name, host.Zone);
        throw NoHost(await placement.Explain(query, context.Cancel), refused, fit, state.LastError);
    }

    /// <summary>What a server takes. Disk in GiB: root (or the image's size), ephemeral and swap.</summary>
    public static Dictionary<string, long> Resources(FlavorUse flavor, ImageUse? image)
    {
        var root = flavor.RootGb > 0 ? flavor.RootGb : (image?.VirtualSize + (1L << 30) - 1 ?? 0) >> 30;
        var disk = root + flavor.EphemeralGb + (flavor.Swap + 1023) / 1024;
        var resources = new Dictionary<string, long> { ["VCPU"] = flavor.Vcpus, ["MEMORY_MB"] = flavor.MemoryMb };
        if (disk > 0) resources["DISK_GB"] = disk;
        foreach (var (key, value) in flavor.ExtraSpecs)
        {
            if (!key.StartsWith("resources:", StringComparison.Ordinal) || !long.TryParse(value, out var amount)) continue;
            if (amount > 0) resources[key["resources:".Length..]] = amount;
            else resources.Remove(key["resources:".Length..]);
        }
        return resources;
    }

    private static string[] Traits(FlavorUse flavor, string how) =>
        [.. flavor.ExtraSpecs.Where(s => s.Key.StartsWith("trait:", StringComparison.Ordinal) && s.Value == how).Select(s => s.Key["trait:".Length..])];

    // Secure Boot is a matter of UEFI alone, as upstream has it.
    private static IEnumerable<string> Firmware(ServerRow server)
    {
        if (server.Image?.Properties is not { } properties || !GuestPlan.IsUefi(properties)) yield break;
        yield return "COMPUTE_FIRMWARE_UEFI";
        if (properties.GetValueOrDefault("os_secure_boot") == "required" || server.Flavor.ExtraSpecs.GetValueOrDefault("os:secure_boot") == "required") yield return "COMPUTE_SECURITY_UEFI_SECURE_BOOT";
    }

    private Host Describe(NodeRow node, Candidate candidate, Zones zones) => new()
    {
        Node = node.Id, Name = node.Host, Zone = zones.Of(node.Host), IsUp = node.IsUp(time.GetUtcNow()), IsEnabled = !node.Disabled, DisabledReason = node.DisabledReason,
        Architecture = node.Facts.Architecture, Free = candidate.Free, Aggregates = zones.MetadataOf(node.Host),
    };

    private async Task<Wish> Wish(ServerRow server, CreateServer.State state)
    {
        var others = (await servers.Hosts([.. state.DifferentHost, .. state.SameHost])).ToDictionary(h => h.Server, h => h.Node);
        var group = server.GroupId is { } id ? await groups.Find(id.ToString()) : null;
        return new Wish
        {
            Zone = server.RequestedZone, ForcedHost = state.ForcedHost, Tried = state.Tried, ExtraSpecs = server.Flavor.ExtraSpecs,
            Architecture = server.Image?.Properties.GetValueOrDefault("hw_architecture") ?? server.Image?.Properties.GetValueOrDefault("architecture"),
            NotOn = [.. state.DifferentHost.Where(others.ContainsKey).Select(s => others[s])],
            OnlyOn = state.SameHost.Length == 0 ? null : [.. state.SameHost.Where(others.ContainsKey).Select(s => others[s])],
            GroupPolicy = group?.Policy, MaxPerHost = group?.MaxPerHost ?? 1,
            GroupHosts = group is null ? [] : [.. (await servers.GroupHosts(group.Id, server.Id)).Select(h => h.Node)],
        };
    }

    private static Fault NoHost(IReadOnlyList<Refusal> full, IReadOnlyList<Refused> refused, IReadOnlyList<Host> lost, string? lastError)
    {
        var reasons = full.Select(f => f.Reason).Concat(refused.Select(r => $"{r.Filter}: {r.Reason}")).Concat(lost.Select(_ => "another server took what was left")).Distinct().ToList();
        var hosts = full.Select(f => $"{f.Name}: placement: {f.Reason}").Concat(refused.Select(r => $"{r.Host}: {r.Filter}: {r.Reason}")).Concat(lost.Select(h => $"{h.Name}: another server took what was left"));
        var text = reasons.Count == 0 ? "There are not enough hosts available: no host has joined this cloud." : string.Join("; ", reasons) + ".";
        return Errors.NoValidHost(lastError is null ? text : $"{text} Before that: {lastError}", string.Join("; ", hosts));
    }
}
