using System.Text.Json;
using NpgsqlTypes;

namespace Nephos.Kernel.Data;

/// <summary>A parameter as it is stored: TEXT, BIGINT, DOUBLE PRECISION, BOOLEAN or BYTEA; or a list of these.</summary>
/// <param name="Value">string, long, double, bool, byte[] or null; an array of one of these for a list.</param>
/// <param name="Type">What the column is; PostgreSQL wants to know it of a null too.</param>
internal readonly record struct SqlValue(object? Value, NpgsqlDbType Type)
{
    public static SqlValue Of<T>(T value) => value switch
    {
        null => new(null, TypeOf(typeof(T))),
        string text => new(text, NpgsqlDbType.Text),
        Guid id => new(id.ToString(), NpgsqlDbType.Text),
        bool flag => new(flag, NpgsqlDbType.Boolean),
        long number => new(number, NpgsqlDbType.Bigint),
        int number => new((long)number, NpgsqlDbType.Bigint),
        uint number => new((long)number, NpgsqlDbType.Bigint),
        short number => new((long)number, NpgsqlDbType.Bigint),
        byte number => new((long)number, NpgsqlDbType.Bigint),
        double number => new(number, NpgsqlDbType.Double),
        float number => new((double)number, NpgsqlDbType.Double),
        DateTimeOffset time => new(Micros(time), NpgsqlDbType.Bigint),
        TimeSpan span => new(span.Ticks / 10, NpgsqlDbType.Bigint),
        byte[] bytes => new(bytes, NpgsqlDbType.Bytea),
        Enum word => new(EnumNames.Of(word), NpgsqlDbType.Text),
        JsonElement json => new(json.GetRawText(), NpgsqlDbType.Text),
        _ => throw new InvalidOperationException($"A value of type {value.GetType()} is not stored as it is: use Sql.Json, or one of its fields."),
    };

    /// <summary>Values in one parameter, an array on PostgreSQL and JSON on SQLite; null if they cannot be.</summary>
    public static SqlValue? List(IReadOnlyList<SqlValue> values) => values[0].Type switch
    {
        _ when values.Any(v => v.Type != values[0].Type || v.Value is null) => null,
        // What comes after a zero would be lost in JSON.
        NpgsqlDbType.Text => values.Any(v => ((string)v.Value!).Contains('\0', StringComparison.Ordinal)) ? null : Whole<string>(values),
        NpgsqlDbType.Bigint => Whole<long>(values),
        _ => null,
    };

    /// <summary>The value as SQLite takes it.</summary>
    public object ForSqlite => Value switch
    {
        null => DBNull.Value,
        string[] or long[] => JsonSerializer.Serialize(Value, StoredJson.Options),
        _ => Value,
    };

    /// <summary>Microseconds since 1970, UTC: what a time is in a row.</summary>
    public static long Micros(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    private static SqlValue Whole<T>(IReadOnlyList<SqlValue> values) => new(values.Select(v => (T)v.Value!).ToArray(), NpgsqlDbType.Array | values[0].Type);

    public static string NameOfElement(Type list)
    {
        var element = list.IsArray ? list.GetElementType()! : list.GetInterfaces().Append(list)
            .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0] ?? typeof(string);
        return TypeOf(element) switch
        {
            NpgsqlDbType.Bigint => "BIGINT",
            NpgsqlDbType.Boolean => "BOOLEAN",
            NpgsqlDbType.Double => "DOUBLE PRECISION",
            _ => "TEXT",
        };
    }

    private static NpgsqlDbType TypeOf(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        return type == typeof(bool) ? NpgsqlDbType.Boolean
            : type == typeof(double) || type == typeof(float) ? NpgsqlDbType.Double
            : type == typeof(byte[]) ? NpgsqlDbType.Bytea
            : type == typeof(object) ? NpgsqlDbType.Unknown
            : !type.IsEnum && (type.IsPrimitive || type == typeof(DateTimeOffset) || type == typeof(TimeSpan)) ? NpgsqlDbType.Bigint
            : NpgsqlDbType.Text;
    }
}
