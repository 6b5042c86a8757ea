using System.Text.Json;
using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Operations;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Servers;

/// <summary>Images made of a server: snapshots, and backups, of which the newest few of each type stay. Locked servers too: nothing of them changes.</summary>
internal sealed class SnapshotsApi(ComputeDb db, ServerTable servers, ActionTable actions, IImages images, Operations<ComputeDb> operations, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public void Map(RouteGroup g)
    {
        var server = g.Member("/servers/{server_id}", ServersApi.Member(servers));
        server.Action("createImage", CreateImage).Returns(202).Policy("os_compute_api:servers:create_image", Rule.ProjectMemberOrAdmin, "Create an image of a server").Body(() => ServerSchemas.CreateImage).Fails(403, 409, 413);
        server.Action("createBackup", CreateBackup).Returns(202).Policy("os_compute_api:os-create-backup", Rule.ProjectMemberOrAdmin, "Create a backup of a server").Body(() => ServerSchemas.CreateBackup).Fails(403, 409, 413);
    }

    private async Task<Answer> CreateImage(Call call, ServerRow server)
    {
        var body = call.Json.GetProperty("createImage");
        var image = await Make(call, server, "createImage", TaskState.ImageSnapshot, Image(call, server, body, new() { ["image_type"] = "snapshot" }), null);
        return call.At("2.45") ? Answer.Json(("image_id", image.ToString())) : Answer.Empty.With("Location", $"{call.Urls.Of("image")}/images/{image}");
    }

    private async Task<Answer> CreateBackup(Call call, ServerRow server)
    {
        var body = call.Json.GetProperty("createBackup");
        var (type, rotation) = (body.Text("backup_type")!, body.Whole("rotation"));
        var image = await Make(call, server, "createBackup", TaskState.ImageBackup, Image(call, server, body, new() { ["image_type"] = "backup", ["backup_type"] = type }), new(type, rotation));
        return call.At("2.45") ? Answer.Json(("image_id", image.ToString()))
            : rotation > 0 ? Answer.Empty.With("Location", Link.Of(call, "images", image.ToString())[0].Href) : Answer.Empty;
    }

    private async Task<Guid> Make(Call call, ServerRow server, string action, string task, NewImage image, BackupRotation? rotation)
    {
        Server.Require(server, action, Server.Snapshotable);
        if (server.NodeId is not { } node) throw Errors.NotReady(server.Id);
        try
        {
            await db.InTransaction(async () =>
            {
                if (!await servers.Begin(server, task)) throw Errors.Busy(server.Id);
                await actions.Start(server.Id, action, call);
                await operations.Start(server.Resource, new SnapshotServer.State(server.Id, call.RequestId, node, image, rotation));
            });
        }
        catch (DuplicateOperation) { throw Errors.Busy(server.Id); }
        await Appeared(image.Id, server.Resource, call.Cancel);
        return image.Id;
    }

    // Clients ask Image for it as soon as they have its id; and a quota of images is refused here.
    private async Task Appeared(Guid image, string resource, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while ((await images.Get([image], ct)).Count == 0 && time.GetElapsedTime(began) < Patience)
        {
            if (!await operations.IsLive(resource))
            {
                if ((await operations.Of(resource)).LastOrDefault() is { Kind: nameof(SnapshotServer), Failure: { } fault }) throw fault;
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, ct);
        }
    }

    // What the image was made of, and what it needs to boot again.
    private static NewImage Image(Call call, ServerRow server, JsonElement body, Dictionary<string, string> kind)
    {
        var metadata = body.Part("metadata")?.Texts() ?? [];
        if (!call.At("2.39") && metadata.Count > ServerMetadata.Limit) throw Errors.TooMuchImageMetadata();
        var properties = new Dictionary<string, string>(server.Image?.Properties ?? [], StringComparer.Ordinal);
        (properties["instance_uuid"], properties["user_id"], properties["base_image_ref"]) = (server.Id.ToString(), server.UserId, server.ImageId?.ToString() ?? "");
        foreach (var (key, value) in kind.Concat(metadata)) properties[key] = value;
        return new NewImage(NewId.Uuid(), body.GetProperty("name").GetString()!.Trim(), call.Caller.ProjectId ?? server.ProjectId, call.Caller.UserId, "qcow2", "bare",
            server.Flavor.RootGb, server.Image?.MinRam ?? 0, properties);
    }
}
