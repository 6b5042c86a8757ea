using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Qemu;

/// <summary>
/// Gives each device a root port of its own. A port that is free takes a card while the guest runs; a device keeps its port for as
/// long as it exists, so the guest's names for it stay.
/// </summary>
static class Slots
{
    public const int Max = 31;
    const int Spare = 6, AtLeast = 8;

    public const string ConfigDrive = "config";

    public static string Disk(DiskSpec disk) => "disk-" + disk.Name;

    public static string Nic(Guid port) => $"nic-{port}";

    /// <summary>How many root ports a guest with these devices gets.</summary>
    public static int Count(IReadOnlyDictionary<string, int> slots) => Math.Min(Max, Math.Max(AtLeast, slots.Values.DefaultIfEmpty(-1).Max() + 1 + Spare));

    /// <summary>The ports of everything in <paramref name="spec"/>: where it was, else the lowest that is free.</summary>
    public static Dictionary<string, int> Assign(GuestSpec spec, IReadOnlyDictionary<string, int> before)
    {
        string[] wanted =
        [
            .. spec.Disks.Where(d => d.Bus == "virtio").Select(Disk),
            .. spec.Disks.Any(d => d.Bus == "scsi") ? (string[])["scsi"] : [],
            .. spec.ConfigDrivePath is null ? (string[])[] : [ConfigDrive],
            .. spec.Nics.Select(n => Nic(n.Port)),
        ];
        var slots = wanted.Where(before.ContainsKey).ToDictionary(d => d, d => before[d]);
        foreach (var device in wanted.Where(d => !before.ContainsKey(d)))
            slots[device] = Free(slots.Values, Max) ?? throw Errors.TooManyDevices(Max);
        return slots;
    }

    /// <summary>The lowest free port below <paramref name="count"/>, or null.</summary>
    public static int? Free(IEnumerable<int> taken, int count)
    {
        var used = taken.ToHashSet();
        return Enumerable.Range(0, count).Cast<int?>().FirstOrDefault(s => !used.Contains(s!.Value));
    }
}
