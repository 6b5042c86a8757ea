using System.Globalization;
using Nephos.Compute.Aggregates;
using Nephos.Compute.AvailabilityZones;
using Nephos.Compute.Hypervisors;
using Nephos.Compute.Servers;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.ServiceStates;

/// <summary>os-services: one <c>nova-compute</c> per node.</summary>
internal sealed class ServicesApi(NodeTable nodes, AggregateTable aggregates, ServerTable servers, TimeProvider time)
{
    private const string UpdateRule = "os_compute_api:os-services:update";
    private static readonly Schema HostAndBinary = Schema.Object(("host", Types.Fqdn), ("binary", Schema.Text(1, 255)), ("disabled_reason", Schema.Text(1, 255))).Require("host", "binary").Closed();

    private static readonly SchemaHistory Listing = SchemaHistory.Of(Schema.Object(("host", Types.Many()), ("binary", Types.Many()))).At("2.75", s => s.Closed());
    private static readonly SchemaHistory Old = SchemaHistory.Of(HostAndBinary)
        .At("2.11", s => s.Remove("disabled_reason").Add("disabled_reason", Schema.Text(1, 255)).Add("forced_down", Types.Bool).Set("required", new[] { "host", "binary" }));
    private static readonly SchemaHistory New = SchemaHistory.Of(Schema.Object(
        ("status", Schema.Of("string").Set("enum", new object[] { "enabled", "disabled" })), ("disabled_reason", Schema.Text(1, 255)), ("forced_down", Types.Bool)).Closed());

    public void Map(RouteGroup g)
    {
        g.Get("/os-services", List).Policy("os_compute_api:os-services:list", Rule.Admin, "List compute services").Query(() => Listing);
        g.Put("/os-services/{id}", ByName).Until("2.52").Policy(UpdateRule, Rule.Admin, "Update a compute service").Body(() => Old).Fails(404);
        g.Put("/os-services/{id}", ById).Since("2.53").Policy(UpdateRule, Rule.Admin, "Update a compute service").Body(() => New).Fails(404);
        g.Delete("/os-services/{id}", Delete).Policy("os_compute_api:os-services:delete", Rule.Admin, "Delete a compute service").Fails(400, 404, 409);
    }

    private async Task<Answer> List(Call call)
    {
        var zones = new Zones(await aggregates.All());
        var services = (await nodes.All()).Select(n => View(call, n, zones)).ToList();
        if (call.Query["host"] is { Length: > 0 } host) services.RemoveAll(s => s.Host != host);
        if (call.Query["binary"] is { Length: > 0 } binary) services.RemoveAll(s => s.Binary != binary);
        return Answer.Json(("services", services));
    }

    private ServiceView View(Call call, NodeRow node, Zones zones) => new("nova-compute", node.Host, call.At("2.53") ? node.ServiceId.ToString() : node.Number,
        zones.Of(node.Host), node.Disabled ? "disabled" : "enabled", node.IsUp(time.GetUtcNow()) ? "up" : "down", Wire.NoZone(node.SeenAt), node.DisabledReason, node.ForcedDown);

    private async Task<Answer> ByName(Call call)
    {
        var (host, binary) = (call.Json.Text("host")!, call.Json.Text("binary")!);
        if (call["id"] is not ("enable" or "disable" or "disable-log-reason") && !(call["id"] == "force-down" && call.At("2.11"))) throw Errors.UnknownServiceAction();
        if (binary != "nova-compute") throw Errors.OnlyComputeServices(binary);
        var node = (await nodes.All()).Find(n => n.Host == host) ?? throw Errors.NoSuchService(host, binary);
        var answer = new Dictionary<string, object?> { ["host"] = host, ["binary"] = binary };
        switch (call["id"])
        {
            case "force-down":
                var down = call.Json.Text("forced_down") is null ? throw Errors.MissingForcedDown() : call.Json.Flag("forced_down");
                await nodes.ForceDown(node.Id, down);
                answer["forced_down"] = down;
                break;
            case "enable":
                await nodes.Enable(node.Id, true, null);
                answer["status"] = "enabled";
                break;
            default:
                var reason = call.Json.Text("disabled_reason");
                if (call["id"] == "disable-log-reason" && reason is null) throw Errors.MissingReason();
                if (call["id"] == "disable") reason = null;
                await nodes.Enable(node.Id, false, reason);
                answer["status"] = "disabled";
                if (reason is not null) answer["disabled_reason"] = reason;
                break;
        }
        return Answer.Json(("service", answer));
    }

    private async Task<Answer> ById(Call call)
    {
        var node = await Find(call);
        var (status, reason) = (call.Json.Text("status"), call.Json.Text("disabled_reason"));
        if (status is null && call.Json.Text("forced_down") is null) throw Errors.NoServiceUpdates();
        if (reason is not null && status != "disabled") throw Errors.ReasonWithoutDisabled();
        if (status is not null) await nodes.Enable(node.Id, status == "enabled", reason);
        if (call.Json.Text("forced_down") is not null) await nodes.ForceDown(node.Id, call.Json.Flag("forced_down"));
        return Answer.Json(("service", View(call, (await nodes.Find(node.Id))!, new Zones(await aggregates.All()))));
    }

    private async Task<Answer> Delete(Call call)
    {
        var node = await Find(call);
        if ((await servers.OnNode(node.Id)).Count > 0) throw Errors.ServiceHasServers();
        await nodes.Delete(node.Id);
        return Answer.Empty;
    }

    private async Task<NodeRow> Find(Call call)
    {
        var id = call["id"];
        if (call.At("2.53") && !Guid.TryParse(id, out _)) throw Errors.InvalidUuid(id);
        if (!call.At("2.53") && !long.TryParse(id, out _)) throw Errors.NotAnInteger("id", id);
        return (await nodes.All()).Find(n => call.At("2.53") ? string.Equals(n.ServiceId.ToString(), id, StringComparison.OrdinalIgnoreCase) : n.Number.ToString(CultureInfo.InvariantCulture) == id) ?? throw Errors.ServiceNotFound(id);
    }

    private sealed record ServiceView(string Binary, string Host, object Id, string Zone, string Status, string State, string UpdatedAt, string? DisabledReason, [property: Since("2.11")] bool ForcedDown);
}
