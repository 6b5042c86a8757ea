using System.Globalization;
using System.Text.Json;
using Nephos.Kernel.Api.Schemas;
using Nephos.Network.Addresses;

namespace Nephos.Network.Attributes;

/// <summary>Readers of simple values; each checks and converts as upstream's validator of that name.</summary>
internal static class Read
{
    public static Func<JsonElement, object?> Text(int max = 255) => json =>
    {
        if (json.ValueKind != JsonValueKind.String) throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a valid string");
        var text = json.GetString()!;
        return text.Length <= max ? text : throw new InvalidValue($"'{text}' exceeds maximum length of {max}");
    };

    public static Func<JsonElement, object?> TextOrNull(int max = 255) => json => json.ValueKind == JsonValueKind.Null ? null : Text(max)(json);

    public static object? Bool(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Number when json.TryGetInt64(out var number) && number is 0 or 1: return number == 1;
            case JsonValueKind.String when ParseBool(json.GetString()!) is { } flag: return flag;
            default: throw Errors.InvalidInput($"'{PythonRepr.Str(json)}' cannot be converted to boolean");
        }
    }

    public static bool? ParseBool(string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };

    public static Func<JsonElement, object?> Int(long min, long max) => json =>
    {
        var number = Whole(json);
        if (number < min) throw new InvalidValue($"'{number}' is too small - must be at least '{min}'");
        return number <= max ? number : throw new InvalidValue($"'{number}' is too large - must be no larger than '{max}'");
    };

    public static Func<JsonElement, object?> IntOrNull(long min, long max) => json => json.ValueKind == JsonValueKind.Null ? null : Int(min, max)(json);

    public static long Whole(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number when json.TryGetInt64(out var number) => number,
        JsonValueKind.String when long.TryParse(json.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Errors.InvalidInput($"'{PythonRepr.Str(json)}' is not an integer"),
    };

    public static object? Uuid(JsonElement json) => json.ValueKind == JsonValueKind.String && Guid.TryParseExact(json.GetString(), "D", out var id)
        ? id : throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a valid UUID");

    public static object? UuidOrNull(JsonElement json) => json.ValueKind == JsonValueKind.Null ? null : Uuid(json);

    public static object? UuidList(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null) return Array.Empty<Guid>();
        if (json.ValueKind != JsonValueKind.Array) throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a list");
        var ids = new List<Guid>();
        foreach (var item in json.EnumerateArray())
        {
            var id = (Guid)Uuid(item)!;
            if (!ids.Contains(id)) ids.Add(id);
        }
        return ids.ToArray();
    }

    public static Func<JsonElement, object?> Words(int max) => json => List(json, item => (string)Text(max)(item)!);

    public static Func<JsonElement, object?> Choice(params string[] values) => json =>
        json.ValueKind == JsonValueKind.String && values.Contains(json.GetString(), StringComparer.Ordinal)
            ? json.GetString() : throw new InvalidValue($"{PythonRepr.Str(json)} is not in {PyList(values)}");

    public static Func<JsonElement, object?> ChoiceOrNull(params string[] values) => json => json.ValueKind == JsonValueKind.Null ? null : Choice(values)(json);

    public static object? IpVersion(JsonElement json) => Whole(json) is var version && version is (4 or 6)
        ? (int)version : throw new InvalidValue($"{PythonRepr.Str(json)} is not in [4, 6]");

    public static object? Address(JsonElement json) => json.ValueKind == JsonValueKind.String && Ip.TryParse(json.GetString()!, out var ip)
        ? ip.ToString() : throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a valid IP address");

    public static object? AddressOrNull(JsonElement json) => json.ValueKind == JsonValueKind.Null ? null : Address(json);

    public static object? CidrOrNull(JsonElement json) => json.ValueKind == JsonValueKind.Null ? null : Subnet(json);

    /// <summary>A range; a missing length is that of one address, host bits are cut off, as upstream's converter does.</summary>
    public static object? Subnet(JsonElement json) => json.ValueKind == JsonValueKind.String && Cidr.TryParse(json.GetString()!, out var cidr)
        ? cidr.ToString() : throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a valid IP subnet");

    public static object? Mac(JsonElement json) => json.ValueKind == JsonValueKind.String && MacAddress.Normal(json.GetString()!) is { } mac
        ? mac : throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a valid MAC address");

    public static List<V> List<V>(JsonElement json, Func<JsonElement, V> item)
    {
        if (json.ValueKind == JsonValueKind.Null) return [];
        if (json.ValueKind != JsonValueKind.Array) throw new InvalidValue($"'{PythonRepr.Str(json)}' is not a list");
        return [.. json.EnumerateArray().Select(item)];
    }

    /// <summary>A text member of an object, or null.</summary>
    public static string? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static string PyList(IEnumerable<string> values) => "[" + string.Join(", ", values.Select(PythonRepr.Text)) + "]";
}
