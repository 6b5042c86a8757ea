using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Qemu;

/// <summary>
/// Guests as QEMU processes, one each, driven over QMP. A process outlives us; its folder says what it is, its mark whose it is.
/// This class only decides who may act on a guest when; what a verb does is in the files beside it.
/// </summary>
public sealed partial class QemuHypervisor : IHypervisor, IGuestTraces, IAsyncDisposable
{
    static readonly TimeSpan RotateEvery = TimeSpan.FromSeconds(5);
    static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<Guid, Seat> seats = new();
    readonly GuestFiles files;
    readonly Host host;
    readonly Emulators emulators;
    readonly Power power;
    readonly Cards cards;
    readonly RootCopy copies;
    readonly Counters counters;
    readonly ITimer rotation;
    readonly CancellationTokenSource closing = new();
    readonly TimeProvider time;
    readonly ILogger log;

    public QemuHypervisor(QemuOptions options, OwnerMark mark, Commands commands, TimeProvider time, ILoggerFactory loggers, Cgroups? cgroups = null)
    {
        this.time = time;
        log = loggers.CreateLogger<QemuHypervisor>();
        files = new GuestFiles(options, commands);
        host = new Host(options, commands, loggers);
        emulators = new Emulators(options, new Children(mark, loggers), cgroups ?? new Cgroups(mark, loggers), time, loggers);
        power = new Power(emulators, host, time, (seat, heard) => Heard(seat, heard));
        cards = new Cards(options, power);
        copies = new RootCopy(files, host, power, time);
        counters = new Counters(power, time);
        rotation = time.CreateTimer(_ => RotateConsoles(), null, RotateEvery, RotateEvery);
    }

    public Task<HypervisorFacts> Facts(CancellationToken ct) => host.Facts(ct);

    public async Task<IReadOnlyList<GuestState>> List(CancellationToken ct)
    {
        var found = await Task.WhenAll(files.List().Select(id => See(id, ct)));
        return [.. found.OfType<GuestState>()];
    }

    public Task<IReadOnlyList<GuestTrace>> Traces(CancellationToken ct)
    {
        var (folders, processes) = (files.Folders().ToHashSet(), emulators.Living());
        return Task.FromResult<IReadOnlyList<GuestTrace>>([.. folders.Union(processes.Keys).Order().Select(id => new GuestTrace(id, string.Join(", ", (string[])[
            .. processes.TryGetValue(id, out var process) ? (string[])[$"process {process.Pid}"] : [],
            .. folders.Contains(id) ? (string[])[$"{files.Size(id) >> 20} MiB in {files.Paths(id).Folder}"] : []])))]);
    }

    public Task Define(GuestSpec spec, CancellationToken ct) => In(spec.Id, async (seat, ct) =>
    {
        files.Check(spec);
        var known = files.Load(spec.Id);
        if (known is not null) known = (await power.Settle(seat, known, ct)).Record;
        var kept = spec with { Machine = known?.Machine ?? spec.Machine ?? await host.Machine(ct) };
        await files.Prepare(kept, (await host.Runner(ct)).User, ct);
        var record = known ?? new GuestRecord { Spec = kept, Machine = kept.Machine, Phase = Phase.Off, Reason = "host" };
        record = record with { FirmwareCode = record.FirmwareCode ?? files.FirmwareCode };
        // What runs or is saved keeps its shape until its next cold start.
        seat.Save(record.Phase == Phase.Off ? record with { Spec = kept, Next = null } : record with { Next = kept });
    }, ct);

    public Task Start(Guid guest, CancellationToken ct) => In(guest, power.Start, ct);

    public Task Stop(Guid guest, TimeSpan grace, CancellationToken ct) => In(guest, (seat, ct) => power.Stop(seat, grace, ct), ct);

    public Task Reboot(Guid guest, TimeSpan grace, CancellationToken ct) => In(guest, (seat, ct) => power.Reboot(seat, grace, ct), ct);

    public Task Pause(Guid guest, CancellationToken ct) => In(guest, power.Pause, ct);

    public Task Unpause(Guid guest, CancellationToken ct) => In(guest, power.Unpause, ct);

    public Task Suspend(Guid guest, CancellationToken ct) => In(guest, power.Suspend, ct);

    public async Task Remove(Guid guest, CancellationToken ct)
    {
        if (seats.TryGetValue(guest, out var busy)) await busy.Removal.CancelAsync();
        var seat = busy ?? seats.GetOrAdd(guest, id => new Seat(id, files));
        await seat.Gate.WaitAsync(ct);
        try
        {
            await power.Kill(seat, ct);
            files.Remove(guest);
            await seat.Removal.CancelAsync();
            seats.TryRemove(KeyValuePair.Create(guest, seat));
        }
        finally { seat.Gate.Release(); }
    }

    public Task AttachNic(Guid guest, NicSpec nic, CancellationToken ct) => In(guest, (seat, ct) => cards.Attach(seat, nic, ct), ct);

    public Task DetachNic(Guid guest, Guid port, CancellationToken ct) => In(guest, (seat, ct) => cards.Detach(seat, port, ct), ct);

    public Task<string> ConsoleText(Guid guest, CancellationToken ct) =>
        files.Load(guest) is null ? throw Errors.NoGuest(guest) : ConsoleLog.Tail(files.Paths(guest).Console, ct);

    public async Task<GuestDiagnostics> Diagnostics(Guid guest, CancellationToken ct)
    {
        GuestDiagnostics? result = null;
        await In(guest, async (seat, ct) => result = await counters.Read(seat, await host.Runner(ct), ct), ct);
        return result!;
    }

    /// <summary>Long: the guest may be stopped, paused or removed meanwhile, so the copy itself runs outside the gate.</summary>
    public async Task Snapshot(Guid guest, string targetPath, CancellationToken ct)
    {
        Func<CancellationToken, Task>? rest = null;
        await In(guest, async (seat, ct) => rest = await copies.Begin(seat, targetPath, ct), ct);
        if (rest is not null) await rest(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await rotation.DisposeAsync();
        await closing.CancelAsync();
        foreach (var (_, seat) in seats)
        {
            // Whoever comes through the gate after this does nothing: a connection made now would keep the next driver out for ever.
            await seat.Gate.WaitAsync();
            if (seat.Emulator is { } emulator) await emulator.DisposeAsync();
            seat.Gate.Release();
        }
    }

    /// <summary>Runs a verb when the guest is free; a removal cancels it. The emulator's refusals become faults here.</summary>
    async Task In(Guid guest, Func<Seat, CancellationToken, Task> verb, CancellationToken ct)
    {
        var seat = seats.GetOrAdd(guest, id => new Seat(id, files));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, seat.Removal.Token, closing.Token);
        try
        {
            await seat.Gate.WaitAsync(either.Token);
            try { await verb(seat, either.Token); }
            finally { seat.Gate.Release(); }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested && closing.IsCancellationRequested) { throw new ObjectDisposedException(nameof(QemuHypervisor)); }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested && seat.Removal.IsCancellationRequested) { throw Errors.Removed(guest); }
        catch (QmpRefused e) { throw Errors.Refused(e.Message[..e.Message.IndexOf(':', StringComparison.Ordinal)], e.Why); }
        catch (TimeoutException) { throw Errors.Unreachable(guest); }
        catch (CommandFailed e) { throw new Fault(FaultKind.Unavailable, "HostFailed", "A command on the host failed.") { AdminDetail = e.Message }; }
    }

    /// <summary>Never waits for a verb under way: then what was last known counts.</summary>
    async Task<GuestState?> See(Guid guest, CancellationToken ct)
    {
        var seat = seats.GetOrAdd(guest, id => new Seat(id, files));
        if (files.Load(guest) is not { } record) return null;
        // One that hangs must not slow down every look at the others.
        if (seat.SilentAt != 0 && time.GetElapsedTime(seat.SilentAt) < SilentFor) return Unknown();
        string? status = null;
        try
        {
            if (await seat.Gate.WaitAsync(0, ct))
            {
                try { (record, status) = await power.Settle(seat, record, ct, patient: false); }
                finally { seat.Gate.Release(); }
            }
            else if (seat.Emulator is { Connected: true } emulator) status = await emulator.Status(ct);
            seat.SilentAt = 0;
        }
        catch (Fault fault) when (fault.Name == "EmulatorUnreachable")
        {
            seat.SilentAt = time.GetTimestamp();
            return Unknown();
        }
        // Between two processes, as it were: a verb is about to say.
        if (status is null && seat.Seen is { } seen && seat.Gate.CurrentCount == 0 && record.Phase is (Phase.On or Phase.Stopping)) return seen;
        var state = Seat.Power(record, status);
        var off = state is PowerState.Shutdown or PowerState.Crashed;
        return seat.Seen = new GuestState(guest, state, off ? record.Reason : "");

        GuestState Unknown() => seat.Seen ?? new GuestState(guest, PowerState.Pending);
    }

    /// <summary>A guest that ended by itself gives its memory back at once, and the reason is written down.</summary>
    async void Heard(Seat seat, QmpEvent heard)
    {
        if (heard.Name is not ("SHUTDOWN" or "GUEST_PANICKED")) return;
        try
        {
            await In(seat.Id, async (seat, ct) => { if (files.Load(seat.Id) is { } record) await power.Settle(seat, record, ct); }, CancellationToken.None);
        }
        catch (Exception e) when (e is Fault or IOException or ObjectDisposedException) { NotSettled(log, seat.Id, e.Message); }
    }

    void RotateConsoles()
    {
        foreach (var (id, seat) in seats)
        {
            try { if (seat.Emulator is not null) ConsoleLog.Rotate(seat.Paths.Console); }
            catch (IOException e) { NotRotated(log, id, e.Message); }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The end of guest {Guest} was not recorded, the next look will: {Why}")]
    static partial void NotSettled(ILogger log, Guid guest, string why);

    [LoggerMessage(2, LogLevel.Warning, "The console of guest {Guest} was not shortened: {Why}")]
    static partial void NotRotated(ILogger log, Guid guest, string why);
}
