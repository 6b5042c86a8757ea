using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Fake;

/// <summary>How the guests of a <see cref="FakeHypervisor"/> behave.</summary>
public sealed record FakeOptions
{
    /// <summary>Keeps the guests here so that they "run on" while we are gone; null forgets them.</summary>
    public string? File { get; init; }

    /// <summary>From start to running.</summary>
    public TimeSpan BootDelay { get; init; }

    /// <summary>From the power button to off; longer than the grace: the plug is pulled.</summary>
    public TimeSpan PowerOffDelay { get; init; }

    /// <summary>
    /// Called before each verb: the verb's name (<c>Define</c>, <c>Start</c> ...) and the guest. It may throw what the driver shall
    /// throw, or wait. Guests whose name says so fail without a hook, see <see cref="FakeHypervisor"/>.
    /// </summary>
    public Func<string, GuestSpec, CancellationToken, Task>? Before { get; init; }

    /// <summary>A file that names verbs (<c>AttachNic</c>), one per line: while it is there they fail, so that who only speaks the public API can have faults too.</summary>
    public string? Failures { get; init; }

    /// <summary>What a guest prints when it boots.</summary>
    public Func<GuestSpec, string> Console { get; init; } = spec => string.Join("\r\n",
    [
        $"fake guest {spec.Name}", $"{spec.Vcpus} processors, {spec.MemoryMib} MiB of memory", .. spec.Disks.Select(d => $"disk {d.Name}: {d.SizeBytes} bytes"),
        .. spec.Nics.Select((n, i) => $"eth{i}: {n.Mac}"), "boot completed", "login: ",
    ]);

    public int Vcpus { get; init; } = 64;

    public long MemoryMib { get; init; } = 256 << 10;

    public long DiskGib { get; init; } = 10 << 10;
}
