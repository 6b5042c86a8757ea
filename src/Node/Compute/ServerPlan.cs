using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;

namespace Nephos.Node.Compute;

/// <summary>One thing to do for a server.</summary>
internal abstract record ServerStep
{
    /// <summary>End the guest and remove all of it.</summary>
    public sealed record Remove : ServerStep;
    /// <summary>Make disks and files.</summary>
    public sealed record Define : ServerStep;
    /// <summary>Wait until the switch has these ports.</summary>
    public sealed record WaitForPorts(IReadOnlyList<Guid> Ports) : ServerStep;
    /// <summary>Plug a card.</summary>
    public sealed record Plug(NicSpec Nic) : ServerStep;
    /// <summary>Unplug a card.</summary>
    public sealed record Unplug(Guid Port) : ServerStep;
    /// <summary>Carry out an order about power.</summary>
    public sealed record Power(PowerRequest Request) : ServerStep;
}

/// <summary>
/// Decides what a server needs next. Pure. Power is an order and not a state to hold: a guest that went off by itself stays off until
/// a new order comes.
/// </summary>
internal static class ServerPlan
{
    /// <param name="item">What is wanted.</param>
    /// <param name="spec">The server's part of it; null in a tombstone.</param>
    /// <param name="record">What was done here.</param>
    /// <param name="seen">The guest on this host, or null.</param>
    /// <param name="isReady">Whether the switch has a port.</param>
    public static IReadOnlyList<ServerStep> Of(NodeItem item, ServerItem? spec, ServerRecord record, GuestState? seen, Func<Guid, bool> isReady)
    {
        if (!item.Wanted || spec is null) return [new ServerStep.Remove()];
        var steps = new List<ServerStep>();
        var isOff = seen?.Power is null or PowerState.Shutdown or PowerState.Crashed;
        var hasOrder = spec.Power.Number > record.PowerNumber;
        // Before a start the guest is defined again: cheap when nothing changed, and what could not change while it ran changes now.
        var define = seen is null || hasOrder && isOff && spec.Power.Verb is (PowerVerb.Start or PowerVerb.RebootHard or PowerVerb.RebootSoft);
        if (define) steps.Add(new ServerStep.Define());
        var nics = spec.Guest.Nics;
        var missing = nics.Where(n => !record.Ports.Contains(n.Port)).ToList();
        foreach (var port in record.Ports.Where(p => nics.All(n => n.Port != p))) steps.Add(new ServerStep.Unplug(port));
        if (!define) steps.AddRange(missing.Select(n => new ServerStep.Plug(n)));
        if (hasOrder || missing.Count > 0)
        {
            var unready = spec.Ports.Where(p => !isReady(p)).ToList();
            if (unready.Count > 0) return [.. steps.Where(s => s is ServerStep.Define or ServerStep.Unplug), new ServerStep.WaitForPorts(unready)];
        }
        if (hasOrder) steps.Add(new ServerStep.Power(spec.Power));
        return steps;
    }
}
