using Nephos.Compute.InstanceActions;
using Nephos.Compute.KeyPairs;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

/// <summary>Rebuild: the same server with fresh disks, perhaps of another image.</summary>
internal sealed class RebuildApi(ComputeDb db, ServerTable servers, ActionTable actions, NewServer newServer, Personality personality, KeyPairTable keys, ServersApi views, Operations<ComputeDb> operations)
{
    private static readonly string[] From = [VmState.Active, VmState.Stopped, VmState.Error];

    public void Map(RouteGroup g) => ServersApi.Looking(g.Member("/servers/{server_id}", ServersApi.Member(servers)).Action("rebuild", Rebuild).Returns(202)
        .Policy("os_compute_api:servers:rebuild", Rule.ProjectMemberOrAdmin, "Rebuild a server").Body(() => ServerSchemas.Rebuild).Fails(409)
        .Also("os_compute_api:servers:rebuild:trusted_certs", Rule.ProjectMemberOrAdmin, "Rebuild a server with trusted certificates"));

    private async Task<Answer> Rebuild(Call call, ServerRow server)
    {
        var body = call.Json.GetProperty("rebuild");
        Server.RequireUnlocked(server, call.Caller.HasRole("admin"));
        Server.Require(server, "rebuild", From);
        if (server.NodeId is not { } node) throw Errors.NotReady(server.Id);
        if (body.Part("trusted_image_certificates") is not null)
        {
            call.Authorize("os_compute_api:servers:rebuild:trusted_certs", ServersApi.Target(server));
            throw Errors.NoTrustedCertificates();
        }
        var changed = await newServer.WithImage(server, Guid.Parse(body.Text("imageRef")!), call.Caller, call.Cancel) with
        {
            Name = body.Text("name")?.Trim() ?? server.Name,
            Description = body.TryGetProperty("description", out _) ? body.Text("description") : server.Description,
            Hostname = body.Text("hostname") ?? server.Hostname,
            UserData = body.TryGetProperty("user_data", out _) ? body.Text("user_data") : server.UserData,
            InjectedFiles = await personality.Read(body, server.ProjectId),
            AccessIpV4 = body.Text("accessIPv4") ?? server.AccessIpV4,
            AccessIpV6 = Server.Address(body.Text("accessIPv6")) ?? server.AccessIpV6,
            AutoDiskConfig = body.Text("OS-DCF:diskConfig") is { } disk ? disk == "AUTO" : server.AutoDiskConfig,
            Metadata = body.Part("metadata") is { } metadata ? new(metadata.Texts(), StringComparer.Ordinal) : server.Metadata,
        };
        if (changed.Metadata.Count > ServerMetadata.Limit) throw Errors.TooManyMetadata(ServerMetadata.Limit);
        if (body.TryGetProperty("key_name", out _))
        {
            var key = body.Text("key_name") is { } name ? await keys.Find(call.Caller.UserId, name) ?? throw Errors.BadKeyName() : null;
            changed = changed with { KeyName = key?.Name, KeyData = key?.PublicKey, KeyType = key?.Type };
        }
        try
        {
            await db.InTransaction(async () =>
            {
                if (!await servers.Begin(server, TaskState.Rebuilding)) throw Errors.Busy(server.Id);
                await servers.Rebuild(changed, server.PowerNumber + 1);
                await actions.Start(server.Id, "rebuild", call);
                await operations.Start(server.Resource, new RebuildServer.State(server.Id, call.RequestId, node, server.PowerNumber + 1, server.VmState == VmState.Stopped));
            });
        }
        catch (DuplicateOperation) { throw Errors.Busy(server.Id); }
        var view = await views.View(call, (await servers.Find(server.Id))!, withGroups: call.At("2.71"), isChange: true);
        return Answer.Json(("server", view with { AdminPass = body.Text("adminPass") ?? Server.NewPassword() })).With("Location", Link.Of(call, "servers", server.Id.ToString())[0].Href);
    }
}
