using System.Text.Json;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

/// <summary>os-server-external-events: other services say that something of a server changed. Ours say it over contracts; this is for those outside.</summary>
internal sealed class ExternalEventsApi(ServerTable servers, ServerSync sync)
{
    private static readonly SchemaHistory Events = SchemaHistory.Of(Names("network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted"))
        .At("2.51", _ => Names("network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted", "volume-extended"))
        .At("2.76", _ => Names("network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted", "volume-extended", "power-update"))
        .At("2.82", _ => Names("network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted", "volume-extended", "power-update", "accelerator-request-bound"))
        .At("2.93", _ => Names("network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted", "volume-extended", "power-update", "accelerator-request-bound", "volume-reimaged"));

    public void Map(RouteGroup g) => g.Post("/os-server-external-events", Tell)
        .Policy("os_compute_api:os-server-external-events:create", Rule.ServiceOrAdmin, "Tell of events outside").Body(() => Events).Fails(404);

    private static Schema Names(params object[] names) => Schema.Object(("events", Schema.List(Schema.Object(
        ("server_uuid", Schema.Uuid), ("name", Schema.Of("string").Set("enum", names)),
        ("status", Schema.Of("string").Set("enum", new object[] { "failed", "completed", "in-progress" })), ("tag", Schema.Text(max: 255))).Require("server_uuid", "name").Closed(), 1))).Require("events").Closed();

    private async Task<Answer> Tell(Call call)
    {
        var events = call.Json.GetProperty("events").EnumerateArray().ToList();
        var known = (await servers.Of([.. events.Select(e => Guid.Parse(e.Text("server_uuid")!)).Distinct()])).ToDictionary(s => s.Id);
        var views = events.ConvertAll(e => View(e, known.GetValueOrDefault(Guid.Parse(e.Text("server_uuid")!))));
        if (views.TrueForAll(v => (int)v["code"]! == 404)) throw Errors.NoServersOfEvents();
        await sync.Refresh([.. known.Keys], call.Cancel);
        return Answer.Json(("events", views)).As(views.TrueForAll(v => (int)v["code"]! == 200) ? 200 : 207);
    }

    // A server without a host has nobody to hear it.
    private static Dictionary<string, object?> View(JsonElement e, ServerRow? server)
    {
        var code = server is null ? 404 : server.Host is null ? 422 : 200;
        var view = new Dictionary<string, object?> { ["name"] = e.Text("name"), ["server_uuid"] = e.Text("server_uuid"), ["status"] = code == 200 ? e.Text("status") ?? "completed" : "failed", ["code"] = code };
        if (e.Text("tag") is { } tag) view["tag"] = tag;
        return view;
    }
}
