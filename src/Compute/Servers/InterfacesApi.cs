using System.Text.Json;
using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Operations;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

/// <summary>Network cards of a server: os-interface, and the older addFixedIp and removeFixedIp.</summary>
internal sealed class InterfacesApi(ComputeDb db, ServerTable servers, ActionTable actions, INetworks networks, ServerSync sync, NetworkPlan plan, Operations<ComputeDb> operations, TimeProvider time)
{
    private const string Root = "os_compute_api:os-attach-interfaces:";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public void Map(RouteGroup g)
    {
        var cards = g.Member("/servers/{server_id}/os-interface", ServersApi.Member(servers));
        cards.Get("", List).Policy(Root + "list", Rule.ProjectReaderOrAdmin, "List network cards of a server");
        cards.Post("", Attach).Policy(Root + "create", Rule.ProjectMemberOrAdmin, "Attach a network card to a server").Body(() => ServerSchemas.AttachInterface, optional: true).Fails(409, 500);
        cards.Get("/{port_id}", Show).Policy(Root + "show", Rule.ProjectReaderOrAdmin, "Show a network card of a server");
        cards.Delete("/{port_id}", Detach).Returns(202).Policy(Root + "delete", Rule.ProjectMemberOrAdmin, "Detach a network card from a server").Fails(409);
        var server = g.Member("/servers/{server_id}", ServersApi.Member(servers));
        server.Action("addFixedIp", AddAddress).Until("2.43").Returns(202).Policy("os_compute_api:os-multinic:add", Rule.ProjectMemberOrAdmin, "Add an address to a server").Body(() => ServerSchemas.AddFixedIp).Fails(409);
        server.Action("removeFixedIp", RemoveAddress).Until("2.43").Returns(202).Policy("os_compute_api:os-multinic:remove", Rule.ProjectMemberOrAdmin, "Remove an address from a server").Body(() => ServerSchemas.RemoveFixedIp).Fails(409);
    }

    private async Task<Answer> List(Call call, ServerRow server) =>
        Answer.Json(("interfaceAttachments", GuestPlan.Ordered(server, await networks.PortsOf([server.Id], call.Cancel)).Select(p => View(p, server))));

    private async Task<Answer> Show(Call call, ServerRow server) => Answer.Json(("interfaceAttachment", View(await Port(call, server), server)));

    private async Task<PortFacts> Port(Call call, ServerRow server) =>
        Guid.TryParse(call["port_id"], out var id) && await networks.Ports([id], call.Cancel) is [var port] && port.DeviceId == server.Id.ToString() ? port : throw Errors.InterfaceNotFound(server.Id, call["port_id"]);

    private async Task<Answer> Attach(Call call, ServerRow server)
    {
        var body = call.Json.ValueKind == JsonValueKind.Object ? call.Json.Part("interfaceAttachment") : null;
        var (network, port, address) = (body?.Text("net_id"), body?.Text("port_id"), body?.Part("fixed_ips")?[0].Text("ip_address"));
        if (network is not null && port is not null) throw Errors.NetworkAndPort();
        if (address is not null && network is null) throw Errors.AddressWithoutNetwork();
        Server.RequireUnlocked(server, call.Caller.HasRole("admin"));
        Server.Require(server, "attach_interface", Server.Pluggable);
        var asked = network is null && port is null ? null : (JsonElement?)JsonSerializer.SerializeToElement(new[] { new Dictionary<string, string?> { ["uuid"] = network, ["port"] = port, ["fixed_ip"] = address } });
        var planned = (await plan.Plan(asked, call.Caller, 1, call.Cancel)) is [var only] ? only : throw Errors.NoNetworkToAttach();
        var card = planned with { Port = planned.Ours ? NewId.Uuid() : planned.Port, Tag = call.At("2.49") ? body?.Text("tag") : null };
        var resource = $"{server.Resource}/port/{card.Port}";
        await db.InTransaction(async () =>
        {
            await actions.Start(server.Id, "attach_interface", call);
            if (card.Tag is not null) await servers.SetNicTags(server.Id, new(server.NicTags) { [card.Port] = card.Tag });
            await operations.Start(resource, new AttachInterface.State(server.Id, call.RequestId, server.NodeId!.Value, card));
        });
        await Ended(resource, call.Cancel);
        return await networks.Ports([card.Port], call.Cancel) is [var made] && made.DeviceId == server.Id.ToString()
            ? Answer.Json(("interfaceAttachment", View(made, (await servers.Find(server.Id))!))) : throw Errors.AttachFailed(await Why(resource));
    }

    private async Task<Answer> Detach(Call call, ServerRow server)
    {
        var port = await Port(call, server);
        Server.RequireUnlocked(server, call.Caller.HasRole("admin"));
        Server.Require(server, "detach_interface", Server.Pluggable);
        try
        {
            await db.InTransaction(async () =>
            {
                await actions.Start(server.Id, "detach_interface", call);
                await operations.Start($"{server.Resource}/port/{port.Id}", new DetachInterface.State(server.Id, call.RequestId, server.NodeId!.Value, port.Id, port.MadeForServer));
            });
        }
        catch (DuplicateOperation) { throw Errors.Busy(server.Id); }
        return Answer.Empty;
    }

    private async Task<Answer> AddAddress(Call call, ServerRow server)
    {
        var text = call.Json.GetProperty("addFixedIp").GetProperty("networkId").ToString();
        Server.Require(server, "addFixedIp", Server.Pluggable);
        if (!Guid.TryParse(text, out var network) || server.Networks.All(n => n.Network != network)) throw Errors.NotOnNetwork(server.Id, text);
        return await ChangeAddress(call, server, network, null);
    }

    private async Task<Answer> RemoveAddress(Call call, ServerRow server)
    {
        var address = call.Json.GetProperty("removeFixedIp").GetProperty("address").GetString()!;
        Server.Require(server, "removeFixedIp", Server.Pluggable);
        if (!server.Networks.Any(n => n.Addresses.Any(a => a.Address == address))) throw Errors.AddressNotOnServer(address, server.Id);
        return await ChangeAddress(call, server, null, address);
    }

    private async Task<Answer> ChangeAddress(Call call, ServerRow server, Guid? add, string? remove)
    {
        await networks.ChangeAddress(server.Id, add, remove, call.Cancel);
        await sync.Refresh([server.Id], call.Cancel);
        return Answer.Empty;
    }

    // Upstream answers when the card is there; the operation goes on by itself if the client does not wait.
    private async Task Ended(string resource, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while (await operations.IsLive(resource) && time.GetElapsedTime(began) < Patience) await Task.Delay(TimeSpan.FromMilliseconds(20), time, ct);
    }

    private async Task<string> Why(string resource) => (await operations.Of(resource)).LastOrDefault()?.Failure?.Message ?? "";

    private static InterfaceView View(PortFacts port, ServerRow server) => new(port.NetworkId.ToString(), port.Id.ToString(), port.Mac, port.Status,
        [.. port.Addresses.Select(a => new FixedIp(a.SubnetId.ToString(), a.Address))], server.NicTags.GetValueOrDefault(port.Id));

    private sealed record FixedIp(string SubnetId, string IpAddress);
    private sealed record InterfaceView(string NetId, string PortId, string MacAddr, string PortState, FixedIp[] FixedIps, [property: Since("2.70")] string? Tag);
}
