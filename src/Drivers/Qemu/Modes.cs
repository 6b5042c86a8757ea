namespace Nephos.Drivers.Qemu;

/// <summary>Who may read what: the emulator's user passes through folders and opens only what it owns.</summary>
static class Modes
{
    public const UnixFileMode Folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static FileStreamOptions NewFile => new() { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private };
}
