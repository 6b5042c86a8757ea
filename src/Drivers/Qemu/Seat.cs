using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Qemu;

/// <summary>A guest's place in this process: one verb at a time, and its emulator if it has one.</summary>
sealed class Seat(Guid id, GuestFiles files)
{
    public Guid Id => id;

    public GuestPaths Paths { get; } = files.Paths(id);

    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Cancelled by a removal, which need not wait for what the guest is doing.</summary>
    public CancellationTokenSource Removal { get; } = new();

    /// <summary>Its process, also while nobody answers there. Set only inside the gate.</summary>
    public Child? Process { get; set; }

    /// <summary>The connection to it. Set only inside the gate; read anywhere.</summary>
    public Emulator? Emulator { get; set; }

    /// <summary>False until processes of an earlier life were looked for.</summary>
    public bool Searched { get; set; }

    /// <summary>What was last seen; answers while a verb is under way.</summary>
    public GuestState? Seen { get; set; }

    /// <summary>When it last did not answer, as <see cref="TimeProvider.GetTimestamp"/> counts; 0 when it did.</summary>
    public long SilentAt { get; set; }

    public bool Snapshotting { get; set; }

    public GuestRecord Record() => files.Load(id) ?? throw Errors.NoGuest(id);

    public GuestRecord Save(GuestRecord record)
    {
        files.Save(record);
        return record;
    }

    public static PowerState Power(GuestRecord record, string? status) => status switch
    {
        "running" => PowerState.Running,
        "prelaunch" or "inmigrate" => PowerState.Pending,
        "shutdown" => PowerState.Shutdown,
        "internal-error" or "guest-panicked" => PowerState.Crashed,
        not null => PowerState.Paused,
        null => record.Phase switch
        {
            Phase.Suspended => PowerState.Suspended,
            Phase.Off => record.Reason is "crash" or "killed" ? PowerState.Crashed : PowerState.Shutdown,
            _ => PowerState.Pending,
        },
    };
}
