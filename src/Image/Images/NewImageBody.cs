using System.Text.Json;
using Nephos.Contracts;

namespace Nephos.Image.Images;

/// <summary>Reads the body of a create, already checked against the schema.</summary>
internal static class NewImageBody
{
    private static readonly string[] NeverGiven = ["direct_url", "self", "file", "schema", "stores", "created_at", "updated_at", "status", "checksum", "size", "virtual_size"];

    public static StoredImage Read(JsonElement body, string? project, DateTimeOffset now, CountOptions counts)
    {
        foreach (var name in NeverGiven) if (body.TryGetProperty(name, out _)) throw Errors.ReadOnly(name);
        if (body.TryGetProperty("locations", out _)) throw Errors.Locations("add");
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in body.EnumerateObject())
        {
            if (property.Name == "id" || ImageSchemas.Own.Contains(property.Name)) continue;
            ImageUpdate.RequireProperty(property.Name);
            properties[property.Name] = property.Value.GetString()!;
        }
        string[] tags = body.TryGetProperty("tags", out var list) ? [.. list.EnumerateArray().Select(t => t.GetString()!).Distinct().Order(StringComparer.Ordinal)] : [];
        counts.Check(properties.Count, tags.Length);
        return new StoredImage(new ImageRow
        {
            Id = Text("id") is { } id ? Guid.Parse(id.Trim()) : NewId.Uuid(),
            Name = Text("name"),
            Status = "queued",
            Visibility = Text("visibility") ?? "shared",
            Protected = Flag("protected"),
            OsHidden = Flag("os_hidden"),
            Owner = body.TryGetProperty("owner", out var owner) ? owner.GetString() : project,
            DiskFormat = Text("disk_format"),
            ContainerFormat = Text("container_format"),
            MinDisk = Number("min_disk"),
            MinRam = Number("min_ram"),
            CreatedAt = now,
            UpdatedAt = now,
        }, properties, tags, []);

        string? Text(string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;
        bool Flag(string name) => body.TryGetProperty(name, out var value) && value.GetBoolean();
        long Number(string name) => body.TryGetProperty(name, out var value) ? ImageUpdate.Size(name, value.GetInt64()) : 0;
    }
}
