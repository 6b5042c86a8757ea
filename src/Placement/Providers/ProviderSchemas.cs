using Nephos.Kernel.Api.Schemas;

namespace Nephos.Placement.Providers;

internal static class ProviderSchemas
{
    private static readonly Schema Parent = Schema.AnyOf(Schema.Uuid, Schema.Null);

    public static SchemaHistory Create { get; } = SchemaHistory.Of(Schema.Object(("name", Schema.Text(max: 200)), ("uuid", Schema.Uuid)).Require("name").Closed())
        .At("1.14", s => s.Add("parent_provider_uuid", Parent));

    public static SchemaHistory Update { get; } = SchemaHistory.Of(Schema.Object(("name", Schema.Text(max: 200))).Require("name").Closed())
        .At("1.14", s => s.Add("parent_provider_uuid", Parent));

    public static SchemaHistory List { get; } = SchemaHistory.Of(Schema.Object(("name", Types.Text), ("uuid", Schema.Uuid)).Closed())
        .At("1.3", s => s.Add("member_of", Types.Text))
        .At("1.4", s => s.Add("resources", Types.Text))
        .At("1.14", s => s.Add("in_tree", Schema.Uuid))
        .At("1.18", s => s.Add("required", Types.Text));
}
