using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Nephos.Kernel.Data;

/// <summary>
/// Makes a value of <typeparamref name="T"/> from a row. Records are bound by column name (<c>project_id</c> is ProjectId), tuples by
/// position, anything simple takes the first column. One compiled function per set of columns.
/// </summary>
internal static class RowReader<T>
{
    private const int MaxTexts = 1000;
    private static readonly ConcurrentDictionary<string, Func<DbDataReader, JsonTexts?, T>> ByText = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, Func<DbDataReader, JsonTexts?, T>> ByColumns = new(StringComparer.Ordinal);

    public static Func<DbDataReader, JsonTexts?, T> For(string text, DbDataReader reader)
    {
        if (ByText.TryGetValue(text, out var known))
        {
            return known;
        }
        if (ByText.Count > MaxTexts)
        {
            ByText.Clear();
        }
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        return ByText[text] = ByColumns.GetOrAdd(string.Join(',', columns), _ => Compile(columns));
    }

    private static Func<DbDataReader, JsonTexts?, T> Compile(string[] columns)
    {
        var reader = Expression.Parameter(typeof(DbDataReader));
        var texts = Expression.Parameter(typeof(JsonTexts));
        var type = typeof(T);
        var body = Cells.IsSimple(type) ? Cells.Read(reader, 0, type)
            : typeof(ITuple).IsAssignableFrom(type) ? Tuple(reader, type, columns)
            : Record(reader, texts, type, columns);
        return Expression.Lambda<Func<DbDataReader, JsonTexts?, T>>(body, reader, texts).Compile();
    }

    private static NewExpression Tuple(ParameterExpression reader, Type type, string[] columns)
    {
        var parts = type.GetGenericArguments();
        return parts.Length == columns.Length && parts.Length < 8
            ? Expression.New(type.GetConstructor(parts)!, parts.Select((part, i) => Cells.Read(reader, i, part)))
            : throw new InvalidOperationException($"{columns.Length} columns do not fit a tuple of {parts.Length}.");
    }

    private static MemberInitExpression Record(ParameterExpression reader, ParameterExpression texts, Type type, string[] columns)
    {
        var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Where(c => !(c.GetParameters() is [var only] && only.ParameterType == type))
            .MaxBy(c => c.GetParameters().Length) ?? throw new InvalidOperationException($"{type} has no constructor.");
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var arguments = new List<Expression>();
        foreach (var parameter in constructor.GetParameters())
        {
            var column = Column(parameter.Name!);
            taken.Add(column);
            arguments.Add(Array.IndexOf(columns, column) is var at and >= 0
                    ? Cells.Read(reader, at, parameter.ParameterType, IsJson(type, parameter) ? texts : null)
                : parameter.HasDefaultValue ? Default(parameter)
                : throw new InvalidOperationException($"{type} needs the column {column}; the row has {string.Join(", ", columns)}."));
        }
        var others = from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                     let column = Column(property.Name)
                     let at = Array.IndexOf(columns, column)
                     where property.SetMethod is { IsPublic: true } && !taken.Contains(column)
                     where at >= 0 || (property.GetCustomAttribute<RequiredMemberAttribute>() is null ? false
                         : throw new InvalidOperationException($"{type} needs the column {column}; the row has {string.Join(", ", columns)}."))
                     select Expression.Bind(property, Cells.Read(reader, at, property.PropertyType, property.GetCustomAttribute<JsonAttribute>() is not null ? texts : null));
        return Expression.MemberInit(Expression.New(constructor, arguments), others);
    }

    private static Expression Default(ParameterInfo parameter) => parameter.DefaultValue is { } value && value != DBNull.Value
        ? Expression.Convert(Expression.Constant(parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, value) : value), parameter.ParameterType)
        : Expression.Default(parameter.ParameterType);

    // On a positional record the attribute may stand on the parameter or, with "property:", on what is made of it.
    private static bool IsJson(Type type, ParameterInfo parameter) => parameter.GetCustomAttribute<JsonAttribute>() is not null
        || type.GetProperty(parameter.Name!)?.GetCustomAttribute<JsonAttribute>() is not null;

    private static string Column(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
