using Nephos.Kernel.Api.Schemas;

namespace Nephos.Compute.Servers;

/// <summary>Bodies of servers through the versions.</summary>
internal static class ServerSchemas
{
    private static readonly Schema UuidOrNull = Schema.OneOf(Schema.Uuid, Schema.Null);

    private static readonly Schema Device = Schema.Object(
        ("virtual_name", Schema.Text(max: 255)),
        ("volume_id", Schema.Uuid),
        ("snapshot_id", Schema.Uuid),
        ("volume_size", Schema.Of("integer", "string").Set("pattern", "^[0-9]+$").Set("minimum", 1L).Set("maximum", 0x7FFFFFFFL)),
        ("device_name", Schema.Text(1, 255, "^[a-zA-Z0-9._r/-]*$")),
        ("delete_on_termination", Types.Bool),
        ("no_device", Schema.Any),
        ("connection_info", Schema.Text(max: 16777215))).Closed();

    private static readonly Schema DeviceV2 = Device
        .Add("source_type", Schema.Of("string").Set("enum", new object[] { "volume", "image", "snapshot", "blank" }))
        .Add("uuid", Schema.Text(1, 255, "^[a-zA-Z0-9._-]*$"))
        .Add("image_id", Schema.Uuid)
        .Add("destination_type", Schema.Of("string").Set("enum", new object[] { "local", "volume" }))
        .Add("guest_format", Schema.Text(max: 255))
        .Add("device_type", Schema.Text(max: 255))
        .Add("disk_bus", Schema.Text(max: 255))
        .Add("boot_index", Schema.Of("integer", "string", "null").Set("pattern", "^-?[0-9]+$"));

    private static readonly Schema Nic = Schema.Object(("fixed_ip", Types.Ip), ("port", UuidOrNull), ("uuid", Schema.Text())).Closed();

    private static readonly Schema Hints = Schema.Object(
        ("group", Schema.Uuid),
        ("different_host", Schema.OneOf(Schema.Uuid, Schema.List(Schema.Uuid))),
        ("same_host", Schema.Of("string", "array").Set("items", Schema.Uuid)),
        ("query", Schema.Of("string", "object")),
        ("target_cell", Types.Name),
        ("different_cell", Schema.Of("string", "array").Set("items", Schema.Text())),
        ("build_near_host_ip", Types.Ip),
        ("cidr", Schema.Text(pattern: "^/[0-9a-f.:]+$")));

    private static readonly Schema Personality = Schema.List(Schema.Object(
        ("path", Schema.Text()), ("contents", Schema.Of("string").Set("format", "base64"))).Require("path", "contents").Closed());

    public static readonly SchemaHistory Create = SchemaHistory.Of(Schema.Object(
            ("server", Schema.Object(
                ("name", Types.Name),
                ("imageRef", Schema.OneOf(Schema.Uuid, Schema.Text(max: 0))),
                ("flavorRef", Schema.Of("string", "integer").Set("minLength", 1)),
                ("adminPass", Schema.Text()),
                ("metadata", Types.Metadata),
                ("networks", Schema.List(Nic)),
                ("OS-DCF:diskConfig", Types.DiskConfig),
                ("accessIPv4", Types.AccessIp4),
                ("accessIPv6", Types.AccessIp6),
                ("personality", Personality),
                ("availability_zone", Types.Name),
                ("block_device_mapping", Schema.List(Device)),
                ("block_device_mapping_v2", Schema.List(DeviceV2)),
                ("config_drive", Types.Bool),
                ("key_name", Types.Name),
                ("min_count", Types.Positive),
                ("max_count", Types.Positive),
                ("return_reservation_id", Types.Bool),
                ("security_groups", Schema.List(Schema.Object(("name", Types.Name)).Closed())),
                ("user_data", Types.UserData))
                .Require("name", "flavorRef").Closed()),
            ("os:scheduler_hints", Hints),
            ("OS-SCH-HNT:scheduler_hints", Hints))
        .Require("server").Closed())
        .At("2.19", s => s.In("server", x => x.Add("description", Types.Description)))
        // 2.32 only for devices: upstream compared with "==".
        .At("2.32", s => s.In("server", x => x.Add("networks", Schema.List(Nic.Add("tag", Types.Tag))).Add("block_device_mapping_v2", Schema.List(DeviceV2.Add("tag", Types.Tag)))))
        .At("2.33", s => s.In("server", x => x.Add("block_device_mapping_v2", Schema.List(DeviceV2))))
        .At("2.37", s => s.In("server", x => x.Require("networks").Add("networks", Networks(Nic.Add("uuid", Schema.Uuid)))))
        .At("2.42", s => s.In("server", x => x.Add("networks", Networks(Nic.Add("uuid", Schema.Uuid).Add("tag", Types.Tag)))
            .Add("block_device_mapping_v2", Schema.List(DeviceV2.Add("tag", Types.Tag)))))
        .At("2.52", s => s.In("server", x => x.Add("tags", Schema.List(Types.Tag, max: 50))))
        // File injection is gone.
        .At("2.57", s => s.In("server", x => x.Remove("personality")))
        .At("2.63", s => s.In("server", x => x.Add("trusted_image_certificates", Schema.Of("array", "null").Set("minItems", 1).Set("maxItems", 50).Set("uniqueItems", true).Set("items", Schema.Text(1)))))
        .At("2.67", s => s.In("server", x => x.In("block_device_mapping_v2", b => b.Set("items", DeviceV2.Add("tag", Types.Tag).Add("volume_type", Schema.Of("string", "null").Set("minLength", 0).Set("maxLength", 255))))))
        .At("2.74", s => s.In("server", x => x.Add("host", Types.Fqdn).Add("hypervisor_hostname", Types.Fqdn)))
        .At("2.90", s => s.In("server", x => x.Add("hostname", Types.HostName)));

    public static readonly SchemaHistory Update = SchemaHistory.Of(Schema.Object(("server", Schema.Object(
            ("name", Types.Name),
            ("OS-DCF:diskConfig", Types.DiskConfig),
            ("accessIPv4", Types.AccessIp4),
            ("accessIPv6", Types.AccessIp6)).Closed())).Require("server").Closed())
        .At("2.19", s => s.In("server", x => x.Add("description", Types.Description)))
        .At("2.90", s => s.In("server", x => x.Add("hostname", Types.HostName)));

    public static readonly SchemaHistory Rebuild = SchemaHistory.Of(Schema.Object(("rebuild", Schema.Object(
            ("name", Types.Name), ("imageRef", Schema.Uuid), ("adminPass", Schema.Text()), ("metadata", Types.Metadata), ("preserve_ephemeral", Types.Bool),
            ("OS-DCF:diskConfig", Types.DiskConfig), ("accessIPv4", Types.AccessIp4), ("accessIPv6", Types.AccessIp6), ("personality", Personality)).Require("imageRef").Closed())).Require("rebuild").Closed())
        .At("2.19", s => s.In("rebuild", x => x.Add("description", Types.Description)))
        .At("2.54", s => s.In("rebuild", x => x.Add("key_name", Types.NameOrNull)))
        .At("2.57", s => s.In("rebuild", x => x.Remove("personality").Add("user_data", Schema.OneOf(Types.UserData, Schema.Null))))
        .At("2.63", s => s.In("rebuild", x => x.Add("trusted_image_certificates", Schema.Of("array", "null").Set("minItems", 1).Set("maxItems", 50).Set("uniqueItems", true).Set("items", Schema.Text(1)))))
        .At("2.90", s => s.In("rebuild", x => x.Add("hostname", Types.HostName)));

    public static readonly SchemaHistory Reboot = Action("reboot", Schema.Object(
        ("type", Schema.Of("string").Set("enum", new object[] { "HARD", "Hard", "hard", "SOFT", "Soft", "soft" }))).Require("type").Closed());

    public static readonly SchemaHistory CreateImage = Action("createImage", Schema.Object(
        ("name", Types.Name), ("metadata", Types.Metadata)).Require("name").Closed());

    public static readonly SchemaHistory CreateBackup = Action("createBackup", Schema.Object(
        ("name", Types.Name), ("backup_type", Schema.Text()), ("rotation", Types.NonNegative), ("metadata", Types.Metadata)).Require("name", "backup_type", "rotation").Closed());

    public static readonly SchemaHistory Lock = SchemaHistory.Of(Schema.Object(("lock", Schema.Any)).Require("lock"))
        .At("2.73", _ => Schema.Object(("lock", Schema.Of("object", "null").Set("properties", new SchemaMap([new("locked_reason", Schema.Text(1, 255))])).Closed())).Require("lock").Closed());

    public static readonly SchemaHistory Console = Action("os-getConsoleOutput", Schema.Object(
        ("length", Schema.Of("integer", "string", "null").Set("pattern", "^-?[0-9]+$").Set("minimum", -1L))).Closed());

    public static readonly SchemaHistory ResetState = Action("os-resetState", Schema.Object(
        ("state", Schema.Of("string").Set("enum", new object[] { "active", "error" }))).Require("state").Closed());

    public static readonly SchemaHistory AddFixedIp = Action("addFixedIp", Schema.Object(("networkId", Schema.Of("string", "number").Set("minLength", 1).Set("maxLength", 255))).Require("networkId").Closed());
    public static readonly SchemaHistory RemoveFixedIp = Action("removeFixedIp", Schema.Object(("address", Types.Ip)).Require("address").Closed());
    public static readonly SchemaHistory AddFloatingIp = Action("addFloatingIp", Schema.Object(("address", Types.Ip), ("fixed_address", Types.Ip)).Require("address").Closed());
    public static readonly SchemaHistory RemoveFloatingIp = Action("removeFloatingIp", Schema.Object(("address", Types.Ip)).Require("address").Closed());
    public static readonly SchemaHistory AddGroup = Action("addSecurityGroup", Schema.Object(("name", Types.Name)).Require("name"));
    public static readonly SchemaHistory RemoveGroup = Action("removeSecurityGroup", Schema.Object(("name", Types.Name)).Require("name"));

    public static readonly SchemaHistory Metadata = SchemaHistory.Of(Schema.Object(("metadata", Types.Metadata)).Require("metadata").Closed());
    public static readonly SchemaHistory MetadataItem = SchemaHistory.Of(Schema.Object(
        ("meta", Types.Metadata.Set("minProperties", 1).Set("maxProperties", 1))).Require("meta").Closed());

    public static readonly SchemaHistory Tags = SchemaHistory.Of(Schema.Object(("tags", Schema.List(Types.Tag, max: 50))).Require("tags").Closed());

    public static readonly SchemaHistory AttachInterface = SchemaHistory.Of(Schema.Object(("interfaceAttachment", Attachment)).Closed())
        .At("2.49", s => s.In("interfaceAttachment", a => a.Add("tag", Types.Tag)));

    private static Schema Attachment => Schema.Object(
        ("net_id", Schema.Uuid), ("port_id", Schema.Uuid),
        ("fixed_ips", Schema.List(Schema.Object(("ip_address", Types.Ip)).Require("ip_address").Closed(), 1, 1))).Closed();

    private static Schema Networks(Schema nic) => Schema.OneOf(Schema.List(nic), Schema.Of("string").Set("enum", new object[] { "none", "auto" }));

    private static SchemaHistory Action(string name, Schema body) => SchemaHistory.Of(Schema.Object((name, body)).Require(name).Closed());
}
