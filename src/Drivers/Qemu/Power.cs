using Nephos.Contracts;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Qemu;

/// <summary>
/// Starting and ending guests. The record is written before and after each step that matters, so that whoever finds the guest after
/// a crash of ours knows whether its end was asked for and whether its saved memory is still good.
/// </summary>
sealed class Power(Emulators emulators, Host host, TimeProvider time, Action<Seat, QmpEvent> heard)
{
    /// <summary>A guest that boots does not hear its power button yet; it is pressed again.</summary>
    static readonly TimeSpan PressAgain = TimeSpan.FromSeconds(5);

    /// <summary>How long a verb waits for an emulator that does not answer.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Finds the emulator, also one from an earlier life or with a broken connection, and writes down what ended by itself.</summary>
    public async Task<(GuestRecord Record, string? Status)> Settle(Seat seat, GuestRecord record, CancellationToken ct, bool patient = true)
    {
        var status = await Look(seat, ct, patient) is { } emulator ? await emulator.Status(ct) : null;
        // A cold start forgets saved memory before anything else: where there is some, it was being restored and is still good.
        if (status is null && record.Phase == Phase.Starting && File.Exists(seat.Paths.SavedState))
            return (seat.Save(record with { Phase = Phase.Suspended }), null);
        var reason = (status, record.Phase) switch
        {
            (null, Phase.Off or Phase.Suspended) => null,
            (null, Phase.Stopping) => "host",
            (null, _) => "killed",
            ("shutdown", Phase.Stopping) => "host",
            ("shutdown", _) => "guest",
            ("internal-error" or "guest-panicked", _) => "crash",
            _ => null,
        };
        if (reason is null) return (record, status);
        await Kill(seat, ct);
        return (seat.Save(record with { Phase = Phase.Off, Reason = reason, StartedAt = null }), null);
    }

    /// <summary>The emulator of a guest that has one, else null.</summary>
    /// <exception cref="Contracts.Fault">It has one, and it does not answer.</exception>
    async Task<Emulator?> Look(Seat seat, CancellationToken ct, bool patient = true)
    {
        if (seat.Emulator is { } known)
        {
            if (known.Connected && known.Alive) return known;
            seat.Emulator = null;
            await known.DisposeAsync();
        }
        if (!seat.Searched)
        {
            seat.Process = emulators.Find(seat.Id, seat.Paths);
            seat.Searched = true;
        }
        if (seat.Process is not { Alive: true } process) return null;
        return seat.Emulator = await emulators.Adopt(seat.Id, process, seat.Paths, patient ? Patience : TimeSpan.FromSeconds(1), e => heard(seat, e), ct)
            ?? (process.Alive ? throw Errors.Unreachable(seat.Id) : null);
    }

    public async Task Start(Seat seat, CancellationToken ct)
    {
        var (record, status) = await Settle(seat, seat.Record(), ct);
        switch (status)
        {
            case "running":
                if (record.Phase != Phase.On) seat.Save(record with { Phase = Phase.On, Reason = "" });
                return;
            case null:
                await Launch(seat, record, ct);
                return;
            case "prelaunch" or "inmigrate" or "finish-migrate":
                // An earlier life of ours was interrupted while it started it. Its saved memory, if any, is still good.
                await Kill(seat, ct);
                await Launch(seat, File.Exists(seat.Paths.SavedState) ? record with { Phase = Phase.Suspended } : record with { Phase = Phase.Off }, ct);
                return;
            case "paused" when record.Phase == Phase.Starting:
                await Continue(seat, record, ct);
                return;
        }
    }

    public async Task Stop(Seat seat, TimeSpan grace, CancellationToken ct)
    {
        var (record, status) = await SettleOrSilent(seat, ct);
        if (status is null && record.Phase == Phase.Off) return;
        if (status == "running" && grace > TimeSpan.Zero)
        {
            record = seat.Save(record with { Phase = Phase.Stopping });
            await PoweredOff(seat, grace, ct);
        }
        await TurnOff(seat, record, ct);
    }

    public async Task Reboot(Seat seat, TimeSpan grace, CancellationToken ct)
    {
        var (record, status) = await SettleOrSilent(seat, ct);
        if (status == "running" && grace > TimeSpan.Zero && await PoweredOff(seat, grace, ct) && record.Next is null)
        {
            await seat.Emulator!.Do("system_reset", ct);
            await seat.Emulator.Do("cont", ct);
            seat.Save(record with { Phase = Phase.On, Reason = "", StartedAt = time.GetUtcNow() });
            return;
        }
        await Launch(seat, await TurnOff(seat, record, ct), ct);
    }

    public async Task Pause(Seat seat, CancellationToken ct)
    {
        var (_, status) = await Settle(seat, seat.Record(), ct);
        if (status == "running") await seat.Emulator!.Do("stop", ct);
        else if (status != "paused") throw Errors.NotRunning(seat.Id, "paused");
    }

    public async Task Unpause(Seat seat, CancellationToken ct)
    {
        var (_, status) = await Settle(seat, seat.Record(), ct);
        if (status is null) throw Errors.NotRunning(seat.Id, "unpaused");
        if (status != "running") await seat.Emulator!.Do("cont", ct);
    }

    public async Task Suspend(Seat seat, CancellationToken ct)
    {
        var (record, status) = await Settle(seat, seat.Record(), ct);
        if (record.Phase == Phase.Suspended && status is null) return;
        if (status is not { } before) throw Errors.NotRunning(seat.Id, "suspended");
        var emulator = seat.Emulator!;
        var user = (await host.Runner(ct)).User;
        await emulator.Do("stop", ct);
        try { await SavedMemory.Save(emulator, seat.Paths, user, time, ct); }
        catch
        {
            if (before == "running" && emulator.Alive) await emulator.Do("cont", CancellationToken.None);
            throw;
        }
        seat.Save(record with { Phase = Phase.Suspended, Reason = "", StartedAt = null });
        await Kill(seat, ct);
    }

    /// <summary>Ends the emulator, if there is one: politely, then by force. Returns when its process is gone.</summary>
    public async Task Kill(Seat seat, CancellationToken ct)
    {
        Emulator? emulator = null;
        try { emulator = await Look(seat, ct); }
        catch (Fault fault) when (fault.Name == "EmulatorUnreachable") { /* Then without asking. */ }
        if (seat.Process is { Alive: true } process) await End(seat, process, emulator, ct);
        await emulators.Clear(seat.Id, ct);
    }

    async Task End(Seat seat, Child process, Emulator? emulator, CancellationToken ct)
    {
        if (emulator is not null)
        {
            await emulator.Quit(time, ct);
            await process.Ended(TimeSpan.FromSeconds(5), time, ct);
        }
        process.Kill();
        if (!await process.Ended(TimeSpan.FromSeconds(20), time, ct)) throw new IOException($"process {process.Pid} does not end, even when killed");
        (seat.Process, seat.Emulator) = (null, null);
        if (emulator is not null) await emulator.DisposeAsync();
    }

    /// <summary>For verbs that end the emulator anyway: one that does not answer is no obstacle.</summary>
    async Task<(GuestRecord Record, string? Status)> SettleOrSilent(Seat seat, CancellationToken ct)
    {
        var record = seat.Record();
        try { return await Settle(seat, record, ct); }
        catch (Fault fault) when (fault.Name == "EmulatorUnreachable") { return (record, "silent"); }
    }

    async Task<GuestRecord> TurnOff(Seat seat, GuestRecord record, CancellationToken ct)
    {
        // Written first: should we die between, its end was ours.
        record = seat.Save(record with { Phase = seat.Process is null ? Phase.Off : Phase.Stopping, Reason = "host" });
        await Kill(seat, ct);
        SavedMemory.Forget(seat.Paths);
        return record.Phase == Phase.Off ? record : seat.Save(record with { Phase = Phase.Off, StartedAt = null });
    }

    /// <summary>Presses the power button; true once the guest is off.</summary>
    async Task<bool> PoweredOff(Seat seat, TimeSpan grace, CancellationToken ct)
    {
        var emulator = seat.Emulator!;
        var began = time.GetTimestamp();
        for (var left = grace; left > TimeSpan.Zero; left = grace - time.GetElapsedTime(began))
        {
            var off = emulator.Expect(e => e.Name == "SHUTDOWN", left < PressAgain ? left : PressAgain, ct);
            try
            {
                await emulator.Do("system_powerdown", ct);
                await off;
            }
            catch (TimeoutException) { continue; }
            catch (IOException) { return false; }
            return await emulator.Status(ct) == "shutdown";
        }
        return false;
    }

    async Task Launch(Seat seat, GuestRecord before, CancellationToken ct)
    {
        var restore = before.Phase == Phase.Suspended && File.Exists(seat.Paths.SavedState);
        var record = before;
        if (!restore)
        {
            SavedMemory.Forget(seat.Paths);
            var slots = Slots.Assign(before.Wanted, before.Slots);
            record = before with { Spec = before.Wanted, Next = null, Slots = slots, Ports = Slots.Count(slots) };
        }
        var runner = await host.Runner(ct);
        ConsoleLog.Rotate(seat.Paths.Console);
        record = seat.Save(record with { Phase = Phase.Starting, Reason = "" });
        try
        {
            var line = CommandLine.Build(record, seat.Paths, runner.Accelerator, restore);
            seat.Emulator = await emulators.Start(record.Spec, seat.Paths, line, runner.User, e => heard(seat, e), ct);
            (seat.Process, seat.Searched) = (seat.Emulator.Process, true);
            if (restore) await SavedMemory.Load(seat.Emulator, seat.Paths, time, ct);
            await Continue(seat, record, ct);
        }
        catch
        {
            await Kill(seat, CancellationToken.None);
            // With its devices as they were, and suspended if its memory is still good.
            seat.Save(restore && !File.Exists(seat.Paths.SavedState) ? before with { Phase = Phase.Off, Reason = "crash" } : before);
            throw;
        }
    }

    async Task Continue(Seat seat, GuestRecord record, CancellationToken ct)
    {
        // From the first instruction on the saved memory no longer fits the disks.
        SavedMemory.Use(seat.Paths);
        try { await seat.Emulator!.Do("cont", ct); }
        catch (QmpRefused)
        {
            SavedMemory.TakeBack(seat.Paths);
            throw;
        }
        SavedMemory.Forget(seat.Paths);
        seat.Save(record with { Phase = Phase.On, Reason = "", StartedAt = time.GetUtcNow() });
    }
}
