using System.Globalization;
using System.Text.Json;

namespace Nephos.Identity.Shared;

/// <summary>A checked JSON object of a request: which fields are there matters as much as what they hold.</summary>
internal readonly struct Fields(JsonElement json)
{
    /// <summary>The object under a name of another, or an empty one.</summary>
    public static Fields In(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var inner) ? new(inner) : default;

    public JsonElement Json => json;

    public bool Has(string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out _);

    public Fields Inner(string name) => In(json, name);

    public JsonElement? Element(string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    /// <summary>A text; null if absent, null or something else (schemas see to that where it matters).</summary>
    public string? Text(string name) => Element(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public string? Text(string name, string? otherwise) => Has(name) ? Text(name) : otherwise;

    public bool Flag(string name, bool otherwise) => Element(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => otherwise,
    };

    public long? Number(string name) => Element(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    public IEnumerable<JsonElement> List(string name) => Element(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    /// <summary>Everything but the known names: keystone keeps what it does not know and gives it back.</summary>
    public Dictionary<string, JsonElement> Extra(IReadOnlyCollection<string> known, Dictionary<string, JsonElement>? before = null)
    {
        var extra = before is null ? [] : new Dictionary<string, JsonElement>(before, StringComparer.Ordinal);
        if (json.ValueKind != JsonValueKind.Object) return extra;
        foreach (var property in json.EnumerateObject())
            if (!known.Contains(property.Name) && property.Name is not ("id" or "links")) extra[property.Name] = property.Value.Clone();
        return extra;
    }

    /// <summary>Options merged over those before; null takes one away.</summary>
    public Dictionary<string, JsonElement> Options(Dictionary<string, JsonElement>? before = null)
    {
        var options = before is null ? [] : new Dictionary<string, JsonElement>(before, StringComparer.Ordinal);
        if (Element("options") is not { ValueKind: JsonValueKind.Object } given) return options;
        foreach (var option in given.EnumerateObject())
            if (option.Value.ValueKind == JsonValueKind.Null) options.Remove(option.Name);
            else options[option.Name] = option.Value.Clone();
        return options;
    }

    /// <summary>A time as keystone takes it, or null.</summary>
    /// <exception cref="Contracts.Fault">When it is no time.</exception>
    public DateTimeOffset? Time(string name) => Text(name) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && text.Contains('T', StringComparison.Ordinal)
            ? time : throw Errors.BadTime();
}
