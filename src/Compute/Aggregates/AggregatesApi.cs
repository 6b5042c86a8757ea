using System.Text.Json;
using Nephos.Compute.Hypervisors;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Aggregates;

internal sealed class AggregatesApi(AggregateTable aggregates, NodeTable nodes)
{
    private const string Root = "os_compute_api:os-aggregates:";
    private static readonly Schema Zone = Schema.OneOf(Types.ZoneName, Schema.Null);

    private static readonly SchemaHistory NewOne = SchemaHistory.Of(Schema.Object(("aggregate", Schema.Object(("name", Types.Name), ("availability_zone", Zone)).Require("name").Closed())).Require("aggregate").Closed());
    private static readonly SchemaHistory Changes = SchemaHistory.Of(Schema.Object(("aggregate", Schema.Object(("name", Types.Name), ("availability_zone", Zone)).Closed().Set("minProperties", 1))).Require("aggregate").Closed());
    private static readonly SchemaHistory Metadata = SchemaHistory.Of(Schema.Object(("set_metadata", Schema.Object(
        ("metadata", Schema.Map("^[a-zA-Z0-9-_:. ]{1,255}$", Schema.Of("string", "null").Set("maxLength", 255)))).Require("metadata").Closed())).Require("set_metadata").Closed());

    public void Map(RouteGroup g)
    {
        g.Get("/os-aggregates", List).Policy(Root + "index", Rule.Admin, "List aggregates");
        g.Post("/os-aggregates", Create).Policy(Root + "create", Rule.Admin, "Create an aggregate").Body(() => NewOne).Fails(409);
        var one = g.Member("/os-aggregates/{id}", new MemberOf<Aggregate>(c => long.TryParse(c["id"], out _) ? aggregates.Find(c["id"]) : throw Errors.NotAnInteger("id", c["id"]),
            c => Errors.AggregateNotFound(c["id"]), _ => PolicyTarget.None));
        one.Get("", (c, a) => Task.FromResult(Show(a))).Policy(Root + "show", Rule.Admin, "Show an aggregate").Fails(400);
        one.Put("", Update).Policy(Root + "update", Rule.Admin, "Update an aggregate").Body(() => Changes).Fails(409);
        one.Delete("", Delete).Returns(200).Policy(Root + "delete", Rule.Admin, "Delete an aggregate").Fails(400);
        one.Action("add_host", AddHost).Policy(Root + "add_host", Rule.Admin, "Add a host to an aggregate").Body(() => Host("add_host")).Fails(409);
        one.Action("remove_host", RemoveHost).Policy(Root + "remove_host", Rule.Admin, "Remove a host from an aggregate").Body(() => Host("remove_host")).Fails(409);
        one.Action("set_metadata", SetMetadata).Policy(Root + "set_metadata", Rule.Admin, "Set metadata of an aggregate").Body(() => Metadata);
    }

    private static SchemaHistory Host(string action) => SchemaHistory.Of(Schema.Object((action, Schema.Object(("host", Types.Fqdn)).Require("host").Closed())).Require(action).Closed());

    private async Task<Answer> List(Call call) => Answer.Json(("aggregates", (await aggregates.All()).Select(View)));

    private async Task<Answer> Create(Call call)
    {
        var body = call.Json.GetProperty("aggregate");
        var made = await aggregates.Insert(body.GetProperty("name").GetString()!.Trim(), body.Text("availability_zone")?.Trim());
        // Like upstream: hosts and metadata are not in this one answer.
        return Answer.Json(("aggregate", View(made) with { Hosts = null, Metadata = null }));
    }

    private async Task<Answer> Update(Call call, Aggregate aggregate)
    {
        var body = call.Json.GetProperty("aggregate");
        return Show(await aggregates.Change(aggregate.Id, a =>
        {
            var metadata = new SortedDictionary<string, string>(a.Metadata, StringComparer.Ordinal);
            if (body.Text("availability_zone") is { } zone) metadata[Aggregate.ZoneKey] = zone.Trim();
            else if (body.TryGetProperty("availability_zone", out _)) metadata.Remove(Aggregate.ZoneKey);
            return a with { Name = body.Text("name")?.Trim() ?? a.Name, Metadata = metadata };
        }));
    }

    private async Task<Answer> Delete(Call call, Aggregate aggregate)
    {
        if (aggregate.Hosts.Length > 0) throw Errors.AggregateHasHosts(aggregate.Id);
        await aggregates.Delete(aggregate.Id);
        return Answer.Empty;
    }

    private async Task<Answer> AddHost(Call call, Aggregate aggregate)
    {
        var host = call.Json.GetProperty("add_host").GetProperty("host").GetString()!;
        if ((await nodes.All()).TrueForAll(n => n.Host != host)) throw Errors.HostNotFound(host);
        if (aggregate.Zone is { } zone && (await aggregates.All()).Exists(a => a.Id != aggregate.Id && a.Hosts.Contains(host) && a.Zone is { } other && other != zone))
            throw Errors.HostInOtherZone(aggregate.Id, host);
        return Show(await aggregates.Change(aggregate.Id, a => a.Hosts.Contains(host) ? throw Errors.HostInAggregate(a.Id, host) : a with { Hosts = [.. a.Hosts, host] }));
    }

    private async Task<Answer> RemoveHost(Call call, Aggregate aggregate)
    {
        var host = call.Json.GetProperty("remove_host").GetProperty("host").GetString()!;
        return Show(await aggregates.Change(aggregate.Id, a => a.Hosts.Contains(host) ? a with { Hosts = [.. a.Hosts.Where(h => h != host)] } : throw Errors.CannotRemoveHost(a.Id, host)));
    }

    private async Task<Answer> SetMetadata(Call call, Aggregate aggregate)
    {
        var changes = call.Json.GetProperty("set_metadata").GetProperty("metadata").EnumerateObject().ToList();
        return Show(await aggregates.Change(aggregate.Id, a =>
        {
            var metadata = new SortedDictionary<string, string>(a.Metadata, StringComparer.Ordinal);
            foreach (var change in changes)
                if (change.Value.ValueKind == JsonValueKind.Null) metadata.Remove(change.Name);
                else metadata[change.Name] = change.Value.GetString()!;
            return a with { Metadata = metadata };
        }));
    }

    private static Answer Show(Aggregate aggregate) => Answer.Json(("aggregate", View(aggregate)));

    private static AggregateView View(Aggregate a) => new(a.Id, a.Uuid.ToString(), a.Name, a.Zone, a.Hosts, a.Metadata,
        Wire.NoZone(a.CreatedAt), a.UpdatedAt is { } at ? Wire.NoZone(at) : null, null, false);

    private sealed record AggregateView(long Id, [property: Since("2.41")] string Uuid, string Name, string? AvailabilityZone, [property: OmitNull] string[]? Hosts,
        [property: OmitNull] SortedDictionary<string, string>? Metadata, string CreatedAt, string? UpdatedAt, string? DeletedAt, bool Deleted);
}
