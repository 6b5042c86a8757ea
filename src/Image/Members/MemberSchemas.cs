using System.Text.Json.Nodes;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Members;

/// <summary>Bodies about members, and the document <c>/v2/schemas/member</c>.</summary>
internal static class MemberSchemas
{
    private static readonly Schema Properties = Schema.Object(
        ("member_id", Schema.Of("string").Set("description", "An identifier for the image member (tenantId)")),
        ("image_id", Schema.Of("string").Set("description", "An identifier for the image")
            .Set("pattern", "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$")),
        ("created_at", Schema.Of("string").Set("description", "Date and time of image member creation")),
        ("updated_at", Schema.Of("string").Set("description", "Date and time of last modification of image member")),
        ("status", Schema.Of("string").Set("description", "The status of this image member").Set("enum", new object[] { "pending", "accepted", "rejected" })),
        ("schema", Schema.Any.Set("readOnly", true).Set("type", "string")));

    /// <summary>The handler says what is wrong, in upstream's words.</summary>
    public static SchemaHistory Anything { get; } = SchemaHistory.Of(Schema.Any);

    public static JsonObject Document() => new() { ["name"] = "member", ["properties"] = Properties.ToJson()["properties"]!.DeepClone() };
}
