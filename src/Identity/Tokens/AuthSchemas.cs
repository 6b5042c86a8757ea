using Nephos.Identity.Shared;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.Tokens;

internal static class AuthSchemas
{
    private static readonly Schema Domain = Schema.Object(("id", Schema.Of("string")), ("name", Schema.Of("string")));

    private static readonly Schema Identity = Schema.Object(
        ("methods", Schema.List(Schema.Of("string"))),
        ("password", Schema.Object(("user", Schema.Object(("id", Schema.Of("string")), ("name", Schema.Of("string")), ("password", Schema.Of("string")), ("domain", Domain))))),
        ("token", Schema.Object(("id", Schema.Of("string"))).Require("id")),
        // keystone leaves these two unchecked and fails inside; here they are shapes as well.
        ("totp", Schema.Object(("user", Schema.Object(("id", Schema.Of("string")), ("name", Schema.Of("string")), ("passcode", Schema.Of("string")), ("domain", Domain))))),
        ("application_credential", Schema.Object(("id", Schema.Of("string")), ("name", Schema.Of("string")), ("secret", Schema.Of("string")),
            ("user", Schema.Object(("id", Schema.Of("string")), ("name", Schema.Of("string")), ("domain", Domain)))))).Require("methods");

    private static readonly Schema Scope = Schema.Of("object", "string").Set("properties", new SchemaMap(
    [
        new("project", Schema.Object(("name", Schema.Of("string")), ("id", Schema.Of("string")), ("domain", Domain))),
        new("domain", Domain),
        new("OS-TRUST:trust", Schema.Object(("id", Schema.Of("string")))),
        new("system", Schema.Object(("all", Shapes.Flag))),
    ]));

    public static SchemaHistory Issue { get; } = Shapes.Enveloped("auth", Schema.Object(("identity", Identity), ("scope", Scope)).Require("identity"));
}
