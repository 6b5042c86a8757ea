using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nephos.Kernel.Data;

/// <summary>
/// Names of enum members in rows and in stored JSON: <c>BlockDeviceMapping</c> is <c>block_device_mapping</c>, unless
/// <see cref="JsonStringEnumMemberNameAttribute"/> says another.
/// </summary>
public static class EnumNames
{
    private static readonly ConcurrentDictionary<Type, (Dictionary<Enum, string> Names, Dictionary<string, Enum> Values)> Known = new();

    /// <summary>The stored name of a member.</summary>
    public static string Of(Enum value) => For(value.GetType()).Names.TryGetValue(value, out var name)
        ? name : throw new InvalidOperationException($"{value.GetType()} has no member {value}.");

    /// <summary>The member with a stored name.</summary>
    public static T Parse<T>(string name) where T : struct, Enum => For(typeof(T)).Values.TryGetValue(name, out var value)
        ? (T)value : throw new InvalidOperationException($"{typeof(T)} has no member stored as '{name}'.");

    /// <summary>The member with a stored name, if there is one.</summary>
    public static bool TryParse<T>(string name, out T value) where T : struct, Enum
    {
        var found = For(typeof(T)).Values.TryGetValue(name, out var member);
        value = found ? (T)member! : default;
        return found;
    }

    private static (Dictionary<Enum, string> Names, Dictionary<string, Enum> Values) For(Type type) => Known.GetOrAdd(type, static type =>
    {
        var names = new Dictionary<Enum, string>();
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            names[(Enum)field.GetValue(null)!] = field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
                ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name);
        }
        return (names, names.ToDictionary(n => n.Value, n => n.Key, StringComparer.Ordinal));
    });
}
