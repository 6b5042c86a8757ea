using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Qemu;
using Xunit;

namespace Nephos.Drivers.Tests.Hypervisor;

/// <summary>The contract on real emulators. As root they run as <c>nobody</c>, with taps in a network namespace of the test's own.</summary>
public sealed class QemuHypervisorTests : HypervisorContract
{
    readonly OwnerMark mark = new(NewId.Hex()[..8]);
    readonly Commands commands = new(NullLoggerFactory.Instance, TimeProvider.System);
    string? space;
    string? mounts;
    Firmware firmware = Firmware.Usual;

    string Run => $"/tmp/nq-{mark.Cloud}";

    QemuOptions Options => new()
    {
        State = Folder["guests"],
        Run = Run,
        RunAs = Libc.IsRoot ? new RunAs(65534, 65534) : null,
        HostNamespace = space,
        Accelerator = "tcg",
        UnplugLimit = TimeSpan.FromSeconds(10),
        Uefi = firmware,
    };

    Children Children => new(mark, NullLoggerFactory.Instance);

    Cgroups Cgroups => new(mark, NullLoggerFactory.Instance, mounts);

    public override async ValueTask InitializeAsync()
    {
        if (!File.Exists("/usr/bin/qemu-system-x86_64")) Assert.Skip("qemu-system-x86_64 is not installed");
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var (_, child) in Children.Find(Emulators.Kind)) child.Kill();
        await new Cgroups(mark, NullLoggerFactory.Instance).RemoveAll(TimeProvider.System, CancellationToken.None);
        if (space is not null) await commands.Must("ip", ["netns", "delete", space], CancellationToken.None);
        if (Directory.Exists(Run)) Directory.Delete(Run, recursive: true);
    }

    protected override Task<IHypervisor> Open() => Task.FromResult<IHypervisor>(new QemuHypervisor(Options, mark, commands, TimeProvider.System, NullLoggerFactory.Instance, Cgroups));

    protected override async Task Close(IHypervisor hypervisor) => await ((QemuHypervisor)hypervisor).DisposeAsync();

    protected override async Task<NicSpec> MakeNic()
    {
        if (!Libc.IsRoot) Assert.Skip("only root makes taps");
        if (space is null)
        {
            space = $"nq-{mark.Cloud}";
            await commands.Must("ip", ["netns", "add", space], Ct);
            await Restart();
        }
        var port = NewId.Uuid();
        await commands.Must("ip", ["-n", space, "tuntap", "add", DeviceNames.Tap(port), "mode", "tap", "user", "65534"], Ct);
        await commands.Must("ip", ["-n", space, "link", "set", DeviceNames.Tap(port), "up"], Ct);
        return new NicSpec(port, DeviceNames.Tap(port), "fa:16:3e:00:00:01", 1450);
    }

    /// <summary>The power button is pressed behind the driver's back, so that for the driver the guest did it.</summary>
    protected override async Task PowerOffFromInside(Guid guest)
    {
        await Close(Hypervisor);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(GuestPaths.Of(Options, guest).Qmp), Ct);
        await socket.SendAsync("{\"execute\":\"qmp_capabilities\"}{\"execute\":\"system_powerdown\"}"u8.ToArray(), Ct);
        var said = new StringBuilder();
        var buffer = new byte[4096];
        while (!said.ToString().Contains("SHUTDOWN", StringComparison.Ordinal)) said.Append(Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Ct)));
        socket.Close();
        await Restart();
    }

    protected override Task KillProcess(Guid guest)
    {
        Children.Find(Emulators.Kind)[guest.ToString()].Kill();
        return Task.CompletedTask;
    }

    protected override IEnumerable<string> LeftOf(Guid guest)
    {
        var paths = GuestPaths.Of(Options, guest);
        if (Directory.Exists(paths.Folder)) yield return paths.Folder;
        if (Directory.Exists(paths.Run)) yield return paths.Run;
        if (Children.Find(Emulators.Kind).ContainsKey(guest.ToString())) yield return "process";
        if (Cgroups.Processes(guest).Count > 0) yield return "control group";
    }

    GuestPaths PathsOf(Guid guest) => GuestPaths.Of(Options, guest);

    [Fact]
    public async Task A_guest_that_powers_off_while_we_watch_is_settled_at_once()
    {
        var spec = NewSpec(Nephos.Drivers.Tests.Qemu.Behaviour.PowersOffByItself);
        await Hypervisor.Define(spec, Ct);
        await Hypervisor.Start(spec.Id, Ct);
        for (var tries = 0; Children.Find(Emulators.Kind).Count > 0; tries++)
        {
            Assert.True(tries < 200, "its process still takes memory");
            await Task.Delay(50, Ct);
        }
        await Until(spec.Id, PowerState.Shutdown);
        Assert.Equal("guest", (await See(spec.Id))!.Reason);
    }

    [Fact]
    public async Task The_emulator_has_no_privileges_and_a_sandbox()
    {
        if (!Libc.IsRoot) Assert.Skip("only root has privileges to lose");
        await Booted();
        var pid = Children.Find(Emulators.Kind).Single().Value.Pid;
        var status = File.ReadAllLines($"/proc/{pid}/status");
        string Field(string name) => status.Single(l => l.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
        Assert.Equal("65534\t65534\t65534\t65534", Field("Uid"));
        foreach (var set in (string[])["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) Assert.Equal(0, Convert.ToInt64(Field(set), 16));
        Assert.Equal(("1", "2", ""), (Field("NoNewPrivs"), Field("Seccomp"), Field("Groups")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no control groups")]
    public async Task A_guest_is_found_by_its_control_group_or_else_its_mark_when_we_died_before_it_wrote_its_pid_file(string? mountsOfHost)
    {
        mounts = mountsOfHost;
        await Restart();
        var guest = await Booted();
        var expected = Cgroups.Enter("probe", null, 1).Count > 0 ? Children.Find(Emulators.Kind).Values.Select(c => c.Pid) : [];
        Assert.Equal(expected, Cgroups.Processes(guest));
        await Close(Hypervisor);
        File.Delete(PathsOf(guest).PidFile);
        await Restart();
        Assert.Equal(PowerState.Running, await PowerOf(guest));
    }

    [Fact]
    public async Task Traces_show_what_was_never_finished_and_a_process_without_its_files()
    {
        var (unfinished, guest) = (NewId.Uuid(), await Booted());
        Made.Add(unfinished);
        Directory.CreateDirectory(PathsOf(unfinished).Folder);
        File.WriteAllBytes(PathsOf(unfinished).Folder + "/disk.tmp", new byte[3 << 20]);
        Directory.Delete(PathsOf(guest).Folder, recursive: true);
        var traces = (await Traces()).ToDictionary(t => t.Id, t => t.Left);
        Assert.Equal($"3 MiB in {PathsOf(unfinished).Folder}", traces[unfinished]);
        Assert.Equal($"process {Children.Find(Emulators.Kind)[guest.ToString()].Pid}", traces[guest]);
        await Hypervisor.Remove(guest, Ct);
        await Hypervisor.Remove(unfinished, Ct);
        Assert.Empty(await Traces());
    }

    [Fact]
    public async Task A_start_that_was_interrupted_is_taken_up_again()
    {
        var guest = await Booted();
        await Close(Hypervisor);
        var record = File.ReadAllText(PathsOf(guest).Record);
        File.WriteAllText(PathsOf(guest).Record, record.Replace("\"On\"", "\"Starting\"", StringComparison.Ordinal));
        await Restart();
        await Hypervisor.Start(guest, Ct);
        Assert.Contains("\"On\"", File.ReadAllText(PathsOf(guest).Record), StringComparison.Ordinal);
        Assert.Equal(1, Boots(await Hypervisor.ConsoleText(guest, Ct)));
    }

    [Fact]
    public async Task A_guest_of_another_cloud_is_left_alone()
    {
        var guest = await Booted();
        var other = new QemuHypervisor(Options, new OwnerMark(NewId.Hex()[..8]), commands, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.NotEqual(PowerState.Running, (await other.List(Ct)).Single().Power);
        await other.DisposeAsync();
        Assert.True(Children.Find(Emulators.Kind)[guest.ToString()].Alive);
    }

    [Fact]
    public async Task What_the_emulator_says_when_it_does_not_start_is_the_fault()
    {
        var spec = NewSpec() with { Nics = [new NicSpec(NewId.Uuid(), "notap", "fa:16:3e:00:00:01", 1450)] };
        await Hypervisor.Define(spec, Ct);
        var fault = await Assert.ThrowsAsync<Fault>(() => Hypervisor.Start(spec.Id, Ct));
        Assert.Contains("notap", fault.Message, StringComparison.Ordinal);
        Assert.Equal(PowerState.Shutdown, await PowerOf(spec.Id));
        Assert.Empty(Children.Find(Emulators.Kind));
    }

    [Fact]
    public async Task Damaged_saved_memory_is_refused_and_kept()
    {
        var guest = await Booted();
        await Hypervisor.Suspend(guest, Ct);
        var memory = PathsOf(guest).SavedState;
        var good = File.ReadAllBytes(memory);
        File.WriteAllBytes(memory, good[..(good.Length / 2)]);
        await Assert.ThrowsAsync<Fault>(() => Hypervisor.Start(guest, Ct));
        Assert.Equal(PowerState.Suspended, await PowerOf(guest));
        File.WriteAllBytes(memory, good);
        await Hypervisor.Start(guest, Ct);
        Assert.Equal(PowerState.Running, await PowerOf(guest));
        Assert.False(File.Exists(memory));
    }

    [Fact]
    public async Task An_emulator_that_somebody_else_talks_to_is_not_ended_for_that_but_can_be_removed()
    {
        var guest = await Booted();
        await Close(Hypervisor);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathsOf(guest).Qmp), Ct);
        await Restart();
        Assert.Equal(PowerState.Pending, await PowerOf(guest));
        Assert.Equal("EmulatorUnreachable", (await Assert.ThrowsAsync<Fault>(() => Hypervisor.Pause(guest, Ct))).Name);
        socket.Close();
        await Hypervisor.Pause(guest, Ct);
        await Until(guest, PowerState.Paused);
        await Close(Hypervisor);
        using var again = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await again.ConnectAsync(new UnixDomainSocketEndPoint(PathsOf(guest).Qmp), Ct);
        await Restart();
        await Hypervisor.Remove(guest, Ct);
        Assert.Empty(LeftOf(guest));
    }

    [Fact]
    public async Task Every_kind_of_disk_and_card_is_taken()
    {
        var cards = new List<NicSpec>();
        foreach (var model in (string[])["virtio", "e1000", "e1000e", "rtl8139", "virtio"]) cards.Add(await MakeNic() with { Model = model, Mac = $"fa:16:3e:00:00:0{cards.Count}" });
        File.WriteAllText(Folder["drive.iso"], new string('x', 4096));
        var spec = NewSpec();
        await Hypervisor.Define(spec with
        {
            Disks = [spec.Disks[0] with { Serial = "a,b" }, new DiskSpec { Name = "disk.eph0", SizeBytes = 1 << 20, Bus = "scsi" }, new DiskSpec { Name = "disk.swap", SizeBytes = 1 << 20, Bus = "ide" }],
            Nics = [.. cards[..4]],
            ConfigDrivePath = Folder["drive.iso"],
            Name = "a,b=c",
            Vcpus = 2,
        }, Ct);
        await Hypervisor.Start(spec.Id, Ct);
        await UntilConsole(spec.Id, text => text.Contains("guest", StringComparison.Ordinal));
        await Hypervisor.AttachNic(spec.Id, cards[4], Ct);
        var seen = await Hypervisor.Diagnostics(spec.Id, Ct);
        Assert.Equal((5, 3, 2), (seen.Nics.Count, seen.Disks.Count, seen.CpuTimeNs.Count));
        await Hypervisor.Suspend(spec.Id, Ct);
        await Hypervisor.Start(spec.Id, Ct);
        Assert.Equal(PowerState.Running, await PowerOf(spec.Id));
    }

    [Fact]
    public async Task Variables_of_uefi_firmware_are_the_guests_own_stay_with_it_and_go_with_it()
    {
        var spec = NewSpec() with { Firmware = "uefi", MemoryMib = 128 };
        await Hypervisor.Define(spec, Ct);
        var variables = PathsOf(spec.Id).Variables;
        File.WriteAllBytes(variables, [.. File.ReadAllBytes(variables)[..^1], 42]);
        await Hypervisor.Define(spec with { Vcpus = 2 }, Ct);
        Assert.Equal(42, File.ReadAllBytes(variables)[^1]);
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(variables));
        await Hypervisor.Start(spec.Id, Ct);
        // What was saved goes on with the same firmware.
        await Hypervisor.Suspend(spec.Id, Ct);
        await Restart();
        await Hypervisor.Start(spec.Id, Ct);
        Assert.Equal(PowerState.Running, await PowerOf(spec.Id));
        await Hypervisor.Remove(spec.Id, Ct);
        Assert.Empty(LeftOf(spec.Id));
        Assert.Contains("COMPUTE_FIRMWARE_UEFI", (await Hypervisor.Facts(Ct)).Traits);
    }

    [Fact]
    public async Task A_host_without_uefi_firmware_says_so_before_anything_is_made()
    {
        firmware = new Firmware(Folder["code.fd"], Folder["vars.fd"]);
        await Restart();
        var spec = NewSpec() with { Firmware = "uefi" };
        var fault = await Assert.ThrowsAsync<Fault>(() => Hypervisor.Define(spec, Ct));
        Assert.Equal("FirmwareMissing", fault.Name);
        Assert.Contains("ovmf", fault.Message, StringComparison.Ordinal);
        Assert.Empty(LeftOf(spec.Id));
        Assert.DoesNotContain("COMPUTE_FIRMWARE_UEFI", (await Hypervisor.Facts(Ct)).Traits);
    }

    [Fact]
    public async Task The_console_stays_within_its_bound()
    {
        var guest = await Booted();
        var console = PathsOf(guest).Console;
        File.AppendAllText(console, new string('x', 5 << 20));
        ConsoleLog.Rotate(console);
        var text = await Hypervisor.ConsoleText(guest, Ct);
        await UntilConsole(guest, t => t.EndsWith("x.", StringComparison.Ordinal) || t.Contains("x..", StringComparison.Ordinal));
        Assert.True(new FileInfo(console).Length + new FileInfo(console + ".1").Length <= 4 << 20);
        Assert.Equal(100 << 10, text.Length);
    }
}
