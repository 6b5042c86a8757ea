using System.Text.Json;
using Nephos.Kernel.Data;

namespace Nephos.Network.Attributes;

/// <summary>What a column holds, so that a filter's text is compared as that.</summary>
internal enum ColumnKind
{
    Text,
    Bool,
    Number,
}

/// <summary>What an attribute is when the client did not say it.</summary>
internal sealed class Unset
{
    /// <summary>The request is refused.</summary>
    public static readonly Unset Required = new();
    /// <summary>The resource decides.</summary>
    public static readonly Unset Absent = new();
}

/// <summary>
/// One attribute of a resource, wholly: how it is read from a body, shown, filtered, sorted and guarded. Bodies, lists and
/// the discovery of what exists are derived from tables of these.
/// </summary>
/// <param name="Name">On the wire.</param>
/// <param name="Show">The value in answers and for policies.</param>
internal sealed record Attribute<T>(string Name, Func<T, object?> Show)
{
    /// <summary>The name, ready to be written.</summary>
    public JsonEncodedText Key { get; } = JsonEncodedText.Encode(Name);
    /// <summary>Taken when creating.</summary>
    public bool Post { get; init; }
    /// <summary>Taken when updating.</summary>
    public bool Put { get; init; }
    /// <summary>Checks and converts; throws <see cref="InvalidValue"/>.</summary>
    public Func<JsonElement, object?> Read { get; init; } = _ => null;
    /// <summary>Already converted, or <see cref="Unset"/>.</summary>
    public object? Default { get; init; } = Unset.Absent;
    /// <summary>Column to filter and sort by.</summary>
    public string? Column { get; init; }
    public ColumnKind Kind { get; init; }
    /// <summary>False for a column that clients may not sort by.</summary>
    public bool Sorts { get; init; } = true;
    /// <summary>Another way to filter than by a column.</summary>
    public Func<IReadOnlyList<string>, Viewer, SqlText>? Filter { get; init; }
    /// <summary>Setting it needs a rule of its own (<c>create_network:shared</c>).</summary>
    public bool Guarded { get; init; }
    /// <summary>Parts of a value with rules of their own (<c>create_port:fixed_ips:ip_address</c>).</summary>
    public Func<object?, IEnumerable<string>> Parts { get; init; } = _ => [];
    /// <summary>Taken from bodies, never shown.</summary>
    public bool Hidden { get; init; }
}

/// <summary>A value that an attribute does not take; becomes upstream's sentence.</summary>
internal sealed class InvalidValue(string reason) : Exception(reason);

/// <summary>For whom something is read.</summary>
internal sealed record Viewer(string ProjectId, bool IsAdmin);

/// <summary>A checked body: converted values by attribute, and which of them the client said itself.</summary>
internal sealed class Values : Dictionary<string, object?>
{
    public Values() : base(StringComparer.Ordinal) { }

    /// <summary>Names that were in the body.</summary>
    public HashSet<string> Said { get; } = new(StringComparer.Ordinal);

    /// <summary>The value, or the type's default when the attribute is absent.</summary>
    public V? Get<V>(string name) => TryGetValue(name, out var value) && value is V typed ? typed : default;

    /// <summary>The value if the body has it, else what it was.</summary>
    public V Or<V>(string name, V old) => ContainsKey(name) ? (V)this[name]! : old;
}
