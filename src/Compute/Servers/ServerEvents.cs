using Nephos.Kernel.Convergence;

namespace Nephos.Compute.Servers;

/// <summary>Writes what happened to servers into the event log under upstream's notification types (rule 34), as the last thing in the transaction of the change.</summary>
internal sealed class ServerEvents(ServerTable servers, EventLog<ComputeDb> log)
{
    /// <param name="server">The server; it may have been deleted in this transaction.</param>
    /// <param name="what"><c>create.end</c>: what follows <c>compute.instance.</c></param>
    public async Task Append(Guid server, string what)
    {
        if (await servers.FindDeletedToo(server.ToString()) is not { } row) return;
        await log.Append(new NewEvent($"compute.instance.{what}", row.Resource, new Payload(row.Id, row.ProjectId, row.UserId, row.Name, row.VmState, row.Host, row.AvailabilityZone,
            row.Flavor.Name, row.Flavor.Vcpus, row.Flavor.MemoryMb, row.Flavor.RootGb, row.ImageId, row.CreatedAt, row.LaunchedAt, row.DeletedAt))
        { ProjectId = row.ProjectId });
    }

    private sealed record Payload(Guid InstanceId, string TenantId, string UserId, string DisplayName, string State, string? Host, string? AvailabilityZone,
        string InstanceType, int Vcpus, int MemoryMb, int RootGb, Guid? ImageRef, DateTimeOffset CreatedAt, DateTimeOffset? LaunchedAt, DateTimeOffset? DeletedAt);
}
