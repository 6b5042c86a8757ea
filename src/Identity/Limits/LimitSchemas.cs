using Nephos.Identity.Shared;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.Limits;

internal static class LimitSchemas
{
    private static readonly Schema Amount = Schema.Integer(-1, int.MaxValue);

    private static readonly Schema Registered = Schema.Object(("service_id", Shapes.Id), ("region_id", Schema.Of("null", "string")), ("resource_name", Schema.Text(1, 255)),
        ("default_limit", Amount), ("description", Shapes.NullableDescription)).Closed();

    public static SchemaHistory CreateRegistered { get; } = Shapes.Enveloped("registered_limits", Schema.List(Registered.Require("service_id", "resource_name", "default_limit"), min: 1));
    public static SchemaHistory UpdateRegistered { get; } = Shapes.Enveloped("registered_limit", Registered);
    public static SchemaHistory Create { get; } = Shapes.Enveloped("limits", Schema.List(Schema.Of("object").Set("oneOf", new[] { For("project_id"), For("domain_id") }), min: 1));
    public static SchemaHistory Update { get; } = Shapes.Enveloped("limit", Schema.Object(("resource_limit", Amount), ("description", Shapes.NullableDescription)).Closed());

    private static Schema For(string owner) => Schema.Object((owner, Shapes.Id), ("service_id", Shapes.Id), ("region_id", Schema.Of("string")), ("resource_name", Schema.Text(1, 255)),
        ("resource_limit", Amount), ("description", Shapes.NullableDescription)).Without("type").Require(owner, "service_id", "resource_name", "resource_limit").Closed();
}
