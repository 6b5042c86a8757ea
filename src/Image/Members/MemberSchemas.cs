using System.Text.Json.Nodes;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Members;

/// <summary>Bodies about members, and the document <c>/v2/schemas/member</c>.</summary>
internal static class MemberSchemas
{
    private static readonly Schema Properties = Schema.Object(
        ("member_id", Schema.Of("string").Set("description", "The project that the image is shared with.")),
        ("image_id", Schema.Of("string").Set("description", "The image that is shared.")
            .Set("pattern", "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$")),
        ("created_at", Schema.Of("string").Set("description", "When it was shared.")),
        ("updated_at", Schema.Of("string").Set("description", "When the sharing last changed.")),
        ("status", Schema.Of("string").Set("description", "What the other project says of it.").Set("enum", new object[] { "pending", "accepted", "rejected" })),
        ("schema", Schema.Any.Set("readOnly", true).Set("type", "string")));

    /// <summary>The handler says what is wrong, in upstream's words.</summary>
    public static SchemaHistory Anything { get; } = SchemaHistory.Of(Schema.Any);

    public static JsonObject Document() => new() { ["name"] = "member", ["properties"] = Properties.ToJson()["properties"]!.DeepClone() };
}
