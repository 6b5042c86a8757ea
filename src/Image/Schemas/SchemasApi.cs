using System.Text.Json.Nodes;
using Nephos.Image.Images;
using Nephos.Image.Members;
using Nephos.Image.Tasks;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Image.Schemas;

/// <summary><c>/v2/schemas/*</c>: the documents clients read to know an image's attributes.</summary>
internal sealed class SchemasApi
{
    private static readonly Dictionary<string, Lazy<JsonObject>> Documents = new(StringComparer.Ordinal)
    {
        ["image"] = new(ImageSchemas.Document),
        ["images"] = new(() => ListOf("images", ImageSchemas.Document(), paged: true)),
        ["member"] = new(MemberSchemas.Document),
        ["members"] = new(() => ListOf("members", MemberSchemas.Document(), paged: false)),
        ["task"] = new(() => TaskSchemas.Document(whole: true)),
        ["tasks"] = new(() => ListOf("tasks", TaskSchemas.Document(whole: false), paged: false)),
    };

    public static void Map(RouteGroup v2)
    {
        foreach (var (name, document) in Documents)
            v2.Get("/schemas/" + name, _ => Task.FromResult(Answer.JsonValue(document.Value))).Policy("default", Rule.Anyone, $"Show the schema of {name}");
        foreach (var (name, document) in Metadefs.MetadefSchemas.Documents)
            v2.Get("/schemas/metadefs/" + name, _ => Task.FromResult(Answer.JsonValue(document()))).Policy("default", Rule.Anyone, $"Show the schema of {name}");
    }

    /// <summary>The document of a list of items.</summary>
    public static JsonObject ListOf(string name, JsonObject item, bool paged)
    {
        var text = () => new JsonObject { ["type"] = "string" };
        var properties = new JsonObject { [name] = new JsonObject { ["type"] = "array", ["items"] = item } };
        var links = new JsonArray();
        if (paged)
        {
            properties["first"] = text();
            properties["next"] = text();
            links.Add(ImageSchemas.Link("first", "{first}"));
            links.Add(ImageSchemas.Link("next", "{next}"));
        }
        properties["schema"] = text();
        links.Add(ImageSchemas.Link("describedby", "{schema}"));
        return new JsonObject { ["name"] = name, ["properties"] = properties, ["links"] = links };
    }
}
