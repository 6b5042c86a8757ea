using System.Collections.Concurrent;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Fake;

/// <summary>
/// Guests that only exist as rows; passes the same contract tests as the real driver. A guest whose name contains
/// <c>fail-define</c>, <c>fail-start</c> or another verb after <c>fail-</c> fails at it, so that a test that only speaks the public API can have faults too.
/// </summary>
public sealed class FakeHypervisor(FakeOptions options, TimeProvider time) : IHypervisor, IGuestTraces, IDisposable
{
    const int ConsoleMost = 100 << 10;
    const string Machine = "fake-1.0";

    readonly FakeJournal? journal = options.File is { } path ? new FakeJournal(path) : null;
    readonly ConcurrentDictionary<Guid, FakeGuest> guests = new(options.File is { } path ? FakeJournal.Read(path) : []);
    readonly ConcurrentDictionary<Guid, SemaphoreSlim> gates = new();
    readonly Lock saving = new();

    public Task<HypervisorFacts> Facts(CancellationToken ct) => Task.FromResult(new HypervisorFacts
    {
        Type = "fake",
        Version = 1_000_000,
        Accelerator = "fake",
        Vcpus = options.Vcpus,
        MemoryMib = options.MemoryMib,
        DiskGib = options.DiskGib,
        CpuModel = "fake",
        Traits = ["COMPUTE_NODE", "COMPUTE_NET_ATTACH_INTERFACE", "COMPUTE_IMAGE_TYPE_RAW", "COMPUTE_IMAGE_TYPE_QCOW2", "COMPUTE_FIRMWARE_BIOS", "COMPUTE_FIRMWARE_UEFI"],
    });

    public Task<IReadOnlyList<GuestState>> List(CancellationToken ct) => Task.FromResult<IReadOnlyList<GuestState>>(
        [.. guests.Values.Select(g => new GuestState(g.Spec.Id, g.Power, g.Power is PowerState.Shutdown or PowerState.Crashed ? g.Reason : ""))]);

    public Task<IReadOnlyList<GuestTrace>> Traces(CancellationToken ct) => Task.FromResult<IReadOnlyList<GuestTrace>>([.. guests.Keys.Order().Select(id => new GuestTrace(id, "a pretended guest"))]);

    public async Task Define(GuestSpec spec, CancellationToken ct)
    {
        var gate = gates.GetOrAdd(spec.Id, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(ct);
        try
        {
            await Before("Define", spec, ct);
            Check(spec);
            var known = guests.GetValueOrDefault(spec.Id);
            var kept = spec with { Machine = known?.Spec.Machine ?? spec.Machine ?? Machine };
            Put(known is null ? new FakeGuest { Spec = kept } : known with { Spec = kept }, isNew: known is null);
        }
        finally { gate.Release(); }
    }

    public Task Start(Guid guest, CancellationToken ct) => In("Start", guest, async g =>
    {
        if (g.Power is PowerState.Running or PowerState.Paused) return;
        await Boot(g, ct);
    }, ct);

    public Task Stop(Guid guest, TimeSpan grace, CancellationToken ct) => In("Stop", guest, async g =>
    {
        if (g.Power is PowerState.Shutdown or PowerState.Crashed) return;
        if (g.Power == PowerState.Running) await PowerButton(grace, ct);
        Put(g with { Power = PowerState.Shutdown, Reason = "host", StartedAt = null });
    }, ct);

    public Task Reboot(Guid guest, TimeSpan grace, CancellationToken ct) => In("Reboot", guest, async g =>
    {
        if (g.Power == PowerState.Running) await PowerButton(grace, ct);
        await Boot(g with { Power = PowerState.Shutdown }, ct);
    }, ct);

    public Task Pause(Guid guest, CancellationToken ct) => In("Pause", guest, g => Move(g, PowerState.Paused, "paused", PowerState.Running, PowerState.Paused), ct);

    public Task Unpause(Guid guest, CancellationToken ct) => In("Unpause", guest, g => Move(g, PowerState.Running, "unpaused", PowerState.Running, PowerState.Paused), ct);

    public Task Suspend(Guid guest, CancellationToken ct) => In("Suspend", guest, g => Move(g, PowerState.Suspended, "suspended", PowerState.Running, PowerState.Paused, PowerState.Suspended), ct);

    public async Task Remove(Guid guest, CancellationToken ct)
    {
        if (guests.TryGetValue(guest, out var known)) await Before("Remove", known.Spec, ct);
        lock (saving)
            if (guests.TryRemove(guest, out var removed)) journal?.Write(new FakeEntry(removed, Removed: true));
        gates.TryRemove(guest, out _);
    }

    public Task AttachNic(Guid guest, NicSpec nic, CancellationToken ct) => In("AttachNic", guest, g =>
    {
        Check(nic);
        Put(g with { Spec = g.Spec with { Nics = [.. g.Spec.Nics.Where(n => n.Port != nic.Port), nic] } });
        return Task.CompletedTask;
    }, ct);

    public Task DetachNic(Guid guest, Guid port, CancellationToken ct) => In("DetachNic", guest, g =>
    {
        Put(g with { Spec = g.Spec with { Nics = [.. g.Spec.Nics.Where(n => n.Port != port)] } });
        return Task.CompletedTask;
    }, ct);

    public Task<string> ConsoleText(Guid guest, CancellationToken ct) => Task.FromResult(Find(guest).Console);

    public Task<GuestDiagnostics> Diagnostics(Guid guest, CancellationToken ct)
    {
        var g = Find(guest);
        if (g.Power is not (PowerState.Running or PowerState.Paused)) throw NotRunning(guest, "measured");
        var up = g.StartedAt is { } start ? time.GetUtcNow() - start : TimeSpan.Zero;
        return Task.FromResult(new GuestDiagnostics
        {
            Power = g.Power,
            Driver = "fake",
            UptimeSeconds = (long)up.TotalSeconds,
            CpuTimeNs = [.. Enumerable.Repeat(1 + (long)up.TotalMilliseconds * 10_000, g.Spec.Vcpus)],
            MemoryMaximumMib = g.Spec.MemoryMib,
            MemoryUsedMib = g.Spec.MemoryMib / 2,
            Nics = [.. g.Spec.Nics.Select(n => new NicCounters(n.Mac, n.Tap, 0, 0, 0, 0, 0, 0, 0, 0))],
            Disks = [.. g.Spec.Disks.Select(d => new DiskCounters(d.Name, 512, 1, 0, 0, 0))],
        });
    }

    public Task Snapshot(Guid guest, string targetPath, CancellationToken ct) => In("Snapshot", guest, async g =>
    {
        if (g.Spec.Disks is not [var root, ..]) throw Fault.Unavailable("The copy of the root disk failed: the guest has no disk of its own", "SnapshotFailed");
        await using var file = new FileStream(targetPath, FileMode.Create, FileAccess.Write);
        await file.WriteAsync(EmptyQcow2.Bytes(root.SizeBytes), ct);
    }, ct);

    /// <summary>What a user inside the guest would do: for tests.</summary>
    public void PowerOffFromInside(Guid guest) => Put(Find(guest) with { Power = PowerState.Shutdown, Reason = "guest", StartedAt = null });

    /// <summary>The guest's process dies.</summary>
    public void Crash(Guid guest) => Put(Find(guest) with { Power = PowerState.Crashed, Reason = "killed", StartedAt = null });

    public void Dispose() => journal?.Dispose();

    /// <summary>What the host saw last of a guest's definition.</summary>
    public GuestSpec? Spec(Guid guest) => guests.GetValueOrDefault(guest)?.Spec;

    async Task Boot(FakeGuest guest, CancellationToken ct)
    {
        var restored = guest.Power == PowerState.Suspended;
        if (!restored)
        {
            Put(guest with { Power = PowerState.Pending, Reason = "" });
            try { await Task.Delay(options.BootDelay, time, ct); }
            catch
            {
                Put(guest);
                throw;
            }
        }
        var console = restored ? guest.Console : guest.Console + options.Console(guest.Spec);
        Put(guest with { Power = PowerState.Running, Reason = "", Console = console.Length > ConsoleMost ? console[^ConsoleMost..] : console, StartedAt = time.GetUtcNow() });
    }

    Task PowerButton(TimeSpan grace, CancellationToken ct) => Task.Delay(grace < options.PowerOffDelay ? grace : options.PowerOffDelay, time, ct);

    Task Move(FakeGuest guest, PowerState to, string verb, params ReadOnlySpan<PowerState> from)
    {
        if (!from.Contains(guest.Power)) throw NotRunning(guest.Spec.Id, verb);
        Put(guest with { Power = to });
        return Task.CompletedTask;
    }

    async Task In(string verb, Guid guest, Func<FakeGuest, Task> work, CancellationToken ct)
    {
        var gate = gates.GetOrAdd(guest, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(ct);
        try
        {
            await Before(verb, Find(guest).Spec, ct);
            await work(Find(guest));
        }
        finally { gate.Release(); }
    }

    async Task Before(string verb, GuestSpec spec, CancellationToken ct)
    {
        if (spec.Name.Contains("fail-" + verb, StringComparison.OrdinalIgnoreCase) || (options.Failures is { } path && File.Exists(path) && File.ReadLines(path).Contains(verb)))
            throw Fault.Unavailable($"The emulator did not start: it was asked to fail ({verb}).", "EmulatorFailed");
        if (options.Before is { } hook) await hook(verb, spec, ct);
    }

    FakeGuest Find(Guid guest) => guests.GetValueOrDefault(guest) ?? throw Fault.NotFound($"No guest {guest} is defined on this host.", "GuestNotFound");

    /// <summary>A removal may have come meanwhile: what it removed stays removed.</summary>
    void Put(FakeGuest guest, bool isNew = false)
    {
        lock (saving)
        {
            if (!isNew && !guests.ContainsKey(guest.Spec.Id)) throw Fault.Conflict($"The guest {guest.Spec.Id} is being removed.", "GuestRemoved");
            guests[guest.Spec.Id] = guest;
            journal?.Write(new FakeEntry(guest));
        }
    }

    static void Check(GuestSpec spec)
    {
        foreach (var disk in spec.Disks)
        {
            if (disk.BasePath is not { } path) continue;
            if (!File.Exists(path)) throw Fault.Unavailable($"The base {path} is not on this host.", "BaseMissing");
            if (new FileInfo(path).Length is var needed && needed > disk.SizeBytes)
                throw Fault.Invalid($"The disk {disk.Name} of {disk.SizeBytes} bytes is smaller than the {needed} bytes it has to hold.", "DiskTooSmall");
        }
        foreach (var nic in spec.Nics) Check(nic);
    }

    static void Check(NicSpec nic)
    {
        if (nic.Tap.Length is 0 or > 15) throw Fault.Invalid($"The device name '{nic.Tap}' cannot be used on this host.", "GuestInvalid");
    }

    static Fault NotRunning(Guid id, string verb) => Fault.Conflict($"The guest {id} does not run, so it cannot be {verb}.", "GuestNotRunning");
}
