using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Fake;
using Nephos.Testing;
using Xunit;

namespace Nephos.Drivers.Tests.Hypervisor;

public sealed class FakeHypervisorTests : HypervisorContract
{
    readonly List<string> verbs = [];

    FakeHypervisor Fake => (FakeHypervisor)Hypervisor;

    protected override Task<IHypervisor> Open() => Task.FromResult<IHypervisor>(new FakeHypervisor(new FakeOptions
    {
        File = Folder["guests.json"],
        Before = (verb, _, _) => { lock (verbs) verbs.Add(verb); return Task.CompletedTask; },
    }, TimeProvider.System));

    protected override Task Close(IHypervisor hypervisor)
    {
        ((FakeHypervisor)hypervisor).Dispose();
        return Task.CompletedTask;
    }

    protected override Task<NicSpec> MakeNic() => Task.FromResult(new NicSpec(NewId.Uuid(), "tap0", "fa:16:3e:00:00:01", 1450));

    protected override Task PowerOffFromInside(Guid guest)
    {
        Fake.PowerOffFromInside(guest);
        return Task.CompletedTask;
    }

    protected override Task KillProcess(Guid guest)
    {
        Fake.Crash(guest);
        return Task.CompletedTask;
    }

    protected override IEnumerable<string> LeftOf(Guid guest) => FakeJournal.Read(Folder["guests.json"]).ContainsKey(guest) ? ["row"] : [];

    protected override Task AssertGoesOn(Guid guest, string before) => Task.CompletedTask;

    [Fact]
    public async Task A_guest_whose_name_says_so_fails_at_that_verb()
    {
        var spec = NewSpec() with { Name = "vm-fail-start" };
        await Fake.Define(spec, Ct);
        Assert.Equal("EmulatorFailed", (await Assert.ThrowsAsync<Fault>(() => Fake.Start(spec.Id, Ct))).Name);
        Assert.Equal(PowerState.Shutdown, await PowerOf(spec.Id));
    }

    [Fact]
    public async Task The_hook_hears_every_verb()
    {
        var guest = await Booted();
        await Fake.Stop(guest, TimeSpan.Zero, Ct);
        Assert.Equal(["Define", "Start", "Stop"], verbs);
    }

    [Fact]
    public async Task A_guest_removed_while_it_boots_stays_removed()
    {
        var time = new ManualTimeProvider();
        using var slow = new FakeHypervisor(new FakeOptions { BootDelay = TimeSpan.FromMinutes(1) }, time);
        var spec = NewSpec();
        await slow.Define(spec, Ct);
        var start = slow.Start(spec.Id, Ct);
        await slow.Remove(spec.Id, Ct);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("GuestRemoved", (await Assert.ThrowsAsync<Fault>(() => start)).Name);
        Assert.Empty(await slow.List(Ct));
    }
}
