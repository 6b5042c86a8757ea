using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Image.Stores;
using Nephos.Kernel.Api.Views;

namespace Nephos.Image.Images;

/// <summary>An image in an answer: custom properties stand beside the attributes, so it is written by hand.</summary>
[JsonConverter(typeof(Writer))]
internal sealed record ImageView(StoredImage Image, IReadOnlyList<LocationView>? Locations = null, string? DirectUrl = null)
{
    private sealed class Writer : JsonConverter<ImageView>
    {
        public override ImageView Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter json, ImageView value, JsonSerializerOptions options)
        {
            var (image, row) = (value.Image, value.Image.Row);
            json.WriteStartObject();
            foreach (var (name, text) in image.Properties) json.WriteString(name, text);
            if (row.Importing is { } importing)
            {
                json.WriteString("os_glance_importing_to_stores", string.Join(',', importing.To));
                json.WriteString("os_glance_failed_import", string.Join(',', importing.Failed));
            }
            if (row.ImportTask is { } task) json.WriteString("os_glance_import_task", task);
            json.WriteString("name", row.Name);
            json.WriteString("disk_format", row.DiskFormat);
            json.WriteString("container_format", row.ContainerFormat);
            json.WriteString("visibility", row.Visibility);
            Number(json, "size", row.Size);
            Number(json, "virtual_size", row.VirtualSize);
            json.WriteString("status", row.Status);
            json.WriteString("checksum", row.Checksum);
            json.WriteBoolean("protected", row.Protected);
            json.WriteNumber("min_ram", row.MinRam);
            json.WriteNumber("min_disk", row.MinDisk);
            json.WriteString("owner", row.Owner);
            json.WriteBoolean("os_hidden", row.OsHidden);
            json.WriteString("os_hash_algo", row.OsHashAlgo);
            json.WriteString("os_hash_value", row.OsHashValue);
            json.WriteString("id", row.Id);
            json.WriteString("created_at", Wire.Seconds(row.CreatedAt));
            json.WriteString("updated_at", Wire.Seconds(row.UpdatedAt));
            if (value.Locations is { } locations)
            {
                json.WritePropertyName("locations");
                JsonSerializer.Serialize(json, locations, options);
            }
            if (value.DirectUrl is { } url) json.WriteString("direct_url", url);
            json.WriteStartArray("tags");
            foreach (var tag in image.Tags) json.WriteStringValue(tag);
            json.WriteEndArray();
            // Links are relative to the endpoint and without its prefix: clients strip only what starts with /v.
            json.WriteString("self", $"/v2/images/{row.Id}");
            json.WriteString("file", $"/v2/images/{row.Id}/file");
            json.WriteString("schema", "/v2/schemas/image");
            if (image.Locations.Count > 0) json.WriteString("stores", string.Join(',', image.Locations.Select(l => l.Store)));
            json.WriteEndObject();
        }

        private static void Number(Utf8JsonWriter json, string name, long? value)
        {
            if (value is { } number) json.WriteNumber(name, number);
            else json.WriteNull(name);
        }
    }
}
