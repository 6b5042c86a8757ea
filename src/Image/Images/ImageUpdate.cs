using System.Text.Json;

namespace Nephos.Image.Images;

/// <summary>Applies changes to an image; pure. What a caller may do is decided before, by attribute.</summary>
internal static class ImageUpdate
{
    /// <summary>Applies changes of anything but locations.</summary>
    public static StoredImage Apply(StoredImage image, IReadOnlyList<PatchChange> changes, CountOptions counts)
    {
        foreach (var change in changes)
            image = change.Verb switch
            {
                PatchVerb.Remove => Remove(image, change.Path[0]),
                _ => Set(image, change),
            };
        // An image that is over a limit already may still be changed otherwise.
        if (changes.Any(c => c.Verb != PatchVerb.Remove)) counts.Check(image.Properties.Count, image.Tags.Count);
        return image;
    }

    /// <summary>Refuses names that custom properties may not have.</summary>
    public static void RequireProperty(string name)
    {
        if (name.Length is 0 or > 255) throw Errors.NameTooLong();
        if (ImageSchemas.Reserved.Contains(name) || ImageSchemas.Own.Contains(name) || name.StartsWith("os_glance", StringComparison.Ordinal)) throw Errors.Reserved(name);
        if (ImageSchemas.ReadOnly.Contains(name)) throw Errors.ReadOnly(name);
    }

    private static StoredImage Set(StoredImage image, PatchChange change)
    {
        var name = change.Path[0];
        var there = ImageSchemas.Own.Contains(name) || image.Properties.ContainsKey(name);
        if (change is { Verb: PatchVerb.Add, Strict: true } && there) throw Errors.PropertyThere(name);
        if (change.Verb == PatchVerb.Replace && !there) throw Errors.NoSuchProperty(name);
        return ImageSchemas.Own.Contains(name) ? Attribute(image, name, change.Value)
            : image with { Properties = With(image.Properties, name, change.Value.GetString()!) };
    }

    private static StoredImage Attribute(StoredImage image, string name, JsonElement value)
    {
        var row = image.Row;
        return name switch
        {
            "tags" => image with { Tags = [.. value.EnumerateArray().Select(t => t.GetString()!).Distinct().Order(StringComparer.Ordinal)] },
            "name" => image with { Row = row with { Name = value.GetString() } },
            "visibility" => image with { Row = row with { Visibility = value.GetString()! } },
            "protected" => image with { Row = row with { Protected = value.GetBoolean() } },
            "os_hidden" => image with { Row = row with { OsHidden = value.GetBoolean() } },
            "owner" => image with { Row = row with { Owner = value.GetString() } },
            "disk_format" => image with { Row = row with { DiskFormat = Queued(row, name, value.GetString()) } },
            "container_format" => image with { Row = row with { ContainerFormat = Queued(row, name, value.GetString()) } },
            "min_disk" => image with { Row = row with { MinDisk = Size(name, value.GetInt64()) } },
            _ => image with { Row = row with { MinRam = Size(name, value.GetInt64()) } },
        };
    }

    private static StoredImage Remove(StoredImage image, string name)
    {
        if (ImageSchemas.Own.Contains(name)) throw Errors.PropertyStays(name);
        if (!image.Properties.ContainsKey(name)) throw Errors.NoSuchProperty(name);
        return image with { Properties = image.Properties.Where(p => p.Key != name).ToDictionary() };
    }

    public static long Size(string name, long value) => value is >= 0 and <= int.MaxValue ? value : throw Errors.Negative(name, value);

    private static string? Queued(ImageRow row, string name, string? value) => row.Status is "queued" or "importing" ? value : throw Errors.QueuedOnly(name);

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> properties, string name, string value) => new(properties, StringComparer.Ordinal) { [name] = value };
}
