using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;
using Nephos.Node.Network;
using Nephos.Node.Storage;

namespace Nephos.Node.Compute;

/// <summary>
/// Keeps this host's servers as ordered and tells what it sees. One pass looks at all guests; a server that needs something is worked
/// on by itself, so that a slow boot holds up nobody, and never by two at once.
/// </summary>
internal sealed partial class ServerLoop : IDisposable
{
    private readonly DesiredItems _desired;
    private readonly Reports _reports;
    private readonly IHypervisor _hypervisor;
    private readonly NetworkLoop _network;
    private readonly ServerRecords _records;
    private readonly GuestBuilder _builder;
    private readonly NodeOptions _options;
    private readonly ILogger<ServerLoop> _log;
    private readonly CrashHook _crash;
    private readonly Nudged _nudged = new();
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentDictionary<Guid, Work> _working = [];
    private readonly ConcurrentDictionary<Guid, string> _reported = [];

    public ServerLoop(DesiredItems desired, Reports reports, IHypervisor hypervisor, NetworkLoop network, ServerRecords records, GuestBuilder builder, NodeOptions options, ILogger<ServerLoop> log)
    {
        (_desired, _reports, _hypervisor, _network, _records, _builder, _options, _log) = (desired, reports, hypervisor, network, records, builder, options, log);
        _crash = new CrashHook(options.AllowCrash);
        _slots = new SemaphoreSlim(options.ParallelGuests);
        network.PortsReady += Nudge;
    }

    public void Nudge() => _nudged.Nudge();

    public void Dispose() => _slots.Dispose();

    public async Task Run(CancellationToken ct)
    {
        await _nudged.Run(_options.GuestPeriod, Pass, ct);
        await Task.WhenAll(_working.Values.Select(w => w.Over.Task));
    }

    private async Task Pass(CancellationToken ct)
    {
        if (!_desired.Complete) return;
        try
        {
            var guests = (await _hypervisor.List(ct)).ToDictionary(g => g.Id);
            foreach (var item in _desired.Of(NodeItemKinds.Server))
            {
                if (_working.TryGetValue(item.Id, out var busy))
                {
                    // Who is to go need not first boot to the end, or be given a minute to shut down.
                    if (!item.Wanted && busy.IsWanted) await busy.Stop.CancelAsync();
                    continue;
                }
                var seen = guests.GetValueOrDefault(item.Id);
                var spec = Spec(item);
                var record = _records.Of(item.Id);
                var steps = ServerPlan.Of(item, spec, record, seen, _network.IsReady);
                if (steps.Count == 0) Tell(item, seen, record, null);
                else if (steps is [ServerStep.WaitForPorts]) Tell(item, seen, record, "ports");
                else Begin(item, spec, steps, ct);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException) { LogPass(_log, e); }
    }

    private void Begin(NodeItem item, ServerItem? spec, IReadOnlyList<ServerStep> steps, CancellationToken ct)
    {
        var work = new Work(item.Wanted, CancellationTokenSource.CreateLinkedTokenSource(ct), new(TaskCreationOptions.RunContinuationsAsynchronously));
        _working[item.Id] = work;
        _ = Finish();

        async Task Finish()
        {
            await Task.Yield();
            try { await WorkOn(item, spec, steps, work.Stop.Token); }
            catch (OperationCanceledException) { }
            finally
            {
                _working.TryRemove(item.Id, out _);
                work.Stop.Dispose();
                work.Over.SetResult();
                if (!ct.IsCancellationRequested) Nudge();
            }
        }
    }

    private async Task WorkOn(NodeItem item, ServerItem? spec, IReadOnlyList<ServerStep> steps, CancellationToken ct)
    {
        await _slots.WaitAsync(ct);
        try
        {
            foreach (var step in steps) await Do(item, spec, step, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogServer(_log, e, item.Id);
            var text = e is Fault ? e.Message : $"The host failed: {e.Message}";
            var seen = (await _hypervisor.List(ct)).FirstOrDefault(g => g.Id == item.Id);
            _reported.TryRemove(item.Id, out _);
            _reports.Add(new Observed(item.Kind, item.Id, item.Generation, item.Wanted || seen is not null, text, State(seen, _records.Of(item.Id), null)));
            // The next pass tries again: whether that still makes sense is the controller's decision.
            await Task.Delay(TimeSpan.FromSeconds(1), ct);
        }
        finally { _slots.Release(); }
    }

    private async Task Do(NodeItem item, ServerItem? spec, ServerStep step, CancellationToken ct)
    {
        var name = step.GetType().Name;
        _crash.At("Node", name, "before");
        var note = await Act(item, spec, step, ct);
        _crash.At("Node", name, "inside");
        note();
        _crash.At("Node", name, "after");
    }

    /// <summary>Does it to the guest; gives what is to be written down of it.</summary>
    private async Task<Action> Act(NodeItem item, ServerItem? spec, ServerStep step, CancellationToken ct)
    {
        var record = _records.Of(item.Id);
        switch (step)
        {
            case ServerStep.Remove:
                await _hypervisor.Remove(item.Id, ct);
                return () => Removed(item);
            case ServerStep.Define:
                var bases = await _builder.Define(spec!, phase => Tell(item, null, record, phase), ct);
                return () => _records.Save(record with { Generation = item.Generation, Ports = [.. spec!.Guest.Nics.Select(n => n.Port)], Bases = bases });
            case ServerStep.Plug plug:
                await _hypervisor.AttachNic(item.Id, plug.Nic, ct);
                return () => _records.Save(record with { Ports = [.. record.Ports, plug.Nic.Port] });
            case ServerStep.Unplug unplug:
                await _hypervisor.DetachNic(item.Id, unplug.Port, ct);
                return () =>
                {
                    _records.Save(record with { Ports = [.. record.Ports.Where(p => p != unplug.Port)] });
                    _network.Nudge();
                };
            case ServerStep.Power power:
                if (power.Request.Verb == PowerVerb.Start) Tell(item, null, record, "starting");
                var error = await CarryOut(item.Id, power.Request, ct);
                return () => _records.Save(_records.Of(item.Id) with { Generation = item.Generation, PowerNumber = power.Request.Number, PowerError = error });
            default:
                return () => { };
        }
    }

    private void Removed(NodeItem item)
    {
        _records.Remove(item.Id);
        _builder.Forget(item.Id);
        _desired.CarriedOut(item);
        _reported.TryRemove(item.Id, out _);
        _reports.Add(new Observed(item.Kind, item.Id, item.Generation, Present: false));
        // Their taps may go now.
        _network.Nudge();
    }

    private async Task<string?> CarryOut(Guid id, PowerRequest request, CancellationToken ct)
    {
        var grace = TimeSpan.FromSeconds(request.GraceSeconds);
        try
        {
            await (request.Verb switch
            {
                PowerVerb.Start or PowerVerb.Resume => _hypervisor.Start(id, ct),
                PowerVerb.Stop => _hypervisor.Stop(id, grace, ct),
                PowerVerb.RebootSoft => _hypervisor.Reboot(id, grace, ct),
                PowerVerb.RebootHard => _hypervisor.Reboot(id, TimeSpan.Zero, ct),
                PowerVerb.Pause => _hypervisor.Pause(id, ct),
                PowerVerb.Unpause => _hypervisor.Unpause(id, ct),
                PowerVerb.Suspend => _hypervisor.Suspend(id, ct),
                _ => Task.CompletedTask,
            });
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogPower(_log, e, request.Verb, id);
            return e is Fault ? e.Message : $"{request.Verb} failed on the host: {e.Message}";
        }
    }

    /// <summary>Reports a server unless the very same was reported before.</summary>
    private void Tell(NodeItem item, GuestState? seen, ServerRecord record, string? phase)
    {
        var state = State(seen, record, phase);
        // While a guest is being built its generation does not count as carried out yet.
        var generation = phase is null && record.PowerNumber >= (Spec(item)?.Power.Number ?? 0) ? item.Generation : Math.Max(0, item.Generation - 1);
        var text = $"{generation} {state.GetRawText()}";
        if (_reported.TryGetValue(item.Id, out var last) && last == text) return;
        _reported[item.Id] = text;
        _reports.Add(new Observed(item.Kind, item.Id, generation, Present: seen is not null || phase is not null, State: state));
    }

    private static ServerItem? Spec(NodeItem item) => item.Spec is { } spec ? StoredJson.Read<ServerItem>(spec) : null;

    private static JsonElement State(GuestState? seen, ServerRecord record, string? phase) => StoredJson.Element(
        new ServerObserved(seen?.Power ?? PowerState.Pending, seen?.Reason ?? "", record.PowerNumber, record.PowerError, record.Ports, phase));

    /// <summary>What is being done for a server, and whether it was wanted when that began.</summary>
    private sealed record Work(bool IsWanted, CancellationTokenSource Stop, TaskCompletionSource Over);

    [LoggerMessage(1, LogLevel.Error, "A pass over the guests of this host failed")]
    private static partial void LogPass(ILogger log, Exception e);
    [LoggerMessage(2, LogLevel.Error, "Server {Server} could not be made as ordered")]
    private static partial void LogServer(ILogger log, Exception e, Guid server);
    [LoggerMessage(3, LogLevel.Error, "{Verb} of server {Server} failed")]
    private static partial void LogPower(ILogger log, Exception e, PowerVerb verb, Guid server);
}
