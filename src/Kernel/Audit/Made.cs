using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Kernel.Api;

namespace Nephos.Kernel.Audit;

/// <summary>The id of what an answer shows as made.</summary>
internal static class Made
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo?> Ids = new();

    public static string? IdIn(Answer? answer)
    {
        if (answer is null) return null;
        var shown = answer.Members is [var first, ..] ? first.Value : answer.Value;
        return IdOf(shown) ?? answer.Headers.FirstOrDefault(h => h.Key == "Location").Value?.TrimEnd('/').Split('/')[^1];
    }

    private static string? IdOf(object? shown) => shown switch
    {
        null or string => null,
        JsonObject json => json["id"]?.ToString(),
        JsonElement json => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id", out var id) ? id.ToString() : null,
        IReadOnlyDictionary<string, object?> map => map.GetValueOrDefault("id")?.ToString(),
        _ => Ids.GetOrAdd(shown.GetType(), type => type.GetProperty("Id") ?? type.GetProperty("id") ?? type.GetProperty("Uuid"))?.GetValue(shown)?.ToString(),
    };
}
