namespace Nephos.Image.Imports;

/// <summary>The ways to import that this cloud has.</summary>
internal static class ImportMethods
{
    public const string Direct = "glance-direct";

    public static readonly string[] All = [Direct];
}
