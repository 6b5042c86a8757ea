using Nephos.Kernel.Api.Schemas;

namespace Nephos.Compute.Flavors;

internal static class FlavorSchemas
{
    private const int MaxInt = 0x7FFFFFFF;

    private static readonly Schema AtLeastOne = Types.Positive.Set("maximum", (long)MaxInt);
    private static readonly Schema AtLeastZero = Types.NonNegative.Set("maximum", (long)MaxInt);
    private static readonly Schema LongText = Types.Description.Set("maxLength", 65535);

    public static readonly SchemaHistory List = SchemaHistory.Of(Schema.Object(
        [.. Types.Paging,
        ("is_public", Types.Many()), ("minRam", Types.Many()), ("minDisk", Types.Many()),
        ("sort_key", Types.Many()), ("sort_dir", Types.Many())]))
        .At("2.75", s => s.Closed());

    public static readonly SchemaHistory Create = SchemaHistory.Of(Schema.Object(("flavor", Schema.Object(
            ("name", Types.Name),
            ("id", Schema.Of("string", "number", "null").Set("minLength", 1).Set("maxLength", 255).Set("pattern", "^(?! )[a-zA-Z0-9. _-]+(?<! )$")),
            ("ram", AtLeastOne),
            ("vcpus", AtLeastOne),
            ("disk", AtLeastZero),
            ("OS-FLV-EXT-DATA:ephemeral", AtLeastZero),
            ("swap", AtLeastZero),
            ("rxtx_factor", Schema.Of("number", "string").Set("pattern", @"^[0-9]+(\.[0-9]+)?$").Set("minimum", double.Epsilon).Set("maximum", 3.40282e+38)),
            ("os-flavor-access:is_public", Types.Bool))
            .Require("name", "ram", "vcpus", "disk").Closed()))
        .Require("flavor").Closed())
        .At("2.55", s => s.In("flavor", f => f.Add("description", LongText)));

    public static readonly SchemaHistory Update = SchemaHistory.Of(
        Schema.Object(("flavor", Schema.Object(("description", LongText)).Require("description").Closed())).Require("flavor").Closed());

    private static readonly Schema Specs = Schema.Map("^[a-zA-Z0-9-_:. ]{1,255}$", Schema.Of("string", "number").Set("maxLength", 255));
    public static readonly SchemaHistory CreateSpecs = SchemaHistory.Of(Schema.Object(("extra_specs", Specs)).Require("extra_specs").Closed());
    public static readonly SchemaHistory UpdateSpec = SchemaHistory.Of(Specs.Set("minProperties", 1).Set("maxProperties", 1));

    public static readonly SchemaHistory AddAccess = Tenant("addTenantAccess");
    public static readonly SchemaHistory RemoveAccess = Tenant("removeTenantAccess");

    private static SchemaHistory Tenant(string action) => SchemaHistory.Of(Schema.Object(
        (action, Schema.Object(("tenant", Schema.Text(1, 255))).Require("tenant").Closed())).Require(action).Closed());
}
