using System.Text.Json;
using System.Text.RegularExpressions;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Images;

internal enum PatchVerb { Add, Remove, Replace }

/// <summary>One change of an image.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Path">The pointer's parts; the first is an attribute or a property.</param>
/// <param name="Value">The new value; undefined for remove.</param>
/// <param name="Strict">Draft 4: an add to something that is there is refused.</param>
internal sealed record PatchChange(PatchVerb Verb, IReadOnlyList<string> Path, JsonElement Value, bool Strict);

/// <summary>
/// glance's JSON patches, draft 4 (<c>{"add": "/name", "value": ..}</c>) and draft 10 (<c>{"op": "add", "path": "/name", ..}</c>), limited
/// to an image's attributes and properties.
/// </summary>
internal static partial class ImagePatch
{
    public const string Draft4 = "application/openstack-images-v2.0-json-patch", Draft10 = "application/openstack-images-v2.1-json-patch";

    private static readonly string[] Verbs = ["add", "remove", "replace"];

    public static IReadOnlyList<PatchChange> Parse(JsonElement body, string type)
    {
        if (body.ValueKind != JsonValueKind.Array)
            throw Errors.Invalid(body.ValueKind == JsonValueKind.Object ? "Request body must be a JSON array of operation objects." : "Unexpected body type. Expected list/dict.");
        return [.. body.EnumerateArray().Select(change => One(change, type == Draft4))];
    }

    private static PatchChange One(JsonElement change, bool draft4)
    {
        if (change.ValueKind != JsonValueKind.Object) throw Errors.Invalid("Operations must be JSON objects.");
        var (verb, pointer) = draft4 ? Old(change) : New(change);
        var path = Pointer(pointer);
        if (path.Count != Depth(path[0], verb)) throw Errors.Invalid($"Invalid JSON pointer for this resource: '/{string.Join('/', path)}'");
        JsonElement value = default;
        if (verb != PatchVerb.Remove && !change.TryGetProperty("value", out value))
            throw Errors.Invalid($"Operation \"{Verbs[(int)verb]}\" requires a member named \"value\".");
        Check(verb, path, value);
        return new PatchChange(verb, path, value, draft4);
    }

    private static (PatchVerb, string) New(JsonElement change)
    {
        if (!change.TryGetProperty("op", out var op) || op.ValueKind == JsonValueKind.Null)
            throw Errors.Invalid("Unable to find `op` in JSON Schema change. It must be one of the following: add, remove, replace.");
        var verb = Array.IndexOf(Verbs, op.ValueKind == JsonValueKind.String ? op.GetString() : null);
        if (verb < 0) throw Errors.Invalid($"Invalid operation: `{PythonRepr.Str(op)}`. It must be one of the following: add, remove, replace.");
        return change.TryGetProperty("path", out var path) ? ((PatchVerb)verb, Text(path)) : throw Errors.Invalid("Unable to find 'path' in JSON Schema change");
    }

    private static (PatchVerb, string) Old(JsonElement change)
    {
        var found = Verbs.Where(v => change.TryGetProperty(v, out _)).ToList();
        return found.Count switch
        {
            0 => throw Errors.Invalid("Operation objects must contain exactly one member named \"add\", \"remove\", or \"replace\"."),
            1 => ((PatchVerb)Array.IndexOf(Verbs, found[0]), Text(change.GetProperty(found[0]))),
            _ => throw Errors.Invalid("Operation objects must contain only one member named \"add\", \"remove\", or \"replace\"."),
        };
    }

    private static string Text(JsonElement pointer) => pointer.ValueKind == JsonValueKind.String ? pointer.GetString()!
        : throw Errors.Invalid($"Pointer `{PythonRepr.Str(pointer)}` does not start with \"/\".");

    internal static IReadOnlyList<string> Pointer(string pointer)
    {
        if (!pointer.StartsWith('/')) throw Errors.Invalid($"Pointer `{pointer}` does not start with \"/\".");
        if (Adjacent().IsMatch(pointer[1..])) throw Errors.Invalid($"Pointer `{pointer}` contains adjacent \"/\".");
        if (pointer.Length > 1 && pointer.EndsWith('/')) throw Errors.Invalid($"Pointer `{pointer}` end with \"/\".");
        if (BadEscape().IsMatch(pointer)) throw Errors.Invalid($"Pointer `{pointer}` contains \"~\" not part of a recognized escape sequence.");
        return [.. pointer.TrimStart('/').Split('/').Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal).Trim())];
    }

    private static int Depth(string root, PatchVerb verb) => root == "locations" && verb != PatchVerb.Replace ? 2 : 1;

    private static void Check(PatchVerb verb, IReadOnlyList<string> path, JsonElement value)
    {
        var root = path[0];
        if (ImageSchemas.ReadOnly.Contains(root)) throw Errors.ReadOnly(root);
        if (ImageSchemas.Reserved.Contains(root) || root.StartsWith("os_glance", StringComparison.Ordinal)) throw Errors.Reserved(root);
        if (verb == PatchVerb.Remove) return;
        if (root.Length is 0 or > 255) throw Errors.NameTooLong();
        var part = JsonSerializer.SerializeToElement(new Dictionary<string, object> { [root] = path.Count == 1 ? value : new[] { value } });
        if (Validator.FirstError(ImageSchemas.Image, part) is { } error) throw Errors.BadSchema("image", error.Verbose());
    }

    [GeneratedRegex(@"/\s*?/")]
    private static partial Regex Adjacent();

    [GeneratedRegex("~[^01]|~$")]
    private static partial Regex BadEscape();
}
