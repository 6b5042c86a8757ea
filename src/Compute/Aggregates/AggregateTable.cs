using Nephos.Kernel.Data;

namespace Nephos.Compute.Aggregates;

internal sealed record Aggregate(long Id, Guid Uuid, string Name, [property: Json][Json] string[] Hosts, [property: Json][Json] SortedDictionary<string, string> Metadata,
    DateTimeOffset CreatedAt, DateTimeOffset? UpdatedAt)
{
    public const string ZoneKey = "availability_zone";

    public string? Zone => Metadata.GetValueOrDefault(ZoneKey);
}

/// <summary>Where the SQL of host aggregates lives.</summary>
internal sealed class AggregateTable(ComputeDb db)
{
    public Task<List<Aggregate>> All() => db.Query<Aggregate>($"SELECT * FROM compute_aggregates ORDER BY id");
    public Task<Aggregate?> Find(string id) => long.TryParse(id, out var number)
        ? db.One<Aggregate>($"SELECT * FROM compute_aggregates WHERE id = {number}") : Task.FromResult<Aggregate?>(null);

    public async Task<Aggregate> Insert(string name, string? zone)
    {
        try
        {
            return await db.InTransaction(async () =>
            {
                var aggregate = new Aggregate(await db.Counters.Next("aggregate"), Contracts.NewId.Uuid(), name, [], zone is null ? [] : new() { [Aggregate.ZoneKey] = zone }, db.Now, null);
                await db.Execute($"""
                    INSERT INTO compute_aggregates (id, uuid, name, hosts, metadata, created_at)
                    VALUES ({aggregate.Id}, {aggregate.Uuid}, {name}, {"[]"}, {Sql.Json(aggregate.Metadata)}, {aggregate.CreatedAt})
                    """);
                return aggregate;
            });
        }
        catch (DuplicateKey) { throw Errors.AggregateNameTaken(name); }
    }

    /// <summary>Changes an aggregate as it is now.</summary>
    public async Task<Aggregate> Change(long id, Func<Aggregate, Aggregate> change)
    {
        var name = "";
        try
        {
            return await db.InTransaction(async () =>
            {
                var aggregate = change(await Find(id.ToString(System.Globalization.CultureInfo.InvariantCulture)) ?? throw Errors.AggregateNotFound(id.ToString(System.Globalization.CultureInfo.InvariantCulture))) with { UpdatedAt = db.Now };
                name = aggregate.Name;
                await db.Execute($"""
                    UPDATE compute_aggregates SET name = {name}, hosts = {Sql.Json(aggregate.Hosts)}, metadata = {Sql.Json(aggregate.Metadata)}, updated_at = {aggregate.UpdatedAt} WHERE id = {id}
                    """);
                return aggregate;
            });
        }
        catch (DuplicateKey) { throw Errors.AggregateNameTaken(name); }
    }

    public Task Delete(long id) => db.Execute($"DELETE FROM compute_aggregates WHERE id = {id}");
}
