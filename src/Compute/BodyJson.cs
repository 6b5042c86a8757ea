using System.Globalization;
using System.Text.Json;

namespace Nephos.Compute;

/// <summary>Reads members of bodies that the schema lets come in several forms: <c>1</c> or <c>"1"</c>, <c>true</c> or <c>"yes"</c>.</summary>
internal static class BodyJson
{
    /// <summary>A text, or null when absent or null.</summary>
    public static string? Text(this JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;

    /// <summary>A whole number of at most 32 bits; those beyond are the largest.</summary>
    public static int Whole(this JsonElement body, string name, int otherwise = 0) => body.Text(name) is not { Length: > 0 } text ? otherwise
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : int.MaxValue;

    /// <summary>A boolean.</summary>
    public static bool Flag(this JsonElement body, string name, bool otherwise = false) => body.Text(name) is { Length: > 0 } text
        ? text.ToLowerInvariant() is "true" or "1" or "on" or "yes" or "y" or "t" : otherwise;

    /// <summary>The object or list of a name, or null.</summary>
    public static JsonElement? Part(this JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>An object of texts.</summary>
    public static Dictionary<string, string> Texts(this JsonElement body) =>
        body.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.Ordinal);
}
