namespace Nephos.Image.Stores;

/// <summary>A store as an operator describes it.</summary>
public sealed record StoreOptions
{
    /// <summary>As clients name it.</summary>
    public required string Id { get; init; }

    /// <summary>Its kind: <c>file</c>, <c>swift</c>, <c>rbd</c> or <c>http</c>. Empty until <c>enabled_backends</c> is read.</summary>
    public string Type { get; init; } = "";

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Of a <c>file</c> store.</summary>
    public string? Folder { get; init; }

    /// <summary>Of a <c>swift</c> store.</summary>
    public SwiftStoreOptions? Swift { get; init; }

    /// <summary>Of an <c>rbd</c> store.</summary>
    public RbdStoreOptions? Rbd { get; init; }
}
