using Nephos.Compute.InstanceActions;
using Nephos.Compute.Scheduling;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>Builds a server: claims a host, makes its ports, orders the guest of the node, waits until it runs. Another host is tried when one cannot build it.</summary>
internal sealed class CreateServer(ComputeDb db, ServerTable servers, ActionTable actions, ServerEvents events, Placing placing, IPlacement placement, INetworks networks, NodeItems<ComputeDb> items)
    : Operation<CreateServer.State>(db)
{
    private const int MaxAttempts = 3;
    private static readonly TimeSpan WireLimit = TimeSpan.FromSeconds(10);

    internal sealed record State(Guid Server, string Request, PlannedNic[] Nics, Guid[]? Groups, string? ForcedHost, Guid[] DifferentHost, Guid[] SameHost,
        NodePlace? Place = null, NicView[]? Views = null, int Attempt = 0, string[]? TriedHosts = null, string? LastError = null) : IStateOf<CreateServer>
    {
        public string[] Tried => TriedHosts ?? [];
        /// <summary>A start on another host is a new order.</summary>
        public long Order => Attempt + 1;
    }

    protected override IReadOnlyList<Step> Steps =>
    [
        new("schedule", Claim, s => servers.Place(s.Server, s.Place!), Undo: GiveBack) { Deadline = TimeSpan.FromMinutes(2) },
        new("ports", MakePorts, SavePorts, Undo: TakePorts, Retry: AnotherHost) { Deadline = TimeSpan.FromMinutes(3) },
        new("spawn", Order, SaveOrder, Undo: Remove),
        new("boot", Boot, Running, Retry: AnotherHost) { Event = "compute__do_build_and_run_instance", WaitsFor = "the node to start the guest", Deadline = TimeSpan.FromMinutes(15) },
    ];

    private async Task<State?> Claim(State s, OperationContext c) => s with { Place = await placing.Claim(await Row(s), s, c) };

    private async Task<bool> GiveBack(State s, OperationContext c)
    {
        await placement.Release(s.Server, c.Epoch, c.Cancel);
        return true;
    }

    private async Task<State?> MakePorts(State s, OperationContext c)
    {
        var server = await Row(s);
        var (place, owner) = (s.Place!, $"compute:{s.Place!.Zone}");
        var views = new List<NicView>();
        foreach (var nic in s.Nics)
        {
            var port = nic.Ours
                ? await networks.EnsurePort(new NewPort
                {
                    Id = nic.Port, Epoch = c.Epoch, Network = nic.Network!.Value, ProjectId = server.ProjectId, Device = server.Id, DeviceOwner = owner,
                    Node = place.Node, Address = nic.Address, Groups = s.Groups, DnsName = server.Hostname,
                }, c.Cancel)
                : await networks.Bind(nic.Port, server.Id, owner, place.Node, c.Epoch, c.Cancel);
            views.Add(GuestPlan.View(port) with { Ours = nic.Ours });
        }
        return s with { Views = [.. views] };
    }

    private async Task SavePorts(State s)
    {
        await servers.SetNetworks(s.Server, s.Views!);
        await servers.Task(s.Server, TaskState.Spawning);
    }

    private async Task<bool> TakePorts(State s, OperationContext c)
    {
        foreach (var nic in s.Nics)
        {
            if (nic.Ours) await networks.DeletePort(nic.Port, c.Epoch, c.Cancel);
            else await networks.Unbind(nic.Port, s.Server, c.Cancel);
        }
        return true;
    }

    private async Task<State?> Order(State s, OperationContext c)
    {
        var server = await Row(s) with { PowerNumber = s.Order, PowerVerb = PowerVerb.Start };
        var ports = await networks.Ports([.. s.Nics.Select(n => n.Port)], c.Cancel);
        await items.Want(s.Place!.Node, NodeItemKinds.Server, s.Server, GuestPlan.Of(server, ports));
        return s;
    }

    private Task SaveOrder(State s) => servers.Ordered(s.Server, s.Order, PowerVerb.Start);

    private async Task<bool> Remove(State s, OperationContext c)
    {
        var node = s.Place!.Node;
        await items.Unwant(node, NodeItemKinds.Server, s.Server);
        // Only the node's word lets another host begin (rule 7).
        return await items.Find(node, NodeItemKinds.Server, s.Server) is not { } item || item.IsGone;
    }

    private async Task<State?> Boot(State s, OperationContext c)
    {
        if (await items.Find(s.Place!.Node, NodeItemKinds.Server, s.Server) is not { } item) return null;
        if (item.Error is { } error && item.ObservedGeneration >= item.Generation) throw Errors.BuildFailed(error, s.Place.Host);
        if (item.Server() is not { } seen || seen.PowerNumber < s.Order) return null;
        if (seen.PowerError is { } why) throw Errors.BuildFailed(why, s.Place.Host);
        return await Wired(s, item, c) ? s : null;
    }

    // Clients look at the ports as soon as the server is active. A port that is down on purpose is not waited for longer than this.
    private async Task<bool> Wired(State s, NodeItemRow item, OperationContext c) =>
        Db.Now - item.ObservedAt > WireLimit || (await networks.Ports([.. s.Nics.Select(n => n.Port)], c.Cancel)).All(p => p.Status == "ACTIVE");

    private async Task Running(State s)
    {
        await servers.Launched(s.Server);
        await actions.End(s.Server, s.Request);
        await events.Append(s.Server, "create.end");
    }

    private (string, State)? AnotherHost(State s, Fault fault) => s.Attempt + 1 >= MaxAttempts || s.ForcedHost is not null || fault.Kind is not (FaultKind.Internal or FaultKind.Unavailable)
        ? null
        : ("schedule", s with { Attempt = s.Attempt + 1, Place = null, Views = null, TriedHosts = [.. s.Tried, s.Place!.Host], LastError = fault.Message });

    protected override async Task Failed(State s, OperationFailure f)
    {
        await servers.Fail(s.Server, VmState.Error, ServerFaults.Of(f.Fault, Db.Now));
        await servers.SetNetworks(s.Server, []);
        if (f.Left.Count == 0) await servers.Unplaced(s.Server);
        await actions.End(s.Server, s.Request, failed: true);
        await events.Append(s.Server, "create.error");
    }

    protected override Task Preempted(State s) => actions.End(s.Server, s.Request, failed: true);

    private async Task<ServerRow> Row(State s) => await servers.Find(s.Server) ?? throw Errors.ServerNotFound(s.Server.ToString());
}
