using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Qemu;
using Nephos.Drivers.Tests.Qemu;
using Xunit;

namespace Nephos.Drivers.Tests.Hypervisor;

/// <summary>A driver in a process of its own, killed with its guests running.</summary>
public sealed class KilledDriverTests : IAsyncDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    readonly TempFolder folder = new();
    readonly OwnerMark mark = new(NewId.Hex()[..8]);

    string Run => $"/tmp/nq-{mark.Cloud}";

    static QemuHypervisor Driver(string state, string run, string cloud) => KilledDriver.Driver(state, run, cloud);

    [Fact]
    public async Task Guests_survive_kill_nine_and_their_driver_knows_them_again()
    {
        var guest = NewId.Uuid();
        await Kill(await Begin(guest, restless: false));
        await using var driver = Driver(folder["guests"], Run, mark.Cloud);
        Assert.Equal(new GuestState(guest, PowerState.Running), Assert.Single(await driver.List(Ct)));
        await driver.Start(guest, Ct);
        Assert.Single((await driver.ConsoleText(guest, Ct)).Split("nephos test guest")[1..]);
        await driver.Remove(guest, Ct);
        Assert.Empty(new Children(mark, NullLoggerFactory.Instance).Find(Emulators.Kind));
    }

    [Fact]
    public async Task Wherever_it_is_killed_the_next_one_goes_on_and_leaves_nothing()
    {
        var (guest, random) = (NewId.Uuid(), new Random());
        for (var round = 0; round < 6; round++)
        {
            var victim = await Begin(guest, restless: true);
            await Task.Delay(random.Next(600), Ct);
            await Kill(victim);
            await using var driver = Driver(folder["guests"], Run, mark.Cloud);
            var found = await driver.List(Ct);
            if (found is not [var state]) continue;
            var suspended = state.Power == PowerState.Suspended;
            await Start(driver, guest);
            if ((await driver.List(Ct))[0].Power == PowerState.Paused) await driver.Unpause(guest, Ct);
            Assert.Equal(PowerState.Running, (await driver.List(Ct))[0].Power);
            var (_, emulator) = Assert.Single(new Children(mark, NullLoggerFactory.Instance).Find(Emulators.Kind));
            // Its memory is restored, it does not boot.
            if (suspended) Assert.Contains("-incoming", File.ReadAllText($"/proc/{emulator.Pid}/cmdline"), StringComparison.Ordinal);
            else await driver.Reboot(guest, TimeSpan.Zero, Ct);
            Assert.Single(new Children(mark, NullLoggerFactory.Instance).Find(Emulators.Kind));
            if (round % 2 == 1) await driver.Remove(guest, Ct);
        }
        await using var last = Driver(folder["guests"], Run, mark.Cloud);
        await last.Remove(guest, Ct);
        Assert.Empty(new Children(mark, NullLoggerFactory.Instance).Find(Emulators.Kind));
        File.Delete(Path.Combine(folder["guests"], "ready"));
        Assert.Empty(Directory.GetFileSystemEntries(folder["guests"]));
        Assert.Empty(Directory.GetFileSystemEntries(Run));
    }

    /// <summary>On a busy machine one that was ending may not answer for a while; then it is asked again, as the node does.</summary>
    static async Task Start(QemuHypervisor driver, Guid guest)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await driver.Start(guest, Ct);
                return;
            }
            catch (Fault fault) when (fault.Name == "EmulatorUnreachable" && tries < 10) { await Task.Delay(500, Ct); }
        }
    }

    /// <summary>A driver in another process, at work on the guest.</summary>
    async Task<Child> Begin(Guid guest, bool restless)
    {
        if (!File.Exists("/usr/bin/qemu-system-x86_64")) Assert.Skip("qemu-system-x86_64 is not installed");
        TestGuest.Write(folder["base"], Behaviour.ObeysPowerButton);
        var spec = new GuestSpec { Id = guest, Name = "g", Vcpus = 1, MemoryMib = 16, Nics = [], Disks = [new DiskSpec { Name = "disk", SizeBytes = 1 << 20, BasePath = folder["base"] }] };
        var order = JsonSerializer.Serialize(new KilledDriver.Order(folder["guests"], Run, mark.Cloud, spec, restless));
        var ready = Path.Combine(folder["guests"], "ready");
        Directory.CreateDirectory(folder["guests"]);
        File.Delete(ready);
        var program = Environment.ProcessPath!;
        string[] dll = program.EndsWith("dotnet", StringComparison.Ordinal) ? [typeof(KilledDriverTests).Assembly.Location] : [];
        var victim = new Children(new OwnerMark("victim00"), NullLoggerFactory.Instance).Start("victim", guest, "env",
            [$"{KilledDriver.Variable}={order}", program, .. dll, "-explicit", "on", "-method", $"{typeof(KilledDriver).FullName}.{nameof(KilledDriver.Victim)}"], folder["victim.log"]);
        var watch = Stopwatch.StartNew();
        while (!File.Exists(ready))
        {
            Assert.True(victim.Alive && watch.Elapsed < TimeSpan.FromSeconds(60), File.ReadAllText(folder["victim.log"]));
            await Task.Delay(20, Ct);
        }
        return victim;
    }

    static async Task Kill(Child victim)
    {
        victim.Kill();
        Assert.True(await victim.Ended(TimeSpan.FromSeconds(30), TimeProvider.System, Ct));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, child) in new Children(mark, NullLoggerFactory.Instance).Find(Emulators.Kind)) child.Kill();
        await new Cgroups(mark, NullLoggerFactory.Instance).RemoveAll(TimeProvider.System, CancellationToken.None);
        if (Directory.Exists(Run)) Directory.Delete(Run, recursive: true);
        folder.Dispose();
    }
}

/// <summary>The other process.</summary>
public sealed class KilledDriver
{
    internal const string Variable = "NEPHOS_TEST_VICTIM";
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    /// <summary>Not a test: what the other process does until it is killed.</summary>
    [Fact(Explicit = true)]
    public async Task Victim()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } text) return;
        var order = JsonSerializer.Deserialize<Order>(text)!;
        var (driver, guest) = (Driver(order.State, order.Run, order.Cloud), order.Spec.Id);
        if (order.Restless) File.WriteAllText(Path.Combine(order.State, "ready"), "");
        while (order.Restless)
        {
            await driver.Define(order.Spec, Ct);
            await driver.Start(guest, Ct);
            await driver.Suspend(guest, Ct);
            await driver.Start(guest, Ct);
            await driver.Snapshot(guest, Path.Combine(order.State, "..", "copy"), Ct);
            await driver.Stop(guest, TimeSpan.FromMilliseconds(50), Ct);
            await driver.Remove(guest, Ct);
        }
        await driver.Define(order.Spec, Ct);
        await driver.Start(order.Spec.Id, Ct);
        while (!(await driver.ConsoleText(order.Spec.Id, Ct)).Contains("guest", StringComparison.Ordinal)) await Task.Delay(20, Ct);
        File.WriteAllText(Path.Combine(order.State, "ready"), "");
        await Task.Delay(Timeout.Infinite, Ct);
    }

    internal sealed record Order(string State, string Run, string Cloud, GuestSpec Spec, bool Restless);

    internal static QemuHypervisor Driver(string state, string run, string cloud) => new(
        new QemuOptions { State = state, Run = run, Accelerator = "tcg" }, new OwnerMark(cloud), new Commands(NullLoggerFactory.Instance, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
}
