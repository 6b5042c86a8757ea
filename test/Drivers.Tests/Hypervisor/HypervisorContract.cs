using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Tests.Qemu;
using Xunit;

namespace Nephos.Drivers.Tests.Hypervisor;

/// <summary>What every hypervisor driver promises. A fault found with a real driver first becomes a test here, which the fake fails too.</summary>
public abstract class HypervisorContract : IAsyncLifetime
{
    protected static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    protected static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    internal TempFolder Folder { get; } = new();

    protected IHypervisor Hypervisor { get; private set; } = null!;

    protected List<Guid> Made { get; } = [];

    /// <summary>A driver over the same host and state as the last one of this test: what a restart of the program does.</summary>
    protected abstract Task<IHypervisor> Open();

    /// <summary>Ends the driver and leaves its guests.</summary>
    protected abstract Task Close(IHypervisor hypervisor);

    protected abstract Task<NicSpec> MakeNic();

    protected abstract Task PowerOffFromInside(Guid guest);

    protected abstract Task KillProcess(Guid guest);

    /// <summary>Processes and files of a guest that are left, as words.</summary>
    protected abstract IEnumerable<string> LeftOf(Guid guest);

    public virtual async ValueTask InitializeAsync()
    {
        // The emulator's user passes through.
        File.SetUnixFileMode(Folder.Path, (UnixFileMode)0b111_101_101);
        Hypervisor = await Open();
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (Hypervisor is not null)
        {
            foreach (var guest in Made) await Hypervisor.Remove(guest, CancellationToken.None);
            await Close(Hypervisor);
        }
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task Restart()
    {
        await Close(Hypervisor);
        Hypervisor = await Open();
    }

    protected GuestSpec NewSpec(Behaviour behaviour = Behaviour.ObeysPowerButton)
    {
        var image = Folder[$"base-{behaviour}"];
        if (!File.Exists(image)) TestGuest.Write(image, behaviour);
        var id = NewId.Uuid();
        Made.Add(id);
        return new GuestSpec
        {
            Id = id, Name = "instance-0000002a", Vcpus = 1, MemoryMib = 16, Nics = [],
            Disks = [new DiskSpec { Name = "disk", SizeBytes = 8 << 20, BasePath = image }],
        };
    }

    protected async Task<Guid> Defined(Behaviour behaviour = Behaviour.ObeysPowerButton)
    {
        var spec = NewSpec(behaviour);
        await Hypervisor.Define(spec, Ct);
        return spec.Id;
    }

    protected async Task<Guid> Booted(Behaviour behaviour = Behaviour.ObeysPowerButton)
    {
        var guest = await Defined(behaviour);
        await Hypervisor.Start(guest, Ct);
        await UntilConsole(guest, text => text.Contains("guest", StringComparison.Ordinal));
        return guest;
    }

    protected Task<IReadOnlyList<GuestTrace>> Traces() => ((IGuestTraces)Hypervisor).Traces(Ct);

    protected async Task<GuestState?> See(Guid guest) => (await Hypervisor.List(Ct)).SingleOrDefault(g => g.Id == guest);

    protected async Task<PowerState?> PowerOf(Guid guest) => (await See(guest))?.Power;

    protected async Task UntilConsole(Guid guest, Func<string, bool> shows)
    {
        var text = "";
        for (var tries = 0; tries < 600; tries++)
        {
            if (shows(text = await Hypervisor.ConsoleText(guest, Ct))) return;
            await Task.Delay(50, Ct);
        }
        Assert.Fail($"the console shows only: {text}");
    }

    protected async Task Until(Guid guest, PowerState power)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            if (await PowerOf(guest) == power) return;
            await Task.Delay(50, Ct);
        }
        Assert.Equal(power, await PowerOf(guest));
    }

    protected static int Boots(string console) => console.Split("guest").Length - 1;

    [Fact]
    public async Task Facts_say_what_this_host_can_hold()
    {
        var facts = await Hypervisor.Facts(Ct);
        Assert.True(facts.Vcpus > 0 && facts.MemoryMib > 0 && facts.DiskGib > 0);
        Assert.True(facts.Version > 1000);
        Assert.Contains("COMPUTE_NODE", facts.Traits);
        Assert.Contains(facts.Accelerator, (string[])["kvm", "tcg", "fake"]);
    }

    [Fact]
    public async Task A_defined_guest_is_listed_and_off()
    {
        var guest = await Defined();
        Assert.Equal(new GuestState(guest, PowerState.Shutdown, "host"), await See(guest));
    }

    [Fact]
    public async Task A_guest_leaves_traces_from_its_definition_to_its_removal()
    {
        Assert.Empty(await Traces());
        var guest = await Defined();
        Assert.Equal(guest, Assert.Single(await Traces()).Id);
        await Hypervisor.Start(guest, Ct);
        Assert.NotEmpty(Assert.Single(await Traces()).Left);
        await Hypervisor.Remove(guest, Ct);
        Assert.Empty(await Traces());
    }

    [Fact]
    public async Task Defining_twice_changes_nothing()
    {
        var spec = NewSpec();
        await Hypervisor.Define(spec, Ct);
        await Hypervisor.Define(spec, Ct);
        Assert.Single(await Hypervisor.List(Ct));
        await Hypervisor.Start(spec.Id, Ct);
        await Hypervisor.Define(spec, Ct);
        Assert.Equal(PowerState.Running, await PowerOf(spec.Id));
    }

    [Fact]
    public async Task A_guest_that_is_off_may_get_other_sizes()
    {
        var spec = NewSpec();
        await Hypervisor.Define(spec, Ct);
        await Hypervisor.Define(spec with { Vcpus = 2, MemoryMib = 24, Disks = [spec.Disks[0] with { SizeBytes = 16 << 20 }] }, Ct);
        await Hypervisor.Start(spec.Id, Ct);
        var seen = await Hypervisor.Diagnostics(spec.Id, Ct);
        Assert.Equal((2, 24), (seen.CpuTimeNs.Count, seen.MemoryMaximumMib));
    }

    [Fact]
    public async Task A_running_guest_gets_its_other_sizes_with_its_next_start()
    {
        var spec = NewSpec();
        await Hypervisor.Define(spec, Ct);
        await Hypervisor.Start(spec.Id, Ct);
        await Hypervisor.Define(spec with { MemoryMib = 24 }, Ct);
        await Hypervisor.Stop(spec.Id, TimeSpan.Zero, Ct);
        await Hypervisor.Start(spec.Id, Ct);
        Assert.Equal(24, (await Hypervisor.Diagnostics(spec.Id, Ct)).MemoryMaximumMib);
    }

    [Fact]
    public async Task A_disk_smaller_than_its_base_is_refused()
    {
        var spec = NewSpec();
        var fault = await Assert.ThrowsAsync<Fault>(() => Hypervisor.Define(spec with { Disks = [spec.Disks[0] with { SizeBytes = 512 }] }, Ct));
        Assert.Equal((FaultKind.Invalid, "DiskTooSmall"), (fault.Kind, fault.Name));
        Assert.Null(await See(spec.Id));
    }

    [Fact]
    public async Task A_missing_base_is_named()
    {
        var spec = NewSpec();
        var fault = await Assert.ThrowsAsync<Fault>(() => Hypervisor.Define(spec with { Disks = [spec.Disks[0] with { BasePath = "/nonexistent/base" }] }, Ct));
        Assert.Contains("/nonexistent/base", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_started_guest_runs_and_speaks_on_its_console()
    {
        var guest = await Booted();
        Assert.Equal(new GuestState(guest, PowerState.Running), await See(guest));
    }

    [Fact]
    public async Task Starting_twice_boots_once()
    {
        var guest = await Booted();
        await Hypervisor.Start(guest, Ct);
        await Task.Delay(300, Ct);
        Assert.Equal(1, Boots(await Hypervisor.ConsoleText(guest, Ct)));
    }

    [Fact]
    public async Task Verbs_on_an_unknown_guest_are_not_found()
    {
        var nobody = NewId.Uuid();
        Func<Task>[] verbs =
        [
            () => Hypervisor.Start(nobody, Ct), () => Hypervisor.Stop(nobody, Grace, Ct), () => Hypervisor.Reboot(nobody, Grace, Ct), () => Hypervisor.Pause(nobody, Ct),
            () => Hypervisor.Unpause(nobody, Ct), () => Hypervisor.Suspend(nobody, Ct), () => Hypervisor.ConsoleText(nobody, Ct), () => Hypervisor.Diagnostics(nobody, Ct),
            () => Hypervisor.Snapshot(nobody, Folder["x"], Ct), () => Hypervisor.DetachNic(nobody, NewId.Uuid(), Ct),
        ];
        foreach (var verb in verbs) Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(verb)).Kind);
    }

    [Fact]
    public async Task Stop_presses_the_power_button_and_the_reason_is_the_host()
    {
        var guest = await Booted();
        await Hypervisor.Stop(guest, Grace, Ct);
        Assert.Equal(new GuestState(guest, PowerState.Shutdown, "host"), await See(guest));
    }

    [Fact]
    public async Task Stop_pulls_the_plug_of_a_guest_that_does_not_listen()
    {
        var guest = await Booted(Behaviour.IgnoresPowerButton);
        await Hypervisor.Stop(guest, TimeSpan.FromMilliseconds(700), Ct);
        Assert.Equal(new GuestState(guest, PowerState.Shutdown, "host"), await See(guest));
    }

    [Fact]
    public async Task Stop_without_grace_and_stop_again_are_fine()
    {
        var guest = await Booted();
        await Hypervisor.Stop(guest, TimeSpan.Zero, Ct);
        await Hypervisor.Stop(guest, Grace, Ct);
        Assert.Equal(PowerState.Shutdown, await PowerOf(guest));
    }

    [Fact]
    public async Task A_stopped_guest_starts_again_with_its_disk()
    {
        var guest = await Booted();
        await Hypervisor.Stop(guest, Grace, Ct);
        await Hypervisor.Start(guest, Ct);
        await UntilConsole(guest, text => Boots(text) == 2);
    }

    [Fact]
    public async Task A_guest_that_powers_itself_off_is_shut_down_by_the_guest_and_stays_so()
    {
        var guest = await Booted();
        await PowerOffFromInside(guest);
        await Until(guest, PowerState.Shutdown);
        Assert.Equal("guest", (await See(guest))!.Reason);
        await Restart();
        Assert.Equal(new GuestState(guest, PowerState.Shutdown, "guest"), await See(guest));
    }

    [Fact]
    public async Task A_guest_whose_process_dies_is_crashed_and_may_be_started()
    {
        var guest = await Booted();
        await KillProcess(guest);
        await Until(guest, PowerState.Crashed);
        Assert.Equal("killed", (await See(guest))!.Reason);
        await Hypervisor.Start(guest, Ct);
        Assert.Equal(PowerState.Running, await PowerOf(guest));
    }

    [Fact]
    public async Task A_soft_reboot_boots_again()
    {
        var guest = await Booted();
        await Hypervisor.Reboot(guest, Grace, Ct);
        await UntilConsole(guest, text => Boots(text) == 2);
        Assert.Equal(PowerState.Running, await PowerOf(guest));
    }

    [Fact]
    public async Task A_soft_reboot_becomes_hard_for_a_guest_that_does_not_listen()
    {
        var guest = await Booted(Behaviour.IgnoresPowerButton);
        await Hypervisor.Reboot(guest, TimeSpan.FromMilliseconds(500), Ct);
        await UntilConsole(guest, text => Boots(text) == 2);
    }

    [Fact]
    public async Task A_hard_reboot_boots_again_also_from_off()
    {
        var guest = await Booted();
        await Hypervisor.Reboot(guest, TimeSpan.Zero, Ct);
        await UntilConsole(guest, text => Boots(text) == 2);
        await Hypervisor.Stop(guest, TimeSpan.Zero, Ct);
        await Hypervisor.Reboot(guest, TimeSpan.Zero, Ct);
        await UntilConsole(guest, text => Boots(text) == 3);
    }

    [Fact]
    public async Task Pause_and_unpause_may_be_repeated()
    {
        var guest = await Booted();
        await Hypervisor.Pause(guest, Ct);
        await Hypervisor.Pause(guest, Ct);
        Assert.Equal(PowerState.Paused, await PowerOf(guest));
        await Hypervisor.Start(guest, Ct);
        Assert.Equal(PowerState.Paused, await PowerOf(guest));
        await Hypervisor.Unpause(guest, Ct);
        await Hypervisor.Unpause(guest, Ct);
        Assert.Equal(PowerState.Running, await PowerOf(guest));
    }

    [Fact]
    public async Task A_guest_that_is_off_cannot_be_paused_suspended_or_measured()
    {
        var guest = await Defined();
        Func<Task>[] verbs = [() => Hypervisor.Pause(guest, Ct), () => Hypervisor.Unpause(guest, Ct), () => Hypervisor.Suspend(guest, Ct), () => Hypervisor.Diagnostics(guest, Ct)];
        foreach (var verb in verbs) Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(verb)).Kind);
    }

    [Fact]
    public async Task A_paused_guest_stops_without_waiting_for_its_grace()
    {
        var guest = await Booted();
        await Hypervisor.Pause(guest, Ct);
        await Hypervisor.Stop(guest, TimeSpan.FromMinutes(10), Ct);
        Assert.Equal(PowerState.Shutdown, await PowerOf(guest));
    }

    [Fact]
    public async Task A_suspended_guest_goes_on_where_it_was()
    {
        var guest = await Booted();
        await Hypervisor.Suspend(guest, Ct);
        await Hypervisor.Suspend(guest, Ct);
        Assert.Equal(PowerState.Suspended, await PowerOf(guest));
        await Restart();
        Assert.Equal(PowerState.Suspended, await PowerOf(guest));
        var before = await Hypervisor.ConsoleText(guest, Ct);
        await Hypervisor.Start(guest, Ct);
        Assert.Equal(PowerState.Running, await PowerOf(guest));
        await AssertGoesOn(guest, before);
        Assert.Equal(1, Boots(await Hypervisor.ConsoleText(guest, Ct)));
    }

    /// <summary>The console grows again, if guests of this driver tick.</summary>
    protected virtual Task AssertGoesOn(Guid guest, string before) => UntilConsole(guest, text => text.Length > before.Length);

    [Fact]
    public async Task Stop_of_a_suspended_guest_forgets_its_memory()
    {
        var guest = await Booted();
        await Hypervisor.Suspend(guest, Ct);
        await Hypervisor.Stop(guest, Grace, Ct);
        Assert.Equal(PowerState.Shutdown, await PowerOf(guest));
        await Hypervisor.Start(guest, Ct);
        await UntilConsole(guest, text => Boots(text) == 2);
    }

    [Fact]
    public async Task Guests_run_on_while_the_driver_is_gone_and_are_found_again()
    {
        var (running, paused, off) = (await Booted(), await Booted(), await Defined());
        await Hypervisor.Pause(paused, Ct);
        await Restart();
        var seen = (await Hypervisor.List(Ct)).ToDictionary(g => g.Id, g => g.Power);
        Assert.Equal((PowerState.Running, PowerState.Paused, PowerState.Shutdown), (seen[running], seen[paused], seen[off]));
        await Hypervisor.Stop(running, Grace, Ct);
        Assert.Equal(PowerState.Shutdown, await PowerOf(running));
    }

    [Fact]
    public async Task Removing_leaves_nothing_in_whatever_state()
    {
        var (running, off, suspended) = (await Booted(), await Defined(), await Booted());
        await Hypervisor.Suspend(suspended, Ct);
        foreach (var guest in (Guid[])[running, off, suspended])
        {
            await Hypervisor.Remove(guest, Ct);
            await Hypervisor.Remove(guest, Ct);
            Assert.Empty(LeftOf(guest));
        }
        Assert.Empty(await Hypervisor.List(Ct));
    }

    [Fact]
    public async Task Removing_does_not_wait_for_a_stop_under_way()
    {
        var guest = await Booted(Behaviour.IgnoresPowerButton);
        var stop = Hypervisor.Stop(guest, TimeSpan.FromMinutes(10), Ct);
        await Task.Delay(100, Ct);
        await Hypervisor.Remove(guest, Ct).WaitAsync(TimeSpan.FromSeconds(20), Ct);
        try { await stop.WaitAsync(TimeSpan.FromSeconds(20), Ct); }
        catch (Fault fault) { Assert.Equal("GuestRemoved", fault.Name); }
        Assert.Null(await See(guest));
        Assert.Empty(LeftOf(guest));
    }

    [Fact]
    public async Task A_removed_guest_may_be_defined_anew()
    {
        var spec = NewSpec();
        await Hypervisor.Define(spec, Ct);
        await Hypervisor.Remove(spec.Id, Ct);
        await Hypervisor.Define(spec, Ct);
        await Hypervisor.Start(spec.Id, Ct);
        Assert.Equal(PowerState.Running, await PowerOf(spec.Id));
    }

    [Fact]
    public async Task Cards_come_with_the_guest_and_are_counted()
    {
        var nic = await MakeNic();
        var spec = NewSpec() with { Nics = [nic] };
        await Hypervisor.Define(spec, Ct);
        await Hypervisor.Start(spec.Id, Ct);
        var seen = Assert.Single((await Hypervisor.Diagnostics(spec.Id, Ct)).Nics);
        Assert.Equal((nic.Mac, nic.Tap), (seen.Mac, seen.Tap));
    }

    [Fact]
    public async Task A_card_is_plugged_into_and_out_of_a_running_guest_and_either_may_be_repeated()
    {
        var (nic, guest) = (await MakeNic(), await Booted());
        await Hypervisor.AttachNic(guest, nic, Ct);
        await Hypervisor.AttachNic(guest, nic, Ct);
        Assert.Single((await Hypervisor.Diagnostics(guest, Ct)).Nics);
        await Hypervisor.DetachNic(guest, nic.Port, Ct);
        await Hypervisor.DetachNic(guest, nic.Port, Ct);
        Assert.Empty((await Hypervisor.Diagnostics(guest, Ct)).Nics);
        await Hypervisor.AttachNic(guest, nic, Ct);
        Assert.Single((await Hypervisor.Diagnostics(guest, Ct)).Nics);
    }

    [Fact]
    public async Task A_card_plugged_while_off_is_there_after_the_start()
    {
        var (nic, guest) = (await MakeNic(), await Defined());
        await Hypervisor.AttachNic(guest, nic, Ct);
        await Hypervisor.Start(guest, Ct);
        Assert.Single((await Hypervisor.Diagnostics(guest, Ct)).Nics);
        await Hypervisor.Stop(guest, TimeSpan.Zero, Ct);
        await Hypervisor.DetachNic(guest, nic.Port, Ct);
        await Hypervisor.Start(guest, Ct);
        Assert.Empty((await Hypervisor.Diagnostics(guest, Ct)).Nics);
    }

    [Fact]
    public async Task A_guest_with_a_hot_plugged_card_survives_suspend_and_resume()
    {
        var (nic, guest) = (await MakeNic(), await Booted());
        await Hypervisor.AttachNic(guest, nic, Ct);
        await Hypervisor.Suspend(guest, Ct);
        await Hypervisor.Start(guest, Ct);
        Assert.Equal(PowerState.Running, await PowerOf(guest));
        Assert.Single((await Hypervisor.Diagnostics(guest, Ct)).Nics);
        Assert.Equal(1, Boots(await Hypervisor.ConsoleText(guest, Ct)));
    }

    [Fact]
    public async Task Diagnostics_count_what_the_guest_did()
    {
        var guest = await Booted();
        var seen = await Hypervisor.Diagnostics(guest, Ct);
        Assert.Equal((PowerState.Running, 16L), (seen.Power, seen.MemoryMaximumMib));
        Assert.True(Assert.Single(seen.CpuTimeNs) > 0);
        Assert.True(seen.MemoryUsedMib > 0);
        Assert.Equal("disk", Assert.Single(seen.Disks).Name);
        Assert.True(seen.Disks[0] is { ReadBytes: >= 512, ReadRequests: > 0 });
    }

    [Fact]
    public async Task A_snapshot_is_a_standalone_qcow2_of_a_guest_that_runs_on()
    {
        var guest = await Booted();
        await Hypervisor.Snapshot(guest, Folder["copy"], Ct);
        Assert.Equal(PowerState.Running, await PowerOf(guest));
        AssertStandalone(Folder["copy"]);
        await Hypervisor.Stop(guest, TimeSpan.Zero, Ct);
        await Hypervisor.Snapshot(guest, Folder["copy2"], Ct);
        AssertStandalone(Folder["copy2"]);
    }

    static void AssertStandalone(string path)
    {
        var header = File.ReadAllBytes(path).AsSpan(0, 32);
        Assert.Equal([0x51, 0x46, 0x49, 0xfb], header[..4].ToArray());
        Assert.False(header[8..16].ContainsAnyExcept((byte)0), "it has a backing file");
        Assert.Equal(8 << 20, System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(header[24..]));
    }

    [Fact]
    public async Task Verbs_at_the_same_time_are_carried_out_one_after_another()
    {
        var guest = await Booted();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => i % 2 == 0 ? Hypervisor.Pause(guest, Ct) : Hypervisor.Unpause(guest, Ct)).Append(Hypervisor.List(Ct)));
        Assert.Contains(await PowerOf(guest), (PowerState?[])[PowerState.Running, PowerState.Paused]);
    }
}
