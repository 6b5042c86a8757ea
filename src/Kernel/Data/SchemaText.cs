using System.Text;

namespace Nephos.Kernel.Data;

/// <summary>Writes down what a service's tables look like, from the catalog of either database.</summary>
internal static class SchemaText
{
    public static async Task<string> Write(Db db)
    {
        var result = new StringBuilder();
        foreach (var table in await Tables(db))
        {
            result.Append("table ").Append(table).Append('\n');
            foreach (var (name, type, notNull) in await Columns(db, table))
            {
                result.Append("  ").Append(name).Append(' ').Append(type).Append(notNull ? " not null" : "").Append('\n');
            }
            foreach (var line in (await Indexes(db, table)).Order(StringComparer.Ordinal))
            {
                result.Append("  ").Append(line).Append('\n');
            }
        }
        return result.ToString();
    }

    private static Task<List<string>> Tables(Db db)
    {
        var prefix = db.Service + "\\_%";
        return db.Query<string>(db.Database.IsPostgres
            ? (SqlText)$"SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() AND table_name LIKE {prefix} ORDER BY table_name COLLATE \"C\""
            : $"SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE {prefix} ESCAPE '\\' ORDER BY name");
    }

    private static Task<List<(string Name, string Type, bool NotNull)>> Columns(Db db, string table) =>
        db.Query<(string, string, bool)>(db.Database.IsPostgres
            ? (SqlText)$"SELECT column_name::text, upper(data_type), is_nullable = 'NO' FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = {table} ORDER BY ordinal_position"
            // A primary key of several columns, or of TEXT, may be null in SQLite unless it says otherwise; PostgreSQL never allows it.
            : $"SELECT name, upper(type), \"notnull\" OR pk > 0 FROM pragma_table_info({table}) ORDER BY cid");

    private static Task<List<string>> Indexes(Db db, string table) => db.Query<string>(db.Database.IsPostgres
        ? (SqlText)$"""
            SELECT (CASE WHEN x.indisprimary THEN 'key' WHEN x.indisunique THEN 'unique' ELSE 'index' END) || ' ('
                || (SELECT string_agg(pg_get_indexdef(x.indexrelid, k, true), ', ' ORDER BY k) FROM generate_series(1, x.indnkeyatts) k) || ')'
                || (CASE WHEN x.indpred IS NULL THEN '' ELSE ' partial' END)
            FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid WHERE c.relname = {table} AND c.relnamespace = current_schema()::regnamespace
            """
        : $"""
            SELECT (CASE WHEN l.origin = 'pk' THEN 'key' WHEN l."unique" THEN 'unique' ELSE 'index' END) || ' ('
                || (SELECT group_concat(n, ', ') FROM (SELECT coalesce(i.name, '?') AS n FROM pragma_index_info(l.name) i ORDER BY i.seqno)) || ')'
                || (CASE WHEN l.partial THEN ' partial' ELSE '' END)
            FROM pragma_index_list({table}) l
            """);
}
