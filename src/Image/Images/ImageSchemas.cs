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
        ("id", Schema.Of("string").Set("description", "An identifier for the image").Set("pattern", UuidPattern)),
        ("name", Schema.Of("null", "string").Set("description", "Descriptive name for the image").Set("maxLength", 255)),
        ("status", Shown("string", "Status of the image").Set("enum", new object[] { "queued", "saving", "active", "killed", "deleted", "uploading", "importing", "pending_delete", "deactivated" })),
        ("visibility", Schema.Of("string").Set("description", "Scope of image accessibility").Set("enum", new object[] { "community", "public", "private", "shared" })),
        ("protected", Schema.Of("boolean").Set("description", "If true, image will not be deletable.")),
        ("os_hidden", Schema.Of("boolean").Set("description", "If true, image will not appear in default image list response.")),
        ("checksum", ShownOrNull("md5 hash of image contents.").Set("maxLength", 32)),
        ("os_hash_algo", ShownOrNull("Algorithm to calculate the os_hash_value").Set("maxLength", 64)),
        ("os_hash_value", ShownOrNull("Hexdigest of the image contents using the algorithm specified by the os_hash_algo").Set("maxLength", 128)),
        ("owner", Schema.Of("null", "string").Set("description", "Owner of the image").Set("maxLength", 255)),
        ("size", Schema.Of("null", "integer").Set("readOnly", true).Set("description", "Size of image file in bytes")),
        ("virtual_size", Schema.Of("null", "integer").Set("readOnly", true).Set("description", "Virtual size of image in bytes")),
        ("container_format", Schema.Of("null", "string").Set("description", "Format of the container").Set("enum", (object[])[Schema.None, .. ContainerFormats])),
        ("disk_format", Schema.Of("null", "string").Set("description", "Format of the disk").Set("enum", (object[])[Schema.None, .. DiskFormats])),
        ("created_at", Shown("string", "Date and time of image registration")),
        ("updated_at", Shown("string", "Date and time of the last image modification")),
        ("tags", Schema.Of("array").Set("description", "List of strings related to the image").Set("items", Schema.Text(max: 255))),
        ("direct_url", Shown("string", "URL to access the image file kept in external store")),
        ("min_ram", Schema.Of("integer").Set("description", "Amount of ram (in MB) required to boot image.")),
        ("min_disk", Schema.Of("integer").Set("description", "Amount of disk space (in GB) required to boot image.")),
        ("self", Shown("string", "An image self url")),
        ("file", Shown("string", "An image file url")),
        ("stores", Shown("string", "Store in which image data resides.  Only present when the operator has enabled multiple stores.  May be a comma-separated list of store identifiers.")),
        ("schema", Shown("string", "An image schema url")),
        ("locations", Schema.Of("array").Set("items", Location()).Set("description", "A set of URLs to access the image file kept in external store"))));

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

    private static Schema Location() => Schema.Of("object").Set("properties", new SchemaMap(
    [
        new("url", Schema.Text(max: 255)),
        new("metadata", Schema.Of("object")),
        new("validation_data", Schema.Of("object")
            .Set("description", "Values to be used to populate the corresponding image properties. If the image status is not 'queued', values must exactly match those already contained in the image properties.")
            .Set("writeOnly", true).Set("additionalProperties", false)
            .Set("properties", new SchemaMap(
            [
                new("checksum", Schema.Text(32, 32)), new("os_hash_algo", Schema.Text(max: 64)), new("os_hash_value", Schema.Text(max: 128)),
            ])).Require("os_hash_algo", "os_hash_value")),
    ])).Require("url", "metadata");
}
