using Nephos.Identity.Shared;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.Users;

internal static class UserSchemas
{
    private static readonly Schema Options = Schema.Object(
        ("ignore_change_password_upon_first_use", Schema.Of("boolean", "null")),
        ("ignore_password_expiry", Schema.Of("boolean", "null")),
        ("ignore_lockout_failure_attempts", Schema.Of("boolean", "null")),
        ("ignore_user_inactivity", Schema.Of("boolean", "null")),
        ("lock_password", Schema.Of("boolean", "null")),
        ("multi_factor_auth_rules", Schema.Of("array", "null").Set("items", Schema.List(Schema.Of("string"), min: 1, unique: true)).Set("uniqueItems", true)),
        ("multi_factor_auth_enabled", Schema.Of("boolean", "null"))).Closed();

    private static readonly Schema User = Schema.Object(
        ("default_project_id", Shapes.Id.OrNull()), ("description", Shapes.NullableDescription), ("domain_id", Shapes.Id), ("enabled", Shapes.Flag),
        ("name", Shapes.Name), ("password", Schema.Of("string", "null")), ("options", Options));

    public static SchemaHistory Create { get; } = Shapes.Enveloped("user", User.Require("name"));
    public static SchemaHistory Update { get; } = Shapes.Enveloped("user", Shapes.Change(User));
    public static SchemaHistory Password { get; } = Shapes.Enveloped("user",
        Schema.Object(("original_password", Schema.Of("string")), ("password", Schema.Of("string"))).Require("original_password", "password").Closed());
}
