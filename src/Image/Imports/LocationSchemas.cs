using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Imports;

/// <summary>The body of <c>POST /v2/images/{id}/locations</c>.</summary>
internal static class LocationSchemas
{
    // A URL is longer than this only by mistake, and has no other letters.
    public static SchemaHistory New { get; } = SchemaHistory.Of(Schema.Object(
        ("url", Schema.Text(1, 2048, "^[!-~]+$").Set("description", "Where the data is.")),
        ("validation_data", Schema.Object(
                ("os_hash_algo", Schema.Of("string").Set("enum", new object[] { "sha1", "sha256", "sha384", "sha512", "md5" })),
                ("os_hash_value", Schema.Text(max: 128)))
            .Set("description", "What the data's hash is.").Closed()))
        .Require("url"));
}
