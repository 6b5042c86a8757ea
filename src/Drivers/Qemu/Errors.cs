using Nephos.Contracts;

namespace Nephos.Drivers.Qemu;

static class Errors
{
    public static Fault NoGuest(Guid id) => Fault.NotFound($"No guest {id} is defined on this host.", "GuestNotFound");
    public static Fault NotRunning(Guid id, string verb) => Fault.Conflict($"The guest {id} does not run, so it cannot be {verb}.", "GuestNotRunning");
    public static Fault Removed(Guid id) => Fault.Conflict($"The guest {id} is being removed.", "GuestRemoved");
    public static Fault BadName(string what, string name) => Fault.Invalid($"The {what} '{name}' cannot be used on this host.", "GuestInvalid");
    public static Fault NoBase(string path) => Fault.Unavailable($"The base {path} is not on this host.", "BaseMissing");
    public static Fault NoFile(string path) => Fault.Unavailable($"The file {path} is not on this host.", "FileMissing");
    public static Fault TooSmall(string disk, long size, long needed) => Fault.Invalid($"The disk {disk} of {size} bytes is smaller than the {needed} bytes it has to hold.", "DiskTooSmall");
    public static Fault NoFirmware(string path) => Fault.Unavailable($"This host has no UEFI firmware for guests: {path} is missing (the package ovmf brings it).", "FirmwareMissing");
    public static Fault TooManyDevices(int max) => Fault.Conflict($"A guest takes at most {max} disks and cards.", "TooManyDevices");
    public static Fault NoFreeSlot(Guid id) => Fault.Conflict($"All slots of the guest {id} are taken; after a stop and start it has free ones.", "NoFreeSlot");
    public static Fault DidNotStart(string why) => Fault.Unavailable($"The emulator did not start: {why}", "EmulatorFailed");
    public static Fault Unreachable(Guid id) => Fault.Unavailable($"The emulator of the guest {id} runs but does not answer.", "EmulatorUnreachable");
    public static Fault Refused(string what, string why) => Fault.Unavailable($"The emulator refused to {what}: {why}", "EmulatorRefused");
    public static Fault SaveFailed(string why) => Fault.Unavailable($"The guest's memory was not saved: {why}", "SaveFailed");
    public static Fault CardKept(Guid port) => Fault.Conflict($"The guest does not let the card of port {port} go; it will be without it after its next start.", "DetachFailed");
    public static Fault SnapshotFailed(string why) => Fault.Unavailable($"The copy of the root disk failed: {why}", "SnapshotFailed");
    public static Fault Unusable(string why) => Fault.Unavailable($"QEMU cannot be used on this host: {why}", "HypervisorUnavailable");
    public static Fault BadRecord(string path, string why) => Fault.Unavailable($"The record {path} cannot be read: {why}", "GuestRecordBroken");
}
