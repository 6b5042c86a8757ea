using Nephos.Contracts;

namespace Nephos.Compute.Hypervisors;

/// <summary>The numbers of a hypervisor as shown until 2.87, from placement's books.</summary>
internal sealed record Usage(IReadOnlyDictionary<string, long> Values)
{
    public static readonly string[] Names =
    [
        "vcpus", "memory_mb", "local_gb", "vcpus_used", "memory_mb_used", "local_gb_used", "free_ram_mb", "free_disk_gb", "current_workload", "running_vms", "disk_available_least",
    ];

    public static Usage Of(NodeRow node, ProviderUsage? usage, long servers)
    {
        long Used(string resource) => usage?.Used.GetValueOrDefault(resource) ?? 0;
        var facts = node.Facts;
        var memory = Used("MEMORY_MB") + (usage?.Inventories.GetValueOrDefault("MEMORY_MB")?.Reserved ?? 0);
        var disk = Used("DISK_GB");
        return new(new Dictionary<string, long>
        {
            ["vcpus"] = facts.Vcpus, ["memory_mb"] = facts.MemoryMib, ["local_gb"] = facts.DiskGib,
            ["vcpus_used"] = Used("VCPU"), ["memory_mb_used"] = memory, ["local_gb_used"] = disk,
            ["free_ram_mb"] = facts.MemoryMib - memory, ["free_disk_gb"] = facts.DiskGib - disk,
            ["current_workload"] = 0, ["running_vms"] = servers, ["disk_available_least"] = facts.DiskGib - disk,
        });
    }
}
