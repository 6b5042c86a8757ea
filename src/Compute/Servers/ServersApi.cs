using System.Globalization;
using Nephos.Compute.Hypervisors;
using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Operations;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

internal sealed class ServersApi(ComputeDb db, ServerTable servers, NewServer newServer, ActionTable actions, NodeTable nodes, Operations<ComputeDb> operations, Quotas<ComputeDb> quotas, TimeProvider time)
{
    private const string ExtendedAttributes = "os_compute_api:os-extended-server-attributes";
    private const string FlavorExtraSpecs = "os_compute_api:servers:show:flavor-extra-specs";
    private const string HostStatus = "os_compute_api:servers:show:host_status";

    public void Map(RouteGroup g)
    {
        g.Get("/servers", List).Policy("os_compute_api:servers:index", Rule.ProjectReaderOrAdmin, "List servers").Query(() => ServerQueries.List).Fails(400)
            .Also("os_compute_api:servers:index:get_all_tenants", Rule.Admin, "List servers of all projects");
        Looking(g.Get("/servers/detail", Detail).Policy("os_compute_api:servers:detail", Rule.ProjectReaderOrAdmin, "List servers in detail").Query(() => ServerQueries.List).Fails(400)
            .Also("os_compute_api:servers:detail:get_all_tenants", Rule.Admin, "List servers of all projects in detail"));
        g.Post("/servers", Create).Returns(202).Policy("os_compute_api:servers:create", Rule.ProjectMember, "Create a server").Body(() => ServerSchemas.Create).Fails(409)
            .Also(NewServer.AttachNetwork, Rule.ProjectMember, "Create a server on networks of one's choice")
            .Also(NewServer.ForcedHost, Rule.Admin, "Create a server on a host (zone:host:node)")
            .Also(NewServer.RequestedDestination, Rule.Admin, "Create a server on a host, checked by the scheduler")
            .Also(NewServer.TrustedCerts, Rule.ProjectMember, "Create a server with trusted certificates")
            .Also(NewServer.ZeroDisk, Rule.Admin, "Create a server with a flavor without disk");

        var server = g.Member("/servers/{server_id}", Member(servers));
        Looking(server.Get("", Show).Policy("os_compute_api:servers:show", Rule.ProjectReaderOrAdmin, "Show a server"));
        Looking(server.Put("", Update).Policy("os_compute_api:servers:update", Rule.ProjectMemberOrAdmin, "Update a server").Body(() => ServerSchemas.Update));
        server.Delete("", Delete).Policy("os_compute_api:servers:delete", Rule.ProjectMemberOrAdmin, "Delete a server").Fails(409);
        server.Action("forceDelete", Delete).Returns(202).Policy("os_compute_api:os-deferred-delete:force", Rule.ProjectMemberOrAdmin, "Force delete a server")
            .Body(() => Types.NoArguments("forceDelete")).Fails(409);
    }

    /// <summary>The server named in a path; those of other projects are absent for all but administrators.</summary>
    public static MemberOf<ServerRow> Member(ServerTable servers) => new(
        async call => await servers.Find(call["server_id"]) is { } row && (row.ProjectId == call.Caller.ProjectId || call.Caller.HasRole("admin")) ? row : null,
        call => Errors.ServerNotFound(call["server_id"]), Target);

    /// <summary>A server for policies.</summary>
    public static PolicyTarget Target(ServerRow server) => PolicyTarget.OfProject(server.ProjectId, server.UserId);

    public static void Looking(Route route) => route
        .Also(ExtendedAttributes, Rule.Admin, "See hosts and other inner attributes of servers")
        .Also(FlavorExtraSpecs, Rule.ProjectReaderOrAdmin, "See extra specs of a server's flavor")
        .Also(HostStatus, Rule.Admin, "See the state of a server's host");

    private static ServerLook Look(Call call, PolicyTarget? target, bool withGroups = false) => new(call.Version, call.ServiceUrl,
        call.Path.StartsWith("/v2.1", StringComparison.Ordinal) ? "v2.1" : "v2", call.Caller.HasRole("admin"), call.Can(ExtendedAttributes, target), call.Can(FlavorExtraSpecs, target), call.Can(HostStatus, target), withGroups);

    private async Task<Answer> List(Call call)
    {
        var (rows, links) = await Read(call, "servers", "os_compute_api:servers:index:get_all_tenants");
        return Answer.Json(("servers", rows.Select(r => ServerEntry.Of(r, call))), ("servers_links", links));
    }

    private async Task<Answer> Detail(Call call)
    {
        var (rows, links) = await Read(call, "servers/detail", "os_compute_api:servers:detail:get_all_tenants");
        var look = Look(call, null);
        var status = look.HostStatus && look.At(16) ? await Statuses(rows) : [];
        return Answer.Json(("servers", rows.Select(r => new ServerView(r, look, StatusOf(status, r)))), ("servers_links", links));
    }

    private async Task<(IReadOnlyList<ServerRow>, Link[]?)> Read(Call call, string path, string allPolicy)
    {
        var all = ServerList.AllTenants(call);
        if (all) call.Authorize(allPolicy);
        var paging = Paging.Of(call);
        if (ServerList.Of(call, paging, all) is not { } list || paging.Limit == 0) return ([], null);
        var page = await servers.List(list);
        return (page.Items, Link.Next(call, path, paging.Limit, page.Items.Count, () => page.Items[^1].Id.ToString()));
    }

    private async Task<Answer> Show(Call call, ServerRow server) => Answer.Json(("server", await View(call, server, withGroups: true)));

    /// <summary>A server with everything the caller may see; answers to changes were shorter before 2.75.</summary>
    public async Task<ServerView> View(Call call, ServerRow server, bool withGroups, bool isChange = false)
    {
        var look = Look(call, Target(server), withGroups);
        if (isChange && !look.At(75)) look = look with { Brief = true, Extended = false, HostStatus = false };
        return new ServerView(server, look, look.HostStatus && look.At(16) ? StatusOf(await Statuses([server]), server) : "");
    }

    private async Task<Dictionary<Guid, string>> Statuses(IReadOnlyList<ServerRow> rows) =>
        (await nodes.Of([.. rows.Select(r => r.NodeId).OfType<Guid>().Distinct()])).ToDictionary(n => n.Id, n => n.HostStatus(time.GetUtcNow()));

    private static string StatusOf(Dictionary<Guid, string> statuses, ServerRow row) => row.NodeId is { } node ? statuses.GetValueOrDefault(node, "UNKNOWN") : "";

    private async Task<Answer> Create(Call call)
    {
        if (call.Caller.ProjectId is null) throw Errors.NoProject();
        var order = await newServer.Read(call);
        var made = await Start(call, order);
        if (call.Json.GetProperty("server").Flag("return_reservation_id")) return Answer.Json(("reservation_id", order.Row.ReservationId));
        var id = made.Id.ToString();
        var groups = call.Json.GetProperty("server").Part("security_groups")?.EnumerateArray().Select(s => new GroupName(s.Text("name") ?? "")).ToArray() ?? [new GroupName("default")];
        return Answer.Json(("server", new NewServerView(id, Link.Of(call, "servers", id), made.AutoDiskConfig ? "AUTO" : "MANUAL", groups, order.Password)))
            .With("Location", Link.Of(call, "servers", id)[0].Href);
    }

    /// <summary>Writes rows and starts their operations, as many as the quota lets, all or none below the minimum.</summary>
    private async Task<ServerRow> Start(Call call, ServerOrder order)
    {
        for (var count = order.Max; ;)
        {
            try { return await db.InTransaction(() => Insert(call, order, count)); }
            catch (QuotaExceeded e)
            {
                var fits = e.Over.Min(o => (int)Math.Max(0, (o.Limit - o.Used) / Math.Max(1, o.Asked / count)));
                if (fits < order.Min) throw Short(e.Over, order.Min, count);
                count = Math.Min(fits, count - 1);
            }
        }
    }

    private static Fault Short(IReadOnlyList<QuotaShort> over, int min, int count)
    {
        string Join(Func<QuotaShort, long> number) => string.Join(", ", over.Select(o => number(o).ToString(CultureInfo.InvariantCulture)));
        return Errors.QuotaExceeded(string.Join(", ", over.Select(o => o.Resource)), Join(o => o.Asked / count * min), Join(o => o.Used), Join(o => o.Limit));
    }

    private async Task<ServerRow> Insert(Call call, ServerOrder order, int count)
    {
        var flavor = order.Row.Flavor;
        await quotas.Take(order.Row.ProjectId, new Dictionary<string, long> { ["instances"] = count, ["cores"] = (long)count * flavor.Vcpus, ["ram"] = (long)count * flavor.MemoryMb });
        ServerRow? first = null;
        for (var i = 0; i < count; i++)
        {
            var (row, start) = order.Nth(i, count, await db.Counters.Next("instance"));
            await servers.Insert(row);
            await actions.Start(row.Id, "create", call);
            await operations.Start(row.Resource, start);
            first ??= row;
        }
        return first!;
    }

    private async Task<Answer> Update(Call call, ServerRow server)
    {
        var body = call.Json.GetProperty("server");
        var changed = server with
        {
            Name = body.Text("name")?.Trim() ?? server.Name,
            Description = call.At("2.19") && body.TryGetProperty("description", out _) ? body.Text("description") : server.Description,
            Hostname = (call.At("2.90") ? body.Text("hostname") : null) ?? server.Hostname,
            AccessIpV4 = body.Text("accessIPv4") ?? server.AccessIpV4,
            AccessIpV6 = Server.Address(body.Text("accessIPv6")) ?? server.AccessIpV6,
            AutoDiskConfig = body.Text("OS-DCF:diskConfig") is { } disk ? disk == "AUTO" : server.AutoDiskConfig,
            UpdatedAt = time.GetUtcNow(),
        };
        await servers.Update(server.Id, changed.Name, changed.Description, changed.Hostname, changed.AccessIpV4, changed.AccessIpV6, changed.AutoDiskConfig);
        return Answer.Json(("server", await View(call, changed, withGroups: call.At("2.71"), isChange: true)));
    }

    private async Task<Answer> Delete(Call call, ServerRow server)
    {
        Server.RequireUnlocked(server, call.Caller.HasRole("admin"));
        await db.InTransaction(async () =>
        {
            // An earlier delete may have ended since this call found the server.
            if (!await servers.Task(server.Id, TaskState.Deleting)) throw Errors.ServerNotFound(server.Id.ToString());
            if (await operations.RequestDelete(server.Resource, new DeleteServer.State(server.Id, call.RequestId))) await actions.Start(server.Id, "delete", call);
        });
        return Answer.Empty;
    }

    private sealed record GroupName(string Name);

    private sealed record NewServerView(string Id, Link[] Links,
        [property: Kernel.Api.Views.Named("OS-DCF:diskConfig")] string DiskConfig, GroupName[] SecurityGroups, [property: Kernel.Api.Views.Named("adminPass")] string AdminPass);
}
