using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Kernel.Data;
using Xunit;

namespace Nephos.Tests.Cloud.Lists;

/// <summary>What is asked costs what is in the answer, not what is in the table: an index gives a list's order, its page starts at the marker, and what refers to something is found.</summary>
public sealed class ListPlanTests(CloudUnderTest cloud) : IClassFixture<CloudUnderTest>
{
    [Theory]
    [InlineData("identity/v3/users", "users", "identity_users")]
    [InlineData("identity/v3/projects", "projects", "identity_projects")]
    [InlineData("identity/v3/groups", "groups", "identity_groups")]
    [InlineData("image/v2/images", "images", "image_images")]
    [InlineData("compute/v2.1/servers/detail", "servers", "compute_servers")]
    [InlineData("compute/v2.1/servers/detail?all_tenants=1", "servers", "compute_servers")]
    [InlineData("network/v2.0/networks", "networks", "network_networks")]
    [InlineData("network/v2.0/subnets", "subnets", "network_subnets")]
    [InlineData("network/v2.0/ports", "ports", "network_ports")]
    [InlineData("network/v2.0/routers", "routers", "network_routers")]
    [InlineData("network/v2.0/floatingips", "floatingips", "network_floating_ips")]
    [InlineData("network/v2.0/security-groups", "security_groups", "network_security_groups")]
    [InlineData("network/v2.0/security-group-rules", "security_group_rules", "network_security_group_rules")]
    public async Task A_page_reads_its_own_rows_by_an_index(string path, string collection, string table)
    {
        var asked = new ConcurrentQueue<string>();
        var database = cloud.Parts.GetRequiredService<Database>();
        database.Watch = sql => asked.Enqueue(sql.ToString());
        try
        {
            path += path.Contains('?', StringComparison.Ordinal) ? "&limit=1" : "?limit=1";
            var first = await cloud.Json(Persona.Admin, "GET", path);
            var id = first[collection]!.AsArray().FirstOrDefault()?["id"]?.GetValue<string>();
            if (id is not null) await cloud.Json(Persona.Admin, "GET", $"{path}&marker={id}");
            var pages = asked.Where(s => s.Contains($" FROM {table} WHERE", StringComparison.Ordinal) && s.Contains(" LIMIT ", StringComparison.Ordinal)).ToList();
            Assert.Equal(id is null ? 1 : 2, pages.Count);
            foreach (var page in pages)
            {
                var plan = await Plan(database, page);
                Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal) || step == $"SCAN {table}");
                if (page.Contains(") > (", StringComparison.Ordinal) || page.Contains(") < (", StringComparison.Ordinal))
                    Assert.Contains(plan, step => step.StartsWith($"SEARCH {table} ", StringComparison.Ordinal) && step.Contains("created_at", StringComparison.Ordinal));
            }
        }
        finally
        {
            database.Watch = null;
        }
    }

    /// <summary>Else each row removed would look through all rows of another table.</summary>
    [Fact]
    public async Task Every_reference_to_another_table_has_an_index()
    {
        const string References = """
            SELECT m.name || '.' || f."from" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
            """;
        var database = cloud.Parts.GetRequiredService<Database>();
        Assert.Contains("network_ports.network_id", await Read(database, References, column: 0));
        Assert.Empty(await Read(database, References + """
             AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c WHERE c.seqno = 0 AND c.name = f."from")
            """, column: 0));
    }

    static Task<List<string>> Plan(Database database, string text) => Read(database, "EXPLAIN QUERY PLAN " + text, column: 3);

    static async Task<List<string>> Read(Database database, string text, int column)
    {
        var copy = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await database.CopyTo(copy);
        try
        {
            await using var connection = new SqliteConnection($"Data Source={copy};Pooling=False");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = text;
            for (var i = 1; text.Contains($"${i}", StringComparison.Ordinal); i++) command.Parameters.AddWithValue($"${i}", DBNull.Value);
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<string>();
            while (await reader.ReadAsync()) rows.Add(reader.GetString(column));
            return rows;
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
