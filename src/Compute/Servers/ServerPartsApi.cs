using System.Text.Json;
using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Api;
using Nephos.Kernel.Operations;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

/// <summary>What belongs to a server besides: addresses, password, diagnostics, migrations, images made of it.</summary>
internal sealed class ServerPartsApi(ComputeDb db, ServerTable servers, ActionTable actions, INodeQuestions questions, Operations<ComputeDb> operations)
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
        server.Action("createImage", CreateImage).Returns(202).Policy("os_compute_api:servers:create_image", Rule.ProjectMemberOrAdmin, "Create an image of a server").Body(() => ServerSchemas.CreateImage).Fails(409);
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

    private async Task<Answer> CreateImage(Call call, ServerRow server)
    {
        var body = call.Json.GetProperty("createImage");
        Server.RequireUnlocked(server, call.Caller.HasRole("admin"));
        Server.Require(server, "createImage", Server.Snapshotable);
        if (server.NodeId is not { } node) throw Errors.NotReady(server.Id);
        var image = new NewImage(NewId.Uuid(), body.GetProperty("name").GetString()!.Trim(), call.Caller.ProjectId ?? server.ProjectId, call.Caller.UserId, "qcow2", "bare",
            server.Flavor.RootGb, server.Image?.MinRam ?? 0, Properties(server, body));
        try
        {
            await db.InTransaction(async () =>
            {
                if (!await servers.Begin(server, TaskState.ImageSnapshot)) throw Errors.Busy(server.Id);
                await actions.Start(server.Id, "createImage", call);
                await operations.Start(server.Resource, new SnapshotServer.State(server.Id, call.RequestId, node, image));
            });
        }
        catch (DuplicateOperation) { throw Errors.Busy(server.Id); }
        return call.At("2.45") ? Answer.Json(("image_id", image.Id.ToString())) : Answer.Empty.With("Location", $"{call.Urls.Of("image")}/images/{image.Id}");
    }

    // What the image was made of, and what it needs to boot again.
    private static Dictionary<string, string> Properties(ServerRow server, JsonElement body)
    {
        var properties = new Dictionary<string, string>(server.Image?.Properties ?? [], StringComparer.Ordinal)
        {
            ["image_type"] = "snapshot", ["instance_uuid"] = server.Id.ToString(), ["user_id"] = server.UserId, ["base_image_ref"] = server.ImageId?.ToString() ?? "",
        };
        foreach (var (key, value) in body.Part("metadata")?.Texts() ?? []) properties[key] = value;
        return properties;
    }

    private sealed record Address(int Version, string Addr);
}
