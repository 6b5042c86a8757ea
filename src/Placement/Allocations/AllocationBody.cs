using System.Text.Json;
using Nephos.Kernel.Api;

namespace Nephos.Placement.Allocations;

/// <summary>Reads what a consumer shall have from a body of any version; it is checked already.</summary>
internal static class AllocationBody
{
    // Upstream's placeholder for consumers made before 1.8.
    private const string Nobody = "00000000-0000-0000-0000-000000000000";

    public static ConsumerChange Read(Call call, Guid consumer, JsonElement body)
    {
        var allocations = body.GetProperty("allocations");
        var amounts = allocations.ValueKind == JsonValueKind.Array
            ? allocations.EnumerateArray().SelectMany(a => Amounts(a.GetProperty("resource_provider").GetProperty("uuid").GetString()!, a))
            : allocations.EnumerateObject().SelectMany(a => Amounts(a.Name, a.Value));
        return new ConsumerChange(consumer, Text(body, "project_id") ?? Nobody, Text(body, "user_id") ?? Nobody, Text(body, "consumer_type"),
            body.TryGetProperty("consumer_generation", out var generation) && generation.ValueKind == JsonValueKind.Number ? generation.GetInt64() : null,
            call.At("1.28"), [.. amounts.GroupBy(a => (a.Provider, a.Class)).Select(g => g.Last())]);
    }

    /// <summary>All consumers of a body <c>{consumer: {..}}</c>.</summary>
    public static IReadOnlyList<ConsumerChange> ReadAll(Call call, JsonElement body) =>
        [.. body.EnumerateObject().Select(c => Read(call, Guid.TryParse(c.Name, out var id) ? id : throw Errors.BadConsumer(c.Name), c.Value))];

    private static IEnumerable<Amount> Amounts(string provider, JsonElement allocation)
    {
        var id = Guid.TryParse(provider, out var guid) ? guid : throw Errors.AllocationOfUnknown(provider);
        foreach (var resource in allocation.GetProperty("resources").EnumerateObject()) yield return new Amount(id, resource.Name, resource.Value.GetInt64());
    }

    private static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;
}
