using Nephos.Compute.Servers;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.InstanceActions;

/// <summary>What was done to a server; since 2.21 also to one that is gone. Events are the steps of operations that stand for upstream's (rule 34).</summary>
internal sealed class ActionsApi(ServerTable servers, ActionTable actions, Operations<ComputeDb> operations)
{
    private const string Root = "os_compute_api:os-instance-actions:";

    private static readonly SchemaHistory Listing = SchemaHistory.Of(Schema.Object())
        .At("2.58", s => s.Add("limit", Types.Once(Types.NonNegative)).Add("marker", Types.Once(Schema.Text())).Add("changes-since", Types.Once(Schema.Time)).Closed())
        .At("2.66", s => s.Add("changes-before", Types.Once(Schema.Time)));

    public void Map(RouteGroup g)
    {
        var list = g.Member("/servers/{server_id}/os-instance-actions", new MemberOf<ServerRow>(
            async c => await (c.At("2.21") ? servers.FindDeletedToo(c["server_id"]) : servers.Find(c["server_id"])) is { } row && (row.ProjectId == c.Caller.ProjectId || c.Caller.HasRole("admin")) ? row : null,
            c => Errors.ServerNotFound(c["server_id"]), ServersApi.Target));
        list.Get("", List).Policy(Root + "list", Rule.ProjectReaderOrAdmin, "List actions of a server").Query(() => Listing).Fails(400);
        list.Get("/{request_id}", Show).Policy(Root + "show", Rule.ProjectReaderOrAdmin, "Show an action of a server")
            .Also(Root + "events", Rule.Admin, "See tracebacks and hosts in an action's events")
            .Also(Root + "events:details", Rule.Admin, "See details of an action's events");
    }

    private async Task<Answer> List(Call call, ServerRow server)
    {
        var list = new ListSql("compute_instance_actions") { MarkerMissing = Errors.MarkerNotFound }.Where($"server_id = {server.Id}").OrderBy("id", descending: true);
        if (!call.At("2.58")) return Answer.Json(("instanceActions", (await actions.List(list)).Items.Select(a => View(a, null))));
        var paging = Paging.Of(call);
        var (since, before) = (Moment(call, "changes-since"), Moment(call, "changes-before"));
        if (since > before) throw Errors.SinceAfterBefore();
        if (since is { } from) list.Where($"updated_at >= {from}");
        if (before is { } to) list.Where($"updated_at <= {to}");
        if (paging.Marker is { } marker) list.Where($"id < {(await actions.Find(server.Id, marker) ?? throw Errors.MarkerNotFound(marker)).Id}");
        list.Limit = paging.Limit;
        var page = await actions.List(list);
        return Answer.Json(("instanceActions", page.Items.Select(a => View(a, null))),
            ("links", Link.Next(call, $"servers/{server.Id}/os-instance-actions", paging.Limit, page.Items.Count, () => page.Items[^1].RequestId)));
    }

    private async Task<Answer> Show(Call call, ServerRow server)
    {
        var action = await actions.Find(server.Id, call["request_id"]) ?? throw Errors.ActionNotFound(call["request_id"]);
        var all = call.Can(Root + "events", ServersApi.Target(server));
        var events = all || call.At("2.51") ? await Events(call, server, action, all) : null;
        return Answer.Json(("instanceAction", View(action, events)));
    }

    private async Task<List<Dictionary<string, object?>>> Events(Call call, ServerRow server, InstanceAction action, bool all)
    {
        var details = call.At("2.84") && call.Can(Root + "events:details", ServersApi.Target(server));
        var events = new List<Dictionary<string, object?>>();
        foreach (var row in await operations.Timeline(server.Resource))
        {
            if (row.RequestId != action.RequestId || Name(row, action) is not { } name) continue;
            var failed = row.Message is not null && row.FinishedAt is not null;
            var view = new Dictionary<string, object?>
            {
                ["event"] = name, ["start_time"] = Wire.NoZone(row.StartedAt), ["finish_time"] = row.FinishedAt is { } end ? Wire.NoZone(end) : null,
                ["result"] = row.FinishedAt is null ? null : failed ? "Error" : "Success",
            };
            if (all) view["traceback"] = failed ? row.Message : null;
            if (call.At("2.62"))
            {
                if (all) view["host"] = server.Host;
                view["hostId"] = Server.HostId(server.ProjectId, server.Host);
            }
            if (details) view["details"] = failed ? row.Message : null;
            events.Add(view);
        }
        return events;
    }

    // One operation carries out every order about power; the action says which.
    private static string? Name(TimelineRow row, InstanceAction action) =>
        row.Kind == nameof(ChangePower) ? row.Step == "carry-out" ? $"compute_{action.Action}_instance" : null : row.Event;

    private static DateTimeOffset? Moment(Call call, string name) => call.Query[name] is not { } text ? null
        : DateTimeOffset.TryParse(text.Replace(' ', '+'), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) ? time : throw Errors.BadFilter(name);

    private static ActionView View(InstanceAction a, List<Dictionary<string, object?>>? events) =>
        new(a.Action, a.ServerId.ToString(), a.RequestId, a.UserId, a.ProjectId, Wire.NoZone(a.StartedAt), a.Message, Wire.NoZone(a.UpdatedAt), events);

    private sealed record ActionView(string Action, string InstanceUuid, string RequestId, string? UserId, string? ProjectId, string StartTime, string? Message,
        [property: Since("2.58")] string UpdatedAt, [property: OmitNull] List<Dictionary<string, object?>>? Events);
}
