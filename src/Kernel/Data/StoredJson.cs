using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nephos.Kernel.Data;

/// <summary>
/// A constructor parameter or property of a row record that is JSON in its TEXT column. Rows of one list may share a value: it is never
/// changed in place.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class JsonAttribute : Attribute;

/// <summary>
/// How Nephos writes JSON for itself: columns, operations' states, items of nodes. Snake case, nulls left out; unknown members
/// are skipped, so that rows of the next release can be read.
/// </summary>
public static class StoredJson
{
    /// <summary>For callers that stream.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>A value as text.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, value?.GetType() ?? typeof(T), Options);

    /// <summary>A value as an element.</summary>
    public static JsonElement Element<T>(T value) => JsonSerializer.SerializeToElement(value, value?.GetType() ?? typeof(T), Options);

    /// <summary>The value of a text.</summary>
    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Options)
        ?? throw new JsonException($"A stored {typeof(T).Name} is null.");

    /// <summary>The value of an element.</summary>
    public static T Read<T>(JsonElement element) => element.Deserialize<T>(Options)
        ?? throw new JsonException($"A stored {typeof(T).Name} is null.");
}
