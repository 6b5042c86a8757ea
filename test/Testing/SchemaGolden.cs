using System.Reflection;
using Nephos.Kernel.Data;
using Xunit;

namespace Nephos.Testing;

/// <summary>Compares what migrations make of an empty database, on both, with <c>src/&lt;Project&gt;/Tables/schema.sql</c>. With <c>NEPHOS_GOLDEN=1</c> it is written.</summary>
public static class SchemaGolden
{
    /// <summary>Checks a service's tables (those of the Kernel are left out, unless it is the Kernel's assembly).</summary>
    public static async Task Check(string service, Assembly assembly)
    {
        var schema = await Schema(DatabaseKind.Sqlite, service, assembly);
        if (PostgresCluster.Missing is null)
        {
            Assert.Equal(schema, await Schema(DatabaseKind.Postgres, service, assembly));
        }
        var file = Path.Combine(Root(), "src", assembly.GetName().Name!.Replace("Nephos.", "", StringComparison.Ordinal), "Tables", "schema.sql");
        if (Environment.GetEnvironmentVariable("NEPHOS_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(file, schema);
        }
        Assert.Equal(await File.ReadAllTextAsync(file), schema);
    }

    private static async Task<string> Schema(DatabaseKind kind, string service, Assembly assembly)
    {
        await using var test = await TestDatabase.Create(kind);
        var all = await Migrations.Schema(await test.Service(service, assembly));
        if (assembly == typeof(Migrations).Assembly)
        {
            return all;
        }
        await using var empty = await TestDatabase.Create(kind);
        var kernel = Tables(await Migrations.Schema(await empty.Service(service))).ToHashSet(StringComparer.Ordinal);
        return string.Concat(Tables(all).Where(t => !kernel.Contains(t)));
    }

    private static IEnumerable<string> Tables(string schema) =>
        schema.Split("table ", StringSplitOptions.RemoveEmptyEntries).Select(t => "table " + t);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Nephos.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Tests run inside the repository.");
        }
        return folder;
    }
}
