using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Qemu;
using Xunit;

namespace Nephos.Drivers.Tests.Hypervisor;

/// <summary>
/// A Linux guest in the driver's hands. <c>NEPHOS_TEST_GUEST</c> names the folder that <c>tools/guest-image.sh</c> built it into.
/// </summary>
public sealed class RealGuestTests : IAsyncLifetime
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(90);

    readonly TempFolder folder = new();
    readonly OwnerMark mark = new(NewId.Hex()[..8]);
    readonly Commands commands = new(NullLoggerFactory.Instance, TimeProvider.System);
    readonly Guid id = NewId.Uuid();
    QemuHypervisor hypervisor = null!;

    string Space => $"nq-{mark.Cloud}";

    public async ValueTask InitializeAsync()
    {
        var images = Environment.GetEnvironmentVariable("NEPHOS_TEST_GUEST") ?? "";
        if (!File.Exists(Path.Combine(images, "disk.qcow2"))) Assert.Skip("NEPHOS_TEST_GUEST names no folder with the test guest (tools/guest-image.sh makes one)");
        if (!Libc.IsRoot) Assert.Skip("only root makes taps");
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        // Emulators run as another user, who may not get into the folder that the guest was built in.
        await commands.Must("qemu-img", ["convert", "-f", "qcow2", "-O", "raw", Path.Combine(images, "disk.qcow2"), folder["disk.raw"]], Ct);
        foreach (var file in (string[])["vmlinuz", "initrd.img"]) File.Copy(Path.Combine(images, file), folder[file]);
        await commands.Must("ip", ["netns", "add", Space], Ct);
        hypervisor = new QemuHypervisor(
            new QemuOptions { State = folder["guests"], Run = $"/tmp/{Space}", RunAs = new RunAs(65534, 65534), HostNamespace = Space, UnplugLimit = TimeSpan.FromMinutes(2) }, mark, commands, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        if (hypervisor is not null)
        {
            await hypervisor.Remove(id, CancellationToken.None);
            await hypervisor.DisposeAsync();
            await new Cgroups(mark, NullLoggerFactory.Instance).RemoveAll(TimeProvider.System, CancellationToken.None);
            await commands.Must("ip", ["netns", "delete", Space], CancellationToken.None);
            if (Directory.Exists($"/tmp/{Space}")) Directory.Delete($"/tmp/{Space}", recursive: true);
        }
        folder.Dispose();
    }

    GuestSpec Spec => new()
    {
        Id = id, Name = "instance-00000001", Vcpus = 1, MemoryMib = 128, Nics = [],
        Disks = [new DiskSpec { Name = "disk", SizeBytes = 256 << 20, BasePath = folder["disk.raw"] }],
    };

    async Task<NicSpec> Nic(int number)
    {
        var port = NewId.Uuid();
        await commands.Must("ip", ["-n", Space, "tuntap", "add", DeviceNames.Tap(port), "mode", "tap", "user", "65534"], Ct);
        await commands.Must("ip", ["-n", Space, "link", "set", DeviceNames.Tap(port), "up"], Ct);
        return new NicSpec(port, DeviceNames.Tap(port), $"fa:16:3e:00:00:0{number}", 1400);
    }

    async Task<string> UntilConsole(string text, int times = 1)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(180))
        {
            var console = await hypervisor.ConsoleText(id, Ct);
            if (console.Split(text).Length > times) return console;
            await Task.Delay(100, Ct);
        }
        throw new TimeoutException($"no '{text}' on the console: {await hypervisor.ConsoleText(id, Ct)}");
    }

    async Task UntilItSends()
    {
        var watch = Stopwatch.StartNew();
        while ((await hypervisor.Diagnostics(id, Ct)).Nics[0].TxPackets == 0)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(180), "the guest asks for no address");
            await Task.Delay(100, Ct);
        }
    }

    async Task<GuestState> See() => (await hypervisor.List(Ct)).Single();

    [Fact]
    public async Task A_linux_guest_boots_takes_cards_sleeps_is_copied_reboots_and_shuts_down()
    {
        var (fixedCard, hotCard) = (await Nic(1), await Nic(2));
        var watch = Stopwatch.StartNew();
        await hypervisor.Define(Spec with { Nics = [fixedCard] }, Ct);
        var defined = watch.ElapsedMilliseconds;
        await hypervisor.Start(id, Ct);
        TestContext.Current.SendDiagnosticMessage("define {0} ms, start {1} ms", defined, watch.ElapsedMilliseconds - defined);
        await UntilConsole("login:");
        await UntilItSends();
        TestContext.Current.SendDiagnosticMessage("login after {0} ms", watch.ElapsedMilliseconds);

        await hypervisor.AttachNic(id, hotCard, Ct);
        Assert.Equal(2, (await hypervisor.Diagnostics(id, Ct)).Nics.Count);
        watch.Restart();
        await hypervisor.DetachNic(id, hotCard.Port, Ct);
        TestContext.Current.SendDiagnosticMessage("detach {0} ms", watch.ElapsedMilliseconds);
        await hypervisor.AttachNic(id, hotCard, Ct);

        watch.Restart();
        await hypervisor.Snapshot(id, folder["copy.qcow2"], Ct);
        TestContext.Current.SendDiagnosticMessage("snapshot {0} ms, {1} bytes", watch.ElapsedMilliseconds, new FileInfo(folder["copy.qcow2"]).Length);
        var check = await commands.Must("qemu-img", ["check", "-f", "qcow2", folder["copy.qcow2"]], Ct);
        Assert.Contains("No errors", check, StringComparison.Ordinal);

        watch.Restart();
        await hypervisor.Suspend(id, Ct);
        TestContext.Current.SendDiagnosticMessage("suspend {0} ms", watch.ElapsedMilliseconds);
        Assert.Equal(PowerState.Suspended, (await See()).Power);
        watch.Restart();
        await hypervisor.Start(id, Ct);
        TestContext.Current.SendDiagnosticMessage("resume {0} ms", watch.ElapsedMilliseconds);
        var seen = await hypervisor.Diagnostics(id, Ct);
        TestContext.Current.SendDiagnosticMessage("memory {0} MiB, disk {1}", seen.MemoryUsedMib, seen.Disks[0]);

        watch.Restart();
        await hypervisor.Reboot(id, Grace, Ct);
        TestContext.Current.SendDiagnosticMessage("soft reboot {0} ms", watch.ElapsedMilliseconds);
        await UntilConsole("login:", times: 2);
        watch.Restart();
        await hypervisor.Stop(id, Grace, Ct);
        TestContext.Current.SendDiagnosticMessage("stop {0} ms", watch.ElapsedMilliseconds);
        Assert.Equal(new GuestState(id, PowerState.Shutdown, "host"), await See());
    }

    [Fact]
    public async Task A_linux_guest_boots_from_its_kernel_with_a_config_drive()
    {
        Directory.CreateDirectory(folder["drive/openstack/latest"]);
        File.WriteAllText(folder["drive/openstack/latest/meta_data.json"], "{\"uuid\":\"u\",\"hostname\":\"guest\"}");
        File.WriteAllText(folder["drive/openstack/latest/user_data"], "from-the-drive");
        await commands.Must("genisoimage", ["-quiet", "-R", "-V", "config-2", "-o", folder["drive.iso"], folder["drive"]], Ct);
        await hypervisor.Define(Spec with
        {
            KernelPath = folder["vmlinuz"],
            RamdiskPath = folder["initrd.img"],
            KernelArguments = "console=ttyS0",
            ConfigDrivePath = folder["drive.iso"],
        }, Ct);
        File.Delete(folder["drive.iso"]);
        await hypervisor.Start(id, Ct);
        await UntilConsole("@@user_data from-the-drive");
    }
}
