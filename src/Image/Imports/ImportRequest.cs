using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Imports;

/// <summary>What an import was asked to do.</summary>
/// <param name="Method">Its name and own parameters.</param>
/// <param name="Stores">Names of stores; null where none were named.</param>
/// <param name="AllStores">True for every store.</param>
/// <param name="AllMustSucceed">False: one store that takes the data is enough.</param>
internal sealed record ImportRequest(JsonElement Method, IReadOnlyList<string>? Stores, bool AllStores, bool AllMustSucceed)
{
    public string Name => Method.GetProperty("name").GetString()!;

    /// <summary>A parameter of the method, or null.</summary>
    public string? Text(string name) => Method.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Reads the body; <paramref name="enabled"/> are the methods of this cloud.</summary>
    public static ImportRequest Read(JsonElement body, IEnumerable<string> enabled)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("method", out var method)) throw Errors.BadImport("Import request requires a 'method' field.");
        if (method.ValueKind != JsonValueKind.Object || !method.TryGetProperty("name", out var name)) throw Errors.BadImport("Import request requires a 'name' field.");
        if (name.ValueKind != JsonValueKind.String || !enabled.Contains(name.GetString())) throw Errors.BadImport($"Unknown import method name '{PythonRepr.Str(name)}'.");
        var mustAll = Flag(body, "all_stores_must_succeed") ?? true;
        return new ImportRequest(method, Names(body), Flag(body, "all_stores") ?? false, mustAll);
    }

    private static bool? Flag(JsonElement body, string name) => !body.TryGetProperty(name, out var value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Errors.BadImport($"'{name}' must be boolean value only");

    private static List<string>? Names(JsonElement body)
    {
        if (!body.TryGetProperty("stores", out var stores)) return null;
        if (stores.ValueKind != JsonValueKind.Array || stores.GetArrayLength() == 0) throw Errors.BadImport("'stores' must be a list of store identifiers");
        return [.. stores.EnumerateArray().Select(s => s.ValueKind == JsonValueKind.String ? s.GetString()! : throw Errors.BadImport("'stores' must be a list of store identifiers")).Distinct()];
    }
}
