using Nephos.Kernel.Api.Schemas;

namespace Nephos.Placement;

/// <summary>Schemas that several bodies share.</summary>
internal static class Types
{
    public const string UuidKey = "^[0-9a-fA-F-]{36}$", ClassKey = "^[A-Z0-9_]+$", CustomKey = "^CUSTOM_[A-Z0-9_]+$";

    public static readonly Schema Text = Schema.Of("string");
    public static readonly Schema Whole = Schema.Of("integer");
    public static readonly Schema Owner = Schema.Text(1, 255);

    /// <summary>An object with keys that follow a pattern; others are refused.</summary>
    public static Schema Map(string pattern, Schema value) => Schema.Map(pattern, value);
}
