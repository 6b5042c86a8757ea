using System.Reflection;
using System.Text.RegularExpressions;

namespace Nephos.Kernel.Data;

/// <summary>
/// Brings a service's tables up to date: the Kernel's own for every service, then <c>Tables/0001_flavors.sql</c> .. of its assembly,
/// each once, in order. A migration that was released is never changed; another one is added.
/// </summary>
public static partial class Migrations
{
    /// <summary>Applies what is missing, in one transaction. May run again, and from several processes at once.</summary>
    public static async Task Apply(Db db, Assembly? assembly = null)
    {
        var all = Files(typeof(Migrations).Assembly, "kernel_").Select(f => (f.Name, Sql: f.Sql.Replace("{service}", db.Service, StringComparison.Ordinal)))
            .Concat(assembly is null || assembly == typeof(Migrations).Assembly ? [] : Files(assembly, "")).ToList();
        await db.InTransaction(async () =>
        {
            if (db.Database.IsPostgres)
            {
                await db.Scalar<object>($"SELECT pg_advisory_xact_lock(hashtext({db.Service + " migrations"}))");
            }
            await db.Execute($"CREATE TABLE IF NOT EXISTS {db.Table("migrations")} (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)");
            var done = (await db.Query<string>($"SELECT name FROM {db.Table("migrations")}")).ToHashSet(StringComparer.Ordinal);
            foreach (var (name, sql) in all.Where(m => !done.Contains(m.Name)))
            {
                await db.Execute(Sql.Raw(sql));
                await db.Execute($"INSERT INTO {db.Table("migrations")} (name, applied_at) VALUES ({name}, {db.Now})");
            }
        });
    }

    /// <summary>Every table and index of a service in one text that is the same on both databases, for golden files.</summary>
    public static Task<string> Schema(Db db) => SchemaText.Write(db);

    private static IEnumerable<(string Name, string Sql)> Files(Assembly assembly, string prefix) =>
        from resource in assembly.GetManifestResourceNames()
        let match = FileName().Match(resource)
        where match.Success
        orderby match.Groups[1].Value
        select (prefix + match.Groups[1].Value, Text(assembly, resource));

    private static string Text(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\.Tables\.(\d{4}_\w+)\.sql$")]
    private static partial Regex FileName();
}
