using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.Shared;

/// <summary>Parts of keystone's schemas that several resources share.</summary>
internal static class Shapes
{
    public static readonly Schema Flag = Schema.Bool.Set("enum", new object[] { true, false });
    public static readonly Schema Name = Schema.Text(1, 255, @"[\S]+");
    public static readonly Schema ShortName = Schema.Text(1, 64, @"[\S]+");
    public static readonly Schema Id = Schema.Text(1, 64, "^[a-zA-Z0-9-]+$");
    public static readonly Schema ExternalId = Schema.Text(1, 64);
    public static readonly Schema Description = Schema.Of("string");
    public static readonly Schema NullableDescription = Description.OrNull();
    public static readonly Schema Immutable = Schema.Object(("immutable", Schema.Of("boolean", "null"))).Closed();
    public static readonly Schema RoleRefs = Schema.List(Schema.Object(("id", Id), ("name", Name)).Set("minProperties", 1).Set("maxProperties", 1).Closed());

    /// <summary>The body with a thing under its name.</summary>
    public static SchemaHistory Enveloped(string name, Schema schema) => SchemaHistory.Of(Schema.Object((name, schema)).Require(name));

    /// <summary>For a change: one property at least.</summary>
    public static Schema Change(Schema schema) => schema.Without("required").Set("minProperties", 1);
}
