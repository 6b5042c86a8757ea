using System.Text.Json;

namespace Nephos.Kernel.Api.Schemas;

/// <summary>The first thing wrong with a value, in the words of Python's jsonschema 4.10.</summary>
/// <param name="Message">The sentence.</param>
/// <param name="Path">Where in the value: names and list positions.</param>
/// <param name="Keyword">The keyword that failed.</param>
/// <param name="SchemaPath">Where in the schema, without the last keyword.</param>
/// <param name="Schema">The schema that holds the keyword.</param>
/// <param name="Instance">The value that failed.</param>
public sealed record SchemaError(string Message, IReadOnlyList<string> Path, string Keyword, IReadOnlyList<string> SchemaPath, Schema Schema, JsonElement Instance)
{
    /// <summary>The value as Python's <c>str</c> prints it.</summary>
    public string Value => PythonRepr.Str(Instance);

    /// <summary>The long text of <c>str(error)</c>, which keystone and glance send: message, schema and value.</summary>
    public string Verbose() =>
        $"{Message}\n\nFailed validating {PythonRepr.Text(Keyword)} in schema{Indices(SchemaPath)}:\n    {Indented(PythonPrint.Format(Schema))}\n\n" +
        $"On instance{Indices(Path)}:\n    {Indented(PythonPrint.Format(Instance))}";

    private static string Indices(IReadOnlyList<string> path) => string.Concat(path.Select(p => int.TryParse(p, out _) ? $"[{p}]" : $"[{PythonRepr.Text(p)}]"));
    private static string Indented(string text) => text.Replace("\n", "\n    ", StringComparison.Ordinal);
}
