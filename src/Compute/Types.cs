using Nephos.Kernel.Api.Schemas;

namespace Nephos.Compute;

/// <summary>Schemas that many resources share, under nova's words.</summary>
internal static class Types
{
    // Printable, without white space at the ends; the empty text is left to minLength.
    private const string NamePattern = @"^(?![\s\p{C}])[^\p{C}\p{Zl}\p{Zp}]*(?<![\s\p{C}])$";
    private const string ZonePattern = @"^(?![\s\p{C}])[^\p{C}\p{Zl}\p{Zp}:]*(?<![\s\p{C}])$";
    private const string KeyPattern = "^[a-zA-Z0-9_ -]*$";
    private const string KeyPattern292 = "^[a-zA-Z0-9@._ -]*$";
    private const string Letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    public static Schema Name { get; } = Schema.Text(1, 255, NamePattern);
    public static Schema ZoneName { get; } = Schema.Text(1, 255, ZonePattern);
    public static Schema KeyName { get; } = Schema.AllOf(Name, Schema.Text(1, 255, KeyPattern));
    public static Schema KeyName292 { get; } = Schema.AllOf(Name, Schema.Text(1, 255, KeyPattern292));
    public static Schema NameOrNull { get; } = Schema.OneOf(Schema.Text(1, 255), Schema.Null);
    public static Schema Bool { get; } = Schema.Of("boolean", "string").Set("enum", new object[]
    {
        true, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes",
        false, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no",
    });
    public static Schema Positive { get; } = Schema.Of("integer", "string").Set("pattern", "^[0-9]*$").Set("minimum", 1L).Set("minLength", 1);
    public static Schema NonNegative { get; } = Schema.Of("integer", "string").Set("pattern", "^[0-9]*$").Set("minimum", 0L).Set("minLength", 1);
    public static Schema Description { get; } = Schema.Of("string", "null").Set("minLength", 0).Set("maxLength", 255).Set("pattern", @"^[^\p{C}\p{Zl}\p{Zp}]*$");
    public static Schema HostName { get; } = Schema.Text(2, 63, "^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$");
    public static Schema Fqdn { get; } = Schema.Text(1, 255, "^[a-zA-Z0-9-._]*$");
    public static Schema ProjectId { get; } = Schema.Text(1, 255, "^[a-zA-Z0-9-]*$");
    public static Schema Metadata { get; } = Schema.Map("^[a-zA-Z0-9-_:. ]{1,255}$", Schema.Text(max: 255));
    public static Schema Tag { get; } = Schema.Text(1, 60, "^[^,/]*$");
    public static Schema Ip { get; } = Schema.OneOf(Schema.Of("string").Set("format", "ipv4"), Schema.Of("string").Set("format", "ipv6"));
    public static Schema AccessIp4 { get; } = Schema.Of("string").Set("format", "ipv4");
    public static Schema AccessIp6 { get; } = Schema.Of("string").Set("format", "ipv6");
    public static Schema DiskConfig { get; } = Schema.Of("string").Set("enum", new object[] { "AUTO", "MANUAL" });
    public static Schema UserData { get; } = Schema.Of("string").Set("format", "base64").Set("maxLength", 65535);

    /// <summary>A parameter of a query that may come many times.</summary>
    public static Schema Many(Schema? value = null) => Schema.List(value ?? Schema.Text());
    /// <summary>A parameter of a query that may come once.</summary>
    public static Schema Once(Schema value) => Schema.List(value, max: 1);
    /// <summary>An action without arguments: <c>{"pause": null}</c> and whatever old clients put there.</summary>
    public static SchemaHistory NoArguments(string action) => SchemaHistory.Of(Schema.Object((action, Schema.Any)).Require(action));
    /// <summary>limit and marker.</summary>
    public static (string, Schema)[] Paging { get; } = [("limit", Many(NonNegative)), ("marker", Many())];

    /// <summary>nova's sentence for a name that breaks its pattern, or null for any other error.</summary>
    public static string? Explain(SchemaError error) => (error.Keyword, error.Schema.Get("pattern") as string) switch
    {
        ("pattern", NamePattern) => Named("printable characters. Can not start or end with whitespace."),
        ("pattern", ZonePattern) => Named("printable characters except :.Can not start or end with whitespace."),
        ("pattern", KeyPattern) => Named($"Only expected characters: [_- {Letters}]"),
        ("pattern", KeyPattern292) => Named($"Only expected characters: [@._- {Letters}]"),
        _ => null,
    };

    private static string Named(string rule) => $"An invalid 'name' value was provided. The name must be: {rule}";
}
