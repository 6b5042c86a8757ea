using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.FloatingIps;

/// <summary>nova's old proxies of Network's floating addresses (until 2.35), and the actions that put one before a server (until 2.43).</summary>
internal sealed class FloatingIpsApi(IFloatingIps floating, ServerTable servers, ServerSync sync)
{
    private const string Root = "os_compute_api:os-floating-ips:";

    public void Map(RouteGroup g)
    {
        g.Get("/os-floating-ip-pools", Pools).Until("2.35").Policy("os_compute_api:os-floating-ip-pools", Rule.Anyone, "List pools of floating addresses");
        g.Get("/os-floating-ips", List).Until("2.35").Policy(Root + "list", Rule.ProjectReaderOrAdmin, "List floating addresses");
        g.Post("/os-floating-ips", Create).Until("2.35").Policy(Root + "create", Rule.ProjectMemberOrAdmin, "Take a floating address").Fails(400, 403, 404);
        g.Get("/os-floating-ips/{id}", Show).Until("2.35").Policy(Root + "show", Rule.ProjectReaderOrAdmin, "Show a floating address").Fails(400, 404);
        g.Delete("/os-floating-ips/{id}", Delete).Until("2.35").Returns(202).Policy(Root + "delete", Rule.ProjectMemberOrAdmin, "Give a floating address back").Fails(400, 404);
        var server = g.Member("/servers/{server_id}", ServersApi.Member(servers));
        server.Action("addFloatingIp", Add).Until("2.43").Returns(202).Policy(Root + "add", Rule.ProjectMemberOrAdmin, "Put a floating address before a server").Body(() => ServerSchemas.AddFloatingIp).Fails(400, 404);
        server.Action("removeFloatingIp", Remove).Until("2.43").Returns(202).Policy(Root + "remove", Rule.ProjectMemberOrAdmin, "Take a floating address from a server").Body(() => ServerSchemas.RemoveFloatingIp).Fails(404, 409);
    }

    private async Task<Answer> Pools(Call call) => Answer.Json(("floating_ip_pools", (await floating.Pools(call.Cancel)).Select(p => new { Name = NameOf(p) })));

    private async Task<Answer> List(Call call) => Answer.Json(("floating_ips", (await floating.List(call.Caller, call.Cancel)).Select(FloatingIpView.Of)));

    private async Task<Answer> Show(Call call) => Answer.Json(("floating_ip", FloatingIpView.Of(await Find(call))));

    private async Task<Answer> Create(Call call)
    {
        var asked = call.Json.ValueKind == JsonValueKind.Object ? call.Json.Text("pool") : null;
        var pool = await Pool(call, asked);
        try { return Answer.Json(("floating_ip", FloatingIpView.Of(await floating.Allocate(call.Caller, pool, call.Cancel)))); }
        catch (Fault fault) when (fault.Kind is FaultKind.Conflict) { throw fault.Name == "OverQuota" ? Errors.FloatingQuota(asked) : Errors.NoFloatingLeft(asked); }
    }

    private async Task<Answer> Delete(Call call)
    {
        var found = await Find(call);
        await floating.Release(call.Caller, found.Id, call.Cancel);
        await sync.Refresh(Servers(found.DeviceId), call.Cancel);
        return Answer.Empty;
    }

    private async Task<Answer> Add(Call call, ServerRow server)
    {
        var body = call.Json.GetProperty("addFloatingIp");
        var (address, wanted) = (body.Text("address")!, body.Text("fixed_address"));
        var (port, inside) = Inside(server, address, wanted);
        if (await At(call, address) is not { } found) throw Errors.NoFloatingAt();
        try { await floating.Associate(call.Caller, found.Id, port, inside, call.Cancel); }
        catch (Fault fault) when (fault.Kind is FaultKind.Conflict or FaultKind.NotFound or FaultKind.Invalid) { throw Errors.FloatingRefused(address, inside, server.Id, fault.Message); }
        // What servers show of their addresses is true at once; another one may have lost this.
        await sync.Refresh([server.Id, .. Servers(found.DeviceId)], call.Cancel);
        return Answer.Empty;
    }

    private async Task<Answer> Remove(Call call, ServerRow server)
    {
        var address = call.Json.GetProperty("removeFloatingIp").Text("address")!;
        if (await At(call, address) is not { } found) throw Errors.NoFloatingAt();
        if (found.DeviceId != server.Id.ToString()) throw Errors.FloatingNotOnServer(address, server.Id);
        await floating.Associate(call.Caller, found.Id, null, null, call.Cancel);
        await sync.Refresh([server.Id], call.Cancel);
        return Answer.Empty;
    }

    // The address behind it: the one asked for, else the first of IPv4.
    private static (Guid Port, string Address) Inside(ServerRow server, string address, string? wanted)
    {
        var all = server.Networks.SelectMany(n => n.Addresses.Select(a => (n.Port, a.Address))).ToList();
        if (all.Count == 0) throw Errors.NoFixedAddress();
        var index = wanted is null
            ? all.FindIndex(a => IPAddress.TryParse(a.Address, out var ip) && ip.AddressFamily == AddressFamily.InterNetwork)
            : all.FindIndex(a => a.Address == wanted);
        return index >= 0 ? all[index] : throw (wanted is null ? Errors.NoFixedIpv4(address, server.Id) : Errors.FixedAddressNotOnServer());
    }

    private async Task<Guid> Pool(Call call, string? name)
    {
        var all = await floating.Pools(call.Cancel);
        // Upstream's default is a pool called nova; here the only one there is.
        var found = string.IsNullOrEmpty(name) ? all : [.. all.Where(p => p.Name == name || p.Id.ToString() == name)];
        return found.Count switch { 1 => found[0].Id, 0 => throw Errors.PoolNotFound(), _ => throw Errors.PoolAmbiguous(name) };
    }

    private async Task<FloatingIpFacts> Find(Call call)
    {
        var id = call["id"];
        return Guid.TryParse(id, out var known) && await floating.Find(call.Caller, known, call.Cancel) is { } found ? found : throw Errors.FloatingNotFound(id);
    }

    private async Task<FloatingIpFacts?> At(Call call, string address) => await floating.At(call.Caller, address, call.Cancel) switch
    {
        [] => null,
        [var only] => only,
        _ => throw Errors.FloatingAmbiguous(address),
    };

    private static Guid[] Servers(string? device) => Guid.TryParse(device, out var id) ? [id] : [];

    private static string NameOf(NetworkName pool) => pool.Name.Length > 0 ? pool.Name : pool.Id.ToString();

    private sealed record FloatingIpView(string Id, string Ip, string Pool, string? FixedIp, string? InstanceId)
    {
        public static FloatingIpView Of(FloatingIpFacts f) => new(f.Id.ToString(), f.Address, f.Pool, f.FixedAddress, f.DeviceId);
    }
}
