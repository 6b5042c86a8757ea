using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Qemu;
using Nephos.Drivers.Qemu.Kvm;
using Xunit;

namespace Nephos.Drivers.Tests.Qemu;

public sealed class KvmProbeTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    readonly TempFolder folder = new();
    readonly Commands commands = new(NullLoggerFactory.Instance, TimeProvider.System);

    public KvmProbeTests()
    {
        if (!File.Exists("/usr/bin/qemu-system-x86_64")) Assert.Skip("qemu-system-x86_64 is not installed");
    }

    public void Dispose() => folder.Dispose();

    KvmProbe Probe => new(new QemuOptions { State = folder["state"], Run = folder.Path }, commands);

    [Fact]
    public async Task The_probe_passes_on_a_processor_that_works() => Assert.Equal(99, (await Probe.Run(null, "tcg", "max", Ct)).Code);

    [Fact]
    public async Task A_host_without_working_kvm_says_why_and_one_with_it_says_nothing()
    {
        var why = await Probe.WhyNot(null, Ct);
        Assert.True(why is null || why.StartsWith("KVM is ", StringComparison.Ordinal), why);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
