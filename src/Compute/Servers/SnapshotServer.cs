using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>Makes an image of a server's root disk: the image's row, then the node copies and uploads.</summary>
internal sealed class SnapshotServer(ComputeDb db, ServerTable servers, ActionTable actions, ServerEvents events, IImages images, INodeQuestions questions) : Operation<SnapshotServer.State>(db)
{
    private static readonly TimeSpan CopyLimit = TimeSpan.FromMinutes(30);

    internal sealed record State(Guid Server, string Request, Guid Node, NewImage Image) : IStateOf<SnapshotServer>;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("image", Create, s => servers.Task(s.Server, TaskState.ImageUploading), Undo: Delete),
        new("copy", Copy, Done) { Event = "compute_snapshot_instance", WaitsFor = "the node to upload the image", Deadline = TimeSpan.FromHours(1) },
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
