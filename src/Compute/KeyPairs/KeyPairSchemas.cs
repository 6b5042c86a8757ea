using Nephos.Kernel.Api.Schemas;

namespace Nephos.Compute.KeyPairs;

internal static class KeyPairSchemas
{
    public static readonly SchemaHistory Create = SchemaHistory.Of(
        Schema.Object(("keypair", Schema.Object(("name", Types.KeyName), ("public_key", Schema.Text())).Require("name").Closed())).Require("keypair").Closed())
        .At("2.2", s => s.In("keypair", k => k.Add("type", Schema.Of("string").Set("enum", new object[] { "ssh", "x509" }))))
        .At("2.10", s => s.In("keypair", k => k.Add("user_id", Schema.Text())))
        // Keys are made by their owners from here on.
        .At("2.92", s => s.In("keypair", k => k.Add("name", Types.KeyName292).Require("public_key")));

    public static readonly SchemaHistory List = SchemaHistory.Of(Schema.Object())
        .At("2.10", s => s.Add("user_id", Types.Many()))
        .At("2.35", s => s.Add("limit", Types.Many(Types.NonNegative)).Add("marker", Types.Many()))
        .At("2.75", s => s.Closed());

    public static readonly SchemaHistory One = SchemaHistory.Of(Schema.Object())
        .At("2.10", s => s.Add("user_id", Types.Many()))
        .At("2.75", s => s.Closed());
}
