using System.Text.Json.Nodes;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Images;

/// <summary>The schema of an image: what bodies are checked against, and what <c>/v2/schemas/image</c> shows.</summary>
internal static class ImageSchemas
{
    public static readonly string[] DiskFormats = ["ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"];
    public static readonly string[] ContainerFormats = ["ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"];

    private const string UuidPattern = "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$";

    /// <summary>Attributes only the service sets.</summary>
    public static readonly IReadOnlySet<string> ReadOnly = new HashSet<string>(StringComparer.Ordinal)
    {
        "created_at", "updated_at", "status", "checksum", "size", "virtual_size", "direct_url", "self", "file", "schema", "stores", "id", "os_hash_algo", "os_hash_value",
    };

    /// <summary>Names nobody may use.</summary>
    public static readonly IReadOnlySet<string> Reserved = new HashSet<string>(StringComparer.Ordinal) { "location", "deleted", "deleted_at" };

    /// <summary>Attributes every image has.</summary>
    public static readonly IReadOnlySet<string> Own = new HashSet<string>(StringComparer.Ordinal)
    {
        "name", "visibility", "protected", "os_hidden", "owner", "container_format", "disk_format", "tags", "min_ram", "min_disk",
    };

    private static readonly Lazy<Schema> Properties = new(() => Schema.Object(
        ("id", Schema.Of("string").Set("description", "The image's id, a UUID.").Set("pattern", UuidPattern)),
        ("name", Schema.Of("null", "string").Set("description", "What people call the image; several may have the same name.").Set("maxLength", 255)),
        ("status", Shown("string", "Where the image is in its life.").Set("enum", new object[] { "queued", "saving", "active", "killed", "deleted", "uploading", "importing", "pending_delete", "deactivated" })),
        ("visibility", Schema.Of("string").Set("description", "Who may see and use the image.").Set("enum", new object[] { "community", "public", "private", "shared" })),
        ("protected", Schema.Of("boolean").Set("description", "A protected image cannot be deleted until this is taken back.")),
        ("os_hidden", Schema.Of("boolean").Set("description", "A hidden image is left out of lists that do not ask for hidden ones.")),
        ("checksum", ShownOrNull("MD5 of the data, as 32 hexadecimal digits.").Set("maxLength", 32)),
        ("os_hash_algo", ShownOrNull("By which algorithm os_hash_value was made.").Set("maxLength", 64)),
        ("os_hash_value", ShownOrNull("The digest of the data by os_hash_algo, in hexadecimal digits.").Set("maxLength", 128)),
        ("owner", Schema.Of("null", "string").Set("description", "The project that the image belongs to.").Set("maxLength", 255)),
        ("size", Schema.Of("null", "integer").Set("readOnly", true).Set("description", "How many bytes the data has.")),
        ("virtual_size", Schema.Of("null", "integer").Set("readOnly", true).Set("description", "How many bytes the disk has for a server that uses it.")),
        ("container_format", Schema.Of("null", "string").Set("description", "What the disk is wrapped in.").Set("enum", (object[])[Schema.None, .. ContainerFormats])),
        ("disk_format", Schema.Of("null", "string").Set("description", "How the disk's content is stored.").Set("enum", (object[])[Schema.None, .. DiskFormats])),
        ("created_at", Shown("string", "When the image was made.")),
        ("updated_at", Shown("string", "When the image was last changed.")),
        ("tags", Schema.Of("array").Set("description", "Words that lists can be filtered by.").Set("items", Schema.Text(max: 255))),
        ("direct_url", Shown("string", "Where the data lies.")),
        ("min_ram", Schema.Of("integer").Set("description", "The least memory, in MiB, of a server that boots it.")),
        ("min_disk", Schema.Of("integer").Set("description", "The least root disk, in GiB, of a server that boots it.")),
        ("self", Shown("string", "Where this document is.")),
        ("file", Shown("string", "Where the data is up- and downloaded.")),
        ("stores", Shown("string", "The stores that hold the data, separated by commas.")),
        ("schema", Shown("string", "Where the schema of this document is.")),
        ("architecture", Usual("The processor that the system in the image is made for, by the compute service's names.")),
        ("os_distro", Usual("The distribution of the operating system, in lower case.")),
        ("os_version", Usual("The operating system's version, as its makers write it.")),
        ("instance_uuid", Usual("The server that the image was taken of.")),
        ("description", Usual("What the image is, for people.")),
        ("kernel_id", Usual("The image with the kernel that a server boots this one with.", orNull: true).Set("pattern", UuidPattern)),
        ("ramdisk_id", Usual("The image with the initial RAM disk that a server boots this one with.", orNull: true).Set("pattern", UuidPattern)),
        ("cinder_encryption_key_id", Usual("The key, in the key manager, of the encrypted volume that the image was made of.")),
        ("cinder_encryption_key_deletion_policy", Usual("Whether that key goes with the image.").Set("enum", new object[] { "on_image_deletion", "do_not_delete" })),
        ("locations", Schema.Of("array").Set("items", Location()).Set("description", "All places where the data lies, with what is known of each."))));

    private static readonly Lazy<Schema> Whole = new(() => Properties.Value.Others(Schema.Of("string")));

    /// <summary>The schema of an image in a body.</summary>
    public static Schema Image => Whole.Value;

    /// <summary>Of a new image.</summary>
    public static SchemaHistory Create => SchemaHistory.Of(Whole.Value);

    /// <summary>The document.</summary>
    public static JsonObject Document() => new()
    {
        ["name"] = "image",
        ["properties"] = Properties.Value.ToJson()["properties"]!.DeepClone(),
        ["additionalProperties"] = new JsonObject { ["type"] = "string" },
        ["links"] = new JsonArray(Link("self", "{self}"), Link("enclosure", "{file}"), Link("describedby", "{schema}")),
    };

    internal static JsonObject Link(string rel, string href) => new() { ["rel"] = rel, ["href"] = href };

    private static Schema Shown(string type, string description) => Schema.Of(type).Set("readOnly", true).Set("description", description);
    private static Schema ShownOrNull(string description) => Schema.Of("null", "string").Set("readOnly", true).Set("description", description);

    /// <summary>A property that images need not have, with a meaning that all agree on.</summary>
    private static Schema Usual(string description, bool orNull = false) => (orNull ? Schema.Of("null", "string") : Schema.Of("string")).Set("is_base", false).Set("description", description);

    private static Schema Location() => Schema.Of("object").Set("properties", new SchemaMap(
    [
        new("url", Schema.Text(max: 255)),
        new("metadata", Schema.Of("object")),
        new("validation_data", Schema.Of("object")
            .Set("description", "What the data's digests are; where they are known already, they must be the same.")
            .Set("writeOnly", true).Set("additionalProperties", false)
            .Set("properties", new SchemaMap(
            [
                new("checksum", Schema.Text(32, 32)), new("os_hash_algo", Schema.Text(max: 64)), new("os_hash_value", Schema.Text(max: 128)),
            ])).Require("os_hash_algo", "os_hash_value")),
    ])).Require("url", "metadata");
}
