namespace Nephos.Network.Networks;

/// <summary>How a network is carried.</summary>
/// <param name="Type"><c>vxlan</c>, <c>vlan</c>, <c>flat</c>, <c>local</c> or <c>gre</c>.</param>
/// <param name="Physical">For flat and vlan.</param>
/// <param name="Number">Null: any free one.</param>
internal sealed record Segment(string Type, string? Physical, long? Number)
{
    /// <summary>What provider attributes ask for; without them a tunnel with a free number.</summary>
    public static Segment Of(string? type, string? physical, long? number)
    {
        if (type is null)
            return physical is null && number is null ? new("vxlan", null, null) : throw Errors.InvalidInput("network_type required");
        switch (type)
        {
            case "local":
                if (physical is not null || number is not null) throw Errors.InvalidInput($"{(physical is not null ? "physical_network" : "segmentation_id")} prohibited for local provider network");
                return new(type, null, null);
            case "flat":
                if (physical is null) throw Errors.InvalidInput("physical_network required for flat provider network");
                return number is null ? new(type, physical, null) : throw Errors.InvalidInput("segmentation_id prohibited for flat provider network");
            case "vlan":
                if (physical is null) throw Errors.InvalidInput("physical_network required for VLAN provider network");
                return number is null or >= 1 and <= 4094 ? new(type, physical, number) : throw Errors.InvalidInput("segmentation_id out of range (1 through 4094)");
            case "vxlan" or "gre":
                if (physical is not null) throw Errors.InvalidInput($"provider:physical_network specified for {type} network");
                return number is null or >= 1 and < 1 << 24 ? new(type, null, number) : throw Errors.InvalidInput($"segmentation_id out of range (1 through {(1 << 24) - 1})");
            default:
                throw Errors.InvalidInput($"network_type value '{type}' not supported");
        }
    }

    /// <summary>The largest number there is.</summary>
    public long Last => Type == "vlan" ? 4094 : (1 << 24) - 1;

    /// <summary>Bytes that fit, by what the carrier adds around them.</summary>
    public static int Mtu(string type, int underlay) => type switch { "vxlan" => underlay - 50, "gre" => underlay - 42, _ => underlay };
}
