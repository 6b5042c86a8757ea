using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;

namespace Nephos.Kernel.Data;

/// <summary>Reads one column as a type of ours, on either database.</summary>
internal static class Cells
{
    public static bool IsSimple(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(Guid) || type == typeof(DateTimeOffset)
            || type == typeof(TimeSpan) || type == typeof(byte[]) || type == typeof(JsonElement) || type == typeof(object);
    }

    /// <param name="reader">The row.</param>
    /// <param name="column">Which column.</param>
    /// <param name="type">What it becomes.</param>
    /// <param name="json">For a column of JSON: values of the rows before.</param>
    public static Expression Read(ParameterExpression reader, int column, Type type, ParameterExpression? json = null)
    {
        var at = Expression.Constant(column);
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        if (json is null && !IsSimple(type))
        {
            throw new InvalidOperationException($"A column cannot be read as {type}; mark it with [Json] if it is JSON.");
        }
        Expression value = json is null ? Expression.Call(Reader(inner), reader, at) : Expression.Call(Method(nameof(Json)).MakeGenericMethod(inner), reader, at, json);
        if (inner != type)
        {
            value = Expression.Convert(value, type);
        }
        // A null in a column that is not declared nullable is a bug that must be seen, except for references, where the compiler cannot tell us.
        return inner != type || !type.IsValueType
            ? Expression.Condition(Expression.Call(reader, nameof(DbDataReader.IsDBNull), null, at), Expression.Default(type), value)
            : value;
    }

    private static MethodInfo Reader(Type type)
    {
        if (type.IsEnum)
        {
            return Method(nameof(Word)).MakeGenericMethod(type);
        }
        return Method(type == typeof(string) ? nameof(Text)
            : type == typeof(Guid) ? nameof(Id)
            : type == typeof(bool) ? nameof(Flag)
            : type == typeof(long) ? nameof(Number)
            : type == typeof(int) ? nameof(Int)
            : type == typeof(double) ? nameof(Double)
            : type == typeof(DateTimeOffset) ? nameof(Time)
            : type == typeof(TimeSpan) ? nameof(Span)
            : type == typeof(byte[]) ? nameof(Bytes)
            : type == typeof(JsonElement) ? nameof(Element)
            : type == typeof(object) ? nameof(Any)
            : throw new InvalidOperationException($"A column cannot be read as {type}."));
    }

    private static MethodInfo Method(string name) => typeof(Cells).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;

    private static string Text(DbDataReader r, int i) => r.GetString(i);
    private static Guid Id(DbDataReader r, int i) => Guid.Parse(r.GetString(i));
    private static bool Flag(DbDataReader r, int i) => r.GetBoolean(i);
    private static long Number(DbDataReader r, int i) => r.GetInt64(i);
    private static int Int(DbDataReader r, int i) => checked((int)Number(r, i));
    private static double Double(DbDataReader r, int i) => r.GetDouble(i);
    private static DateTimeOffset Time(DbDataReader r, int i) => DateTimeOffset.UnixEpoch.AddTicks(r.GetInt64(i) * 10);
    private static TimeSpan Span(DbDataReader r, int i) => TimeSpan.FromTicks(r.GetInt64(i) * 10);
    private static byte[] Bytes(DbDataReader r, int i) => r.GetFieldValue<byte[]>(i);
    private static object Any(DbDataReader r, int i) => r.GetValue(i);
    private static T Word<T>(DbDataReader r, int i) where T : struct, Enum => EnumNames.Parse<T>(r.GetString(i));
    private static T Json<T>(DbDataReader r, int i, JsonTexts? before) => before is null ? StoredJson.Read<T>(r.GetString(i)) : before.Read<T>(i, r.GetString(i));

    private static JsonElement Element(DbDataReader r, int i)
    {
        using var document = JsonDocument.Parse(r.GetString(i));
        return document.RootElement.Clone();
    }
}
