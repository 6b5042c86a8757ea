namespace Nephos.Kernel.Api.Views;

/// <summary>The first version whose answers have this field.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SinceAttribute(string version) : Attribute
{
    /// <summary>That version.</summary>
    public Microversion Version { get; } = Microversion.Parse(version);
}

/// <summary>The last version whose answers have this field.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UntilAttribute(string version) : Attribute
{
    /// <summary>That version.</summary>
    public Microversion Version { get; } = Microversion.Parse(version);
}

/// <summary>
/// The field's name on the wire where snake case does not give it. Two fields may share a name if their versions do not meet, which
/// <c>JsonPropertyName</c> would refuse.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NamedAttribute(string name) : Attribute
{
    /// <summary>The wire name.</summary>
    public string Name => name;
}

/// <summary>The field is left out when it is null (by default null is written).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OmitNullAttribute : Attribute;
