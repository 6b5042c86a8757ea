using System.Text.Json;
using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Api;
using Nephos.Kernel.Operations;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

/// <summary>Actions on a server: power, lock, state, console, security groups.</summary>
internal sealed class ServerActionsApi(ComputeDb db, ServerTable servers, ActionTable actions, INetworks networks, ServerSync sync, INodeQuestions questions, Operations<ComputeDb> operations)
{
    private static readonly TimeSpan ConsoleLimit = TimeSpan.FromSeconds(20);

    public void Map(RouteGroup g)
    {
        var server = g.Member("/servers/{server_id}", ServersApi.Member(servers));
        Power(server, "os-start", "os_compute_api:servers:start", PowerAction.Start);
        Power(server, "os-stop", "os_compute_api:servers:stop", PowerAction.Stop);
        Power(server, "pause", "os_compute_api:os-pause-server:pause", PowerAction.Pause);
        Power(server, "unpause", "os_compute_api:os-pause-server:unpause", PowerAction.Unpause);
        Power(server, "suspend", "os_compute_api:os-suspend-server:suspend", PowerAction.Suspend);
        Power(server, "resume", "os_compute_api:os-suspend-server:resume", PowerAction.Resume);
        server.Action("reboot", Reboot).Returns(202).Policy("os_compute_api:servers:reboot", Rule.ProjectMemberOrAdmin, "Reboot a server").Body(() => ServerSchemas.Reboot).Fails(409);
        server.Action("lock", Lock).Returns(202).Policy("os_compute_api:os-lock-server:lock", Rule.ProjectMemberOrAdmin, "Lock a server").Body(() => ServerSchemas.Lock);
        server.Action("unlock", Unlock).Returns(202).Policy("os_compute_api:os-lock-server:unlock", Rule.ProjectMemberOrAdmin, "Unlock a server").Body(() => Types.NoArguments("unlock"))
            .Also("os_compute_api:os-lock-server:unlock:unlock_override", Rule.Admin, "Unlock a server that somebody else locked");
        server.Action("os-resetState", ResetState).Returns(202).Policy("os_compute_api:os-admin-actions:reset_state", Rule.Admin, "Reset the state of a server").Body(() => ServerSchemas.ResetState);
        server.Action("os-getConsoleOutput", Console).Policy("os_compute_api:os-console-output", Rule.ProjectMemberOrAdmin, "Show the console output of a server").Body(() => ServerSchemas.Console).Fails(409);
        server.Action("addSecurityGroup", (c, s) => ChangeGroup(c, s, "addSecurityGroup")).Returns(202)
            .Policy("os_compute_api:os-security-groups:add", Rule.ProjectMemberOrAdmin, "Add a security group to a server").Body(() => ServerSchemas.AddGroup).Fails(409);
        server.Action("removeSecurityGroup", (c, s) => ChangeGroup(c, s, "removeSecurityGroup")).Returns(202)
            .Policy("os_compute_api:os-security-groups:remove", Rule.ProjectMemberOrAdmin, "Remove a security group from a server").Body(() => ServerSchemas.RemoveGroup).Fails(409);
    }

    private void Power(MemberGroup<ServerRow> server, string name, string policy, PowerAction action) =>
        server.Action(name, (call, row) => Order(call, row, action)).Returns(202).Policy(policy, Rule.ProjectMemberOrAdmin, $"{char.ToUpperInvariant(action.Action[0])}{action.Action[1..]} a server")
            .Body(() => Types.NoArguments(name)).Fails(409);

    private Task<Answer> Reboot(Call call, ServerRow server) =>
        Order(call, server, call.Json.GetProperty("reboot").GetProperty("type").GetString()!.Equals("HARD", StringComparison.OrdinalIgnoreCase) ? PowerAction.HardReboot : PowerAction.SoftReboot);

    private async Task<Answer> Order(Call call, ServerRow server, PowerAction action)
    {
        Server.RequireUnlocked(server, call.Caller.HasRole("admin"));
        Server.Require(server, action.Action, action.From, action.Tasks);
        if (server.NodeId is not { } node) throw Errors.NotReady(server.Id);
        try
        {
            await db.InTransaction(async () =>
            {
                if (!await servers.Begin(server, action.Task)) throw Errors.Busy(server.Id);
                var number = await servers.Order(server.Id, action.Verb);
                await actions.Start(server.Id, action.Action, call);
                await operations.Start(server.Resource, new ChangePower.State(server.Id, call.RequestId, action.Name, number, node));
            });
        }
        catch (DuplicateOperation) { throw Errors.Busy(server.Id); }
        return Answer.Empty;
    }

    private async Task<Answer> Lock(Call call, ServerRow server)
    {
        // Locked by an administrator stays so, whoever locks again.
        var by = server.LockedBy == "admin" || call.Caller.ProjectId != server.ProjectId ? "admin" : "owner";
        var reason = call.At("2.73") ? call.Json.Part("lock")?.Text("locked_reason") : null;
        await Record(call, server, "lock", () => servers.Lock(server.Id, by, reason));
        return Answer.Empty;
    }

    private async Task<Answer> Unlock(Call call, ServerRow server)
    {
        if (server.LockedBy == "admin" && call.Caller.ProjectId != server.ProjectId) call.Authorize("os_compute_api:os-lock-server:unlock:unlock_override", ServersApi.Target(server));
        else if (server.LockedBy == "admin" && !call.Caller.HasRole("admin")) call.Authorize("os_compute_api:os-lock-server:unlock:unlock_override", ServersApi.Target(server));
        await Record(call, server, "unlock", () => servers.Lock(server.Id, null, null));
        return Answer.Empty;
    }

    private async Task<Answer> ResetState(Call call, ServerRow server)
    {
        var state = call.Json.GetProperty("os-resetState").GetProperty("state").GetString()!;
        await servers.Settle(server.Id, state, server.PowerState);
        return Answer.Empty;
    }

    private Task Record(Call call, ServerRow server, string action, Func<Task> change) => db.InTransaction(async () =>
    {
        await change();
        await actions.Start(server.Id, action, call);
    });

    private async Task<Answer> Console(Call call, ServerRow server)
    {
        if (server.NodeId is not { } node) throw Errors.NotReady(server.Id);
        JsonElement answer;
        try { answer = await questions.Ask(node, "console", server.Id, null, ConsoleLimit, call.Cancel); }
        catch (Fault fault) when (fault.Kind is FaultKind.Conflict) { throw Errors.NoConsole(server.Id); }
        var text = answer.GetString() ?? "";
        // Lines from the end; -1 and nothing mean all.
        if (call.Json.GetProperty("os-getConsoleOutput").Part("length") is { } length && int.TryParse(length.ToString(), out var lines) && lines >= 0) text = Tail(text, lines);
        return Answer.Json(("output", text));
    }

    private static string Tail(string text, int lines)
    {
        // As upstream counts: after a line feed at the end there is one more, empty line.
        var all = text.Split('\n');
        return string.Join('\n', all.Skip(Math.Max(0, all.Length - lines)));
    }

    private async Task<Answer> ChangeGroup(Call call, ServerRow server, string action)
    {
        var name = call.Json.GetProperty(action).GetProperty("name").GetString()!.Trim();
        if (name.Length == 0) throw Errors.EmptyGroupName();
        var found = await networks.SecurityGroups(server.ProjectId, [name], call.Cancel);
        if (found.Count == 0) throw Errors.SecurityGroupNotFound(name, server.ProjectId);
        var ids = found.Select(f => f.Id).ToList();
        var ports = await networks.PortsOf([server.Id], call.Cancel);
        if (ports.Count == 0) throw Errors.NoPortsForGroups(server.Id);
        if (action == "removeSecurityGroup" && ports.All(p => p.Groups.All(x => !ids.Contains(x.Id)))) throw Errors.GroupNotOnServer(name, server.Id);
        await networks.SetGroups(server.Id, action == "addSecurityGroup" ? ids : [], action == "addSecurityGroup" ? [] : ids, call.Cancel);
        await sync.Refresh([server.Id], call.Cancel);
        return Answer.Empty;
    }
}
