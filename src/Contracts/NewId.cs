using System.Diagnostics.CodeAnalysis;

namespace Nephos.Contracts;

/// <summary>
/// The only source of ids. Ids that users see are random (version 4): device names are cut from their first 11
/// characters, so time-ordered ids would collide. Version 7 is for rows no user sees.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "This is the one place.")]
public static class NewId
{
    /// <summary>A random UUID, for anything but identity.</summary>
    public static Guid Uuid() => Guid.NewGuid();

    /// <summary>32 hexadecimal digits, for identity's rows.</summary>
    public static string Hex() => Guid.NewGuid().ToString("N");

    /// <summary>A time-ordered UUID for rows that no user sees (operations, events).</summary>
    public static Guid Ordered() => Guid.CreateVersion7();

    /// <summary><c>req-</c> and a UUID: the id of a request that came without one.</summary>
    public static string Request() => $"req-{Guid.NewGuid()}";
}
