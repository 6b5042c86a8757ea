using Nephos.Contracts.Link;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

/// <summary>What belongs to a server besides: addresses, password, diagnostics, migrations.</summary>
internal sealed class ServerPartsApi(ServerTable servers, INodeQuestions questions)
{
    private static readonly TimeSpan DiagnosticsLimit = TimeSpan.FromSeconds(20);

    public void Map(RouteGroup g)
    {
        var server = g.Member("/servers/{server_id}", ServersApi.Member(servers));
        server.Get("/ips", Addresses).Policy("os_compute_api:ips:index", Rule.ProjectReaderOrAdmin, "List addresses of a server");
        server.Get("/ips/{network}", AddressesOn).Policy("os_compute_api:ips:show", Rule.ProjectReaderOrAdmin, "List addresses of a server on a network");
        server.Get("/os-server-password", (_, s) => Task.FromResult(Answer.Json(("password", s.Password))))
            .Policy("os_compute_api:os-server-password:show", Rule.ProjectReaderOrAdmin, "Show the encrypted password of a server");
        server.Delete("/os-server-password", ClearPassword).Policy("os_compute_api:os-server-password:clear", Rule.ProjectMemberOrAdmin, "Clear the encrypted password of a server");
        server.Get("/diagnostics", Diagnostics).Policy("os_compute_api:os-server-diagnostics", Rule.Admin, "Show diagnostics of a server").Fails(400, 409);
        server.Get("/migrations", (_, _) => Task.FromResult(Answer.Json(("migrations", Array.Empty<string>())))).Since("2.23")
            .Policy("os_compute_api:servers:migrations:index", Rule.ProjectManagerOrAdmin, "List migrations of a server under way");
        server.Get("/migrations/{id}", (c, s) => throw Errors.MigrationNotFound(c["id"], s.Id)).Since("2.23")
            .Policy("os_compute_api:servers:migrations:show", Rule.Admin, "Show a migration of a server under way");
        g.Get("/os-migrations", _ => Task.FromResult(Answer.Json(("migrations", Array.Empty<string>())))).Policy("os_compute_api:os-migrations:index", Rule.ProjectManagerOrAdmin, "List migrations");
    }

    private static Task<Answer> Addresses(Call call, ServerRow server) => Task.FromResult(Answer.Json(("addresses", ByNetwork(server))));

    private static Task<Answer> AddressesOn(Call call, ServerRow server) => ByNetwork(server).TryGetValue(call["network"], out var addresses)
        ? Task.FromResult(Answer.Json((call["network"], addresses))) : throw Errors.NotOnNamedNetwork();

    private static Dictionary<string, List<Address>> ByNetwork(ServerRow server) => server.Networks.GroupBy(n => n.Name).ToDictionary(n => n.Key,
        n => n.SelectMany(x => x.Addresses).SelectMany(a => (string?[])[a.Address, a.Floating]).OfType<string>().Select(a => new Address(ServerJson.VersionOf(a), a)).ToList());

    private async Task<Answer> ClearPassword(Call call, ServerRow server)
    {
        await servers.SetPassword(server.Id, "");
        return Answer.Empty;
    }

    private async Task<Answer> Diagnostics(Call call, ServerRow server)
    {
        if (server.NodeId is not { } node) throw Errors.NotReady(server.Id);
        if (server.VmState != VmState.Active) throw Errors.InvalidState("get_diagnostics", server.Id, "vm_state", server.VmState);
        var answer = await questions.Ask(node, "diagnostics", server.Id, null, DiagnosticsLimit, call.Cancel);
        return Answer.JsonValue(DiagnosticsView.Of(answer, call.At("2.48"), server, call.Caller.HasRole("admin")));
    }

    private sealed record Address(int Version, string Addr);
}
