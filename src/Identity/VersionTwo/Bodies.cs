using Nephos.Identity.Shared;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.VersionTwo;

/// <summary>Shapes of the bodies of v2.0.</summary>
internal static class Bodies
{
    private static readonly Schema Text = Schema.Of("string");
    private static readonly Schema MaybeText = Schema.Of("string", "null");
    private static readonly Schema Tenant = Schema.Object(("name", Shapes.ShortName), ("description", Shapes.NullableDescription), ("enabled", Shapes.Flag));
    private static readonly Schema User = Schema.Object(("name", Shapes.Name), ("username", Shapes.Name), ("password", MaybeText), ("OS-KSADM:password", MaybeText), ("enabled", Shapes.Flag),
        ("tenantId", Shapes.Id.OrNull()), ("email", MaybeText));

    public static SchemaHistory Token { get; } = Shapes.Enveloped("auth", Schema.Object(
        ("tenantId", MaybeText), ("tenantName", MaybeText), ("trust_id", MaybeText), ("token", Schema.Object(("id", Text))),
        ("passwordCredentials", Schema.Object(("username", Text), ("userId", Text), ("password", Text)))));

    public static SchemaHistory CreateTenant { get; } = Shapes.Enveloped("tenant", Tenant.Require("name"));
    public static SchemaHistory UpdateTenant { get; } = Shapes.Enveloped("tenant", Tenant);
    public static SchemaHistory CreateUser { get; } = Shapes.Enveloped("user", User);
    public static SchemaHistory UpdateUser { get; } = Shapes.Enveloped("user", User);
    public static SchemaHistory Password { get; } = Shapes.Enveloped("user", Schema.Object(("password", Text)).Require("password"));
    public static SchemaHistory OwnPassword { get; } = Shapes.Enveloped("user", Schema.Object(("original_password", Text), ("password", Text)).Require("original_password", "password"));
    public static SchemaHistory Enabled { get; } = Shapes.Enveloped("user", Schema.Object(("enabled", Shapes.Flag)).Require("enabled"));
    public static SchemaHistory UserTenant { get; } = Shapes.Enveloped("user", Schema.Object(("tenantId", Shapes.Id)).Require("tenantId"));
    public static SchemaHistory Role { get; } = Shapes.Enveloped("role", Schema.Object(("name", Shapes.Name), ("description", Shapes.Description)).Require("name"));
    public static SchemaHistory Service { get; } = Shapes.Enveloped("OS-KSADM:service",
        Schema.Object(("name", Shapes.Name), ("type", Schema.Text(1, 255)), ("description", MaybeText), ("enabled", Shapes.Flag)).Require("type"));
    public static SchemaHistory Endpoint { get; } = Shapes.Enveloped("endpoint", Schema.Object(("service_id", Text), ("region", MaybeText), ("enabled", Shapes.Flag),
        ("publicurl", EndpointUrl), ("internalurl", EndpointUrl.OrNull()), ("adminurl", EndpointUrl.OrNull())).Require("service_id", "publicurl"));

    private static Schema EndpointUrl => Schema.Text(0, 225, "^[a-zA-Z0-9+.-]+:.+|^[$]\\(public_url\\)s");
}
