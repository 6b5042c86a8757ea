using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>Of the backups of a type this many stay.</summary>
internal sealed record BackupRotation(string Type, int Keep);

/// <summary>Makes an image of a server's root disk: the image's row, then the node copies and uploads. Of backups those beyond the rotation are deleted.</summary>
internal sealed class SnapshotServer(ComputeDb db, ServerTable servers, ActionTable actions, ServerEvents events, IImages images, IImageCatalog catalog, INodeQuestions questions) : Operation<SnapshotServer.State>(db)
{
    private static readonly TimeSpan CopyLimit = TimeSpan.FromMinutes(30);

    internal sealed record State(Guid Server, string Request, Guid Node, NewImage Image, BackupRotation? Rotation = null) : IStateOf<SnapshotServer>;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("image", Create, s => servers.Task(s.Server, TaskState.ImageUploading), Undo: Delete),
        new("copy", Copy) { Event = "compute_snapshot_instance", WaitsFor = "the node to upload the image", Deadline = TimeSpan.FromHours(1) },
        new("rotate", Rotate, Done),
    ];

    private async Task<State?> Create(State s, OperationContext c)
    {
        await images.Create(s.Image, c.Epoch, c.Cancel);
        return s;
    }

    private async Task<bool> Delete(State s, OperationContext c)
    {
        await images.Delete(s.Image.Id, c.Epoch, c.Cancel);
        return true;
    }

    private async Task<State?> Copy(State s, OperationContext c)
    {
        // Asked again after a crash: what is there already is not copied twice.
        if (await images.Get([s.Image.Id], c.Cancel) is [{ Status: "active" }]) return s;
        await questions.Ask(s.Node, "snapshot", s.Server, s.Image.Id.ToString(), CopyLimit, c.Cancel);
        return s;
    }

    // Only images of the same project: properties are anybody's to write.
    private async Task<State?> Rotate(State s, OperationContext c)
    {
        if (s.Rotation is not { } rotation) return s;
        var query = new Dictionary<string, string>
        {
            ["image_type"] = "backup", ["backup_type"] = rotation.Type, ["instance_uuid"] = s.Server.ToString(), ["owner"] = s.Image.ProjectId, ["visibility"] = "all", ["limit"] = "1000",
        };
        // The newest come first.
        foreach (var old in (await catalog.List(Caller.Nephos, query, c.Cancel)).Skip(rotation.Keep))
        {
            try { await catalog.Delete(Caller.Nephos, old.Id, c.Cancel); }
            // Protected, or gone: as upstream, the others go all the same.
            catch (Fault fault) when (fault.Kind is FaultKind.Forbidden or FaultKind.NotFound) { }
        }
        return s;
    }

    private async Task Done(State s)
    {
        await servers.Task(s.Server, null);
        await actions.End(s.Server, s.Request);
        await events.Append(s.Server, "snapshot.end");
    }

    protected override async Task Failed(State s, OperationFailure f)
    {
        await servers.Task(s.Server, null);
        await actions.End(s.Server, s.Request, failed: true);
    }
}
