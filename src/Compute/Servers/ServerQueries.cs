using System.Collections.Frozen;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Compute.Servers;

/// <summary>What a list of servers may be asked for, through the versions.</summary>
internal static class ServerQueries
{
    /// <summary>Tables that upstream joins; never filters.</summary>
    public static readonly FrozenSet<string> Joined = new[]
    {
        "block_device_mapping", "services", "metadata", "system_metadata", "info_cache", "security_groups", "pci_devices",
    }.ToFrozenSet();

    /// <summary>Sort keys that were once let through, and mean nothing.</summary>
    public static readonly FrozenSet<string> IgnoredKeys = new[]
    {
        "architecture", "cell_name", "cleaned", "default_ephemeral_device", "default_swap_device", "deleted", "deleted_at", "disable_terminate",
        "ephemeral_gb", "ephemeral_key_uuid", "id", "key_data", "launched_on", "locked", "memory_mb", "os_type", "reservation_id", "root_gb",
        "shutdown_terminate", "user_data", "vcpus", "vm_mode",
    }.ToFrozenSet();

    /// <summary>Sort keys and their columns.</summary>
    public static readonly FrozenDictionary<string, string> SortKeys = new Dictionary<string, string>
    {
        ["access_ip_v4"] = "access_ip_v4", ["access_ip_v6"] = "access_ip_v6", ["auto_disk_config"] = "auto_disk_config", ["availability_zone"] = "availability_zone",
        ["config_drive"] = "config_drive", ["created_at"] = "created_at", ["display_description"] = "description", ["display_name"] = "name", ["host"] = "host",
        ["hostname"] = "hostname", ["image_ref"] = "image_id", ["instance_type_id"] = "flavor_id", ["kernel_id"] = "kernel_id", ["key_name"] = "key_name",
        ["launch_index"] = "launch_index", ["launched_at"] = "launched_at", ["locked_by"] = "locked_by", ["node"] = "node", ["power_state"] = "power_state",
        ["progress"] = "launch_index", ["project_id"] = "project_id", ["ramdisk_id"] = "ramdisk_id", ["root_device_name"] = "root_device_name", ["task_state"] = "task_state",
        ["terminated_at"] = "terminated_at", ["updated_at"] = "updated_at", ["user_id"] = "user_id", ["uuid"] = "id", ["vm_state"] = "vm_state",
    }.ToFrozenDictionary();

    private static readonly string[] Plain =
    [
        "user_id", "project_id", "tenant_id", "launch_index", "image_ref", "image", "kernel_id", "ramdisk_id", "hostname", "key_name", "power_state", "vm_state",
        "task_state", "host", "node", "flavor", "reservation_id", "launched_at", "terminated_at", "availability_zone", "name", "display_name", "description",
        "display_description", "locked_by", "uuid", "root_device_name", "config_drive", "access_ip_v4", "access_ip_v6", "auto_disk_config", "progress",
        "sort_dir", "all_tenants", "soft_deleted", "deleted", "status", "ip", "ip6", "created_at",
    ];

    public static readonly SchemaHistory List = SchemaHistory.Of(Schema.Object(
            [.. Plain.Select(p => (p, Types.Many())),
            ("sort_key", Keys([.. SortKeys.Keys, .. IgnoredKeys])), ("changes-since", Types.Many(Schema.Time)),
            .. Joined.Select(j => (j, Types.Many())), .. Types.Paging])
            .Set("patternProperties", new SchemaMap([new("^_", Types.Many())])))
        .At("2.26", s => s.Add("tags", Types.Many()).Add("tags-any", Types.Many()).Add("not-tags", Types.Many()).Add("not-tags-any", Types.Many()))
        .At("2.66", s => s.Add("changes-before", Types.Many(Schema.Time)))
        .At("2.73", s => s.Add("sort_key", Keys(["locked", .. SortKeys.Keys, .. IgnoredKeys.Where(k => k != "locked")])).Add("locked", Types.Many()))
        .At("2.75", s => s.Add("sort_key", Keys(["locked", .. SortKeys.Keys])).Closed());

    private static Schema Keys(IEnumerable<string> keys) => Types.Many(Schema.Of("string").Set("enum", keys.Order(StringComparer.Ordinal).ToArray<object>()));
}
