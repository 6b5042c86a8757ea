using Nephos.Kernel.Api.Schemas;

namespace Nephos.Placement.Inventories;

internal static class InventorySchemas
{
    private static readonly Schema Record = Schema.Object(
        ("resource_provider_generation", Types.Whole),
        ("total", Number(1)), ("reserved", Number(0)), ("min_unit", Number(1)), ("max_unit", Number(1)), ("step_size", Number(1)),
        ("allocation_ratio", Schema.Of("number").Set("maximum", 3.40282e+38)));

    /// <summary>Inventories of one provider.</summary>
    public static readonly Schema Whole = Schema.Object(
        ("resource_provider_generation", Types.Whole),
        ("inventories", Schema.Of("object").Set("patternProperties", new SchemaMap([new(Types.ClassKey, Record.Require("total").Closed())]))))
        .Require("resource_provider_generation", "inventories").Closed();

    public static SchemaHistory Create { get; } = SchemaHistory.Of(Record.Add("resource_class", Schema.Text(pattern: Types.ClassKey)).Require("total", "resource_class").Closed());
    public static SchemaHistory Update { get; } = SchemaHistory.Of(Record.Require("total", "resource_provider_generation").Closed());
    public static SchemaHistory SetAll { get; } = SchemaHistory.Of(Whole);

    private static Schema Number(long min) => Schema.Of("integer").Set("maximum", (long)int.MaxValue).Set("minimum", min);
}
