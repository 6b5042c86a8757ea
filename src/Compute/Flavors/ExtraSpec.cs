using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Nephos.Compute.Flavors;

/// <summary>
/// Checks well-known extra specs (since 2.86). Names of other namespaces pass unseen, as upstream lets them: <c>vendor:anything</c>.
/// </summary>
internal static partial class ExtraSpec
{
    private static readonly FrozenDictionary<string, Func<string, string?>> Known = new Dictionary<string, Func<string, string?>>
    {
        ["hw:cpu_policy"] = OneOf("dedicated", "shared", "mixed"),
        ["hw:cpu_thread_policy"] = OneOf("prefer", "isolate", "require"),
        ["hw:emulator_threads_policy"] = OneOf("isolate", "share"),
        ["hw:cpu_sockets"] = Integer(1), ["hw:cpu_cores"] = Integer(1), ["hw:cpu_threads"] = Integer(1),
        ["hw:cpu_max_sockets"] = Integer(1), ["hw:cpu_max_cores"] = Integer(1), ["hw:cpu_max_threads"] = Integer(1),
        ["hw:numa_nodes"] = Integer(1), ["hw:serial_port_count"] = Integer(0), ["hw:watchdog_action"] = OneOf("none", "pause", "poweroff", "reset", "disabled"),
        ["hw:boot_menu"] = Boolean, ["hw:cpu_realtime"] = Boolean, ["hw:hide_hypervisor_id"] = Boolean, ["hw:mem_encryption"] = Boolean, ["hw:pmu"] = Boolean,
        ["hw_rng:allowed"] = Boolean, ["hw_rng:rate_bytes"] = Integer(0), ["hw_rng:rate_period"] = Integer(0),
        ["hw_video:ram_max_mb"] = Integer(0), ["hide_hypervisor_id"] = Boolean,
        ["quota:cpu_period"] = Integer(0), ["quota:cpu_quota"] = Integer(0), ["quota:cpu_shares"] = Integer(0),
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Closed = new[] { "hw", "hw_rng", "hw_video" }.ToFrozenSet();

    public static void Check(string name, string value)
    {
        if (Known.TryGetValue(name, out var check))
        {
            if (check(value) is { } wrong) throw Errors.BadExtraSpec(wrong.Replace("{name}", name, StringComparison.Ordinal));
            return;
        }
        // Namespaces that belong to the program alone hold nothing unknown, except names with a number or a word inside.
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && Closed.Contains(name[..colon]) && !Open().IsMatch(name))
            throw Errors.BadExtraSpec($"Validation failed; extra spec '{name}' does not appear to be a valid extra spec.");
    }

    private static Func<string, string?> OneOf(params string[] values) => value => Array.IndexOf(values, value) >= 0 ? null
        : $"Validation failed; '{value}' is not one of the values of '{{name}}': {string.Join(", ", values)}.";

    private static Func<string, string?> Integer(long minimum) => value =>
        !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? $"Validation failed; '{value}' is not an integer, which '{{name}}' must be."
        : number < minimum ? $"Validation failed; '{value}' is less than the minimum {minimum} of '{{name}}'." : null;

    private static string? Boolean(string value) => value.ToLowerInvariant() is "true" or "false" or "1" or "0" or "yes" or "no" or "on" or "off" or "y" or "n" or "t" or "f"
        ? null : $"Validation failed; '{value}' is not a boolean, which '{{name}}' must be.";

    [GeneratedRegex(@"^hw:(numa_(cpus|mem)\.\d+|pci_numa_affinity_policy|mem_page_size|cpu_realtime_mask|cpu_dedicated_mask|vif_multiqueue_enabled|pmem|tpm_\w+|cdrom_bus|disk_bus|video_model|input_\w+|vtpm\w*|locked_memory|maxphysaddr_\w+|cpu_\w+|virtio_packed_ring|viommu_model|firmware_type|ephemeral_\w+|hypervisor_\w+|machine_type|mem_encryption_\w+|sound_model|usb_model|redirected_usb_ports)$")]
    private static partial Regex Open();
}
