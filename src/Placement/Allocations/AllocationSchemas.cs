using Nephos.Kernel.Api.Schemas;
using Nephos.Placement.Inventories;

namespace Nephos.Placement.Allocations;

internal static class AllocationSchemas
{
    private static readonly Schema Amount = Types.Map(Types.ClassKey, Schema.Integer(1));
    private static readonly Schema Resources = Amount.Set("minProperties", 1);

    // 1.0: a list; 1.8: with project and user; 1.12: an object by provider.
    private static readonly Schema First = Schema.Object(("allocations", Schema.Of("array").Set("minItems", 1).Set("items", Schema.Object(
        ("resource_provider", Schema.Object(("uuid", Schema.Uuid)).Closed().Require("uuid")), ("resources", Resources)).Require("resource_provider", "resources").Closed())))
        .Require("allocations").Closed();

    private static readonly Schema ByProvider = Types.Map(Types.UuidKey, Schema.Object(("generation", Types.Whole), ("resources", Resources)).Require("resources").Closed());

    private static readonly Schema Deletable = Schema.Object(("allocations", ByProvider), ("project_id", Types.Owner), ("user_id", Types.Owner))
        .Closed().Require("allocations", "project_id", "user_id");

    private static readonly Schema WithGeneration = Deletable.Add("consumer_generation", Schema.Of("integer", "null")).Require("consumer_generation");
    private static readonly Schema WithMappings = WithGeneration.Add("mappings", Schema.Of("object").Set("minProperties", 1)
        .Set("patternProperties", new SchemaMap([new("[a-zA-Z0-9_-]{1,64}", Schema.List(Schema.Uuid, min: 1))])));
    private static readonly Schema WithType = WithMappings.Add("consumer_type", Schema.Of("string").Set("pattern", Types.ClassKey).Set("minLength", 1).Set("maxLength", 255)).Require("consumer_type");

    /// <summary>Of one consumer.</summary>
    public static SchemaHistory Put { get; } = SchemaHistory.Of(First)
        .At("1.8", s => s.Add("project_id", Types.Owner).Add("user_id", Types.Owner).Require("project_id", "user_id"))
        .At("1.12", _ => Deletable.In("allocations", a => a.Set("minProperties", 1)))
        .At("1.28", _ => WithGeneration)
        .At("1.34", _ => WithMappings)
        .At("1.38", _ => WithType);

    /// <summary>Of many consumers.</summary>
    public static SchemaHistory Post { get; } = SchemaHistory.Of(Many(Deletable, 1))
        .At("1.28", _ => Many(WithGeneration, 1)).At("1.34", _ => Many(WithMappings, 1)).At("1.38", _ => Many(WithType, 1));

    /// <summary>Inventories and allocations at once.</summary>
    public static SchemaHistory Reshape { get; } = SchemaHistory.Of(Reshaped(WithGeneration)).At("1.34", _ => Reshaped(WithMappings)).At("1.38", _ => Reshaped(WithType));

    private static Schema Many(Schema one, int least) => Types.Map(Types.UuidKey, one).Set("minProperties", least);

    private static Schema Reshaped(Schema consumer) => Schema.Object(
        ("inventories", Types.Map(Types.UuidKey, InventorySchemas.Whole).Set("minProperties", 1)), ("allocations", Many(consumer, 0))).Require("inventories", "allocations").Closed();
}
