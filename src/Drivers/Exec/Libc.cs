using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Nephos.Drivers.Exec;

/// <summary>The calls of the C library that .NET does not offer. All P/Invoke of the drivers about processes and files is here.</summary>
static unsafe partial class Libc
{
    public const int SigTerm = 15, SigKill = 9;
    public const int ReadOnly = 0, WriteOnly = 1, Create = 0x40, Append = 0x400, NonBlock = 0x800, Directory = 0x10000, NoFollow = 0x20000, CloseOnExec = 0x80000;
    const int WNoHang = 1, GetLock = 5, CurrentFolder = -100, LinksThemselves = 0x100, HandleItself = 0x1000, KindMask = 0xf000, PlainKind = 0x8000;
    const uint WantKind = 1, WantLinks = 4, WantOwner = 8, WantSize = 0x200;
    const short WriteLock = 1, Unlocked = 2;
    const short SpawnSetSigDef = 0x04, SpawnSetSigMask = 0x08, SpawnSetSession = 0x80;
    const long PidFdOpen = 434, PidFdSendSignal = 424;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawnp(out int pid, string file, void* actions, void* attributes, string?[] argv, string?[] envp);
    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(void* actions);
    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(void* actions);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(void* actions, int fd, string path, int flags, uint mode);
    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(void* actions, int from);
    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(void* attributes);
    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(void* attributes);
    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(void* attributes, short flags);
    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(void* attributes, void* set);
    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(void* attributes, void* set);
    [LibraryImport("libc")]
    private static partial int sigfillset(void* set);
    [LibraryImport("libc")]
    private static partial int sigemptyset(void* set);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, int* status, int options);
    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long a, long b, long c, long d);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int command, void* argument);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags, uint mode);
    [LibraryImport("libc")]
    private static partial int close(int fd);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int fd);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int chown(string path, uint uid, uint gid);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int link(string from, string to);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int statx(int folder, string path, int flags, uint wanted, FileFacts* facts);
    [LibraryImport("libc")]
    private static partial uint geteuid();

    public static bool IsRoot => geteuid() == 0;

    /// <summary>Starts a program in a session of its own, with all signals as a fresh process has them, its input empty and its outputs appended to a file.</summary>
    public static int Spawn(string program, IReadOnlyList<string> argv, IEnumerable<string> environment, string outputPath)
    {
        // glibc's types are 80, 336 and 128 bytes; musl's are smaller.
        byte* actions = stackalloc byte[256];
        byte* attributes = stackalloc byte[512];
        byte* signals = stackalloc byte[128];
        Check(posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init");
        Check(posix_spawnattr_init(attributes), "posix_spawnattr_init");
        try
        {
            Check(posix_spawn_file_actions_addopen(actions, 0, "/dev/null", ReadOnly, 0), "addopen");
            Check(posix_spawn_file_actions_addopen(actions, 1, outputPath, WriteOnly | Create | Append, 0x180), "addopen");
            Check(posix_spawn_file_actions_addopen(actions, 2, outputPath, WriteOnly | Create | Append, 0x180), "addopen");
            // .NET marks all its files close-on-exec; what we ourselves inherited may not be.
            Check(posix_spawn_file_actions_addclosefrom_np(actions, 3), "addclosefrom");
            Check(posix_spawnattr_setflags(attributes, SpawnSetSession | SpawnSetSigDef | SpawnSetSigMask), "setflags");
            _ = sigfillset(signals);
            Check(posix_spawnattr_setsigdefault(attributes, signals), "setsigdefault");
            _ = sigemptyset(signals);
            Check(posix_spawnattr_setsigmask(attributes, signals), "setsigmask");
            Check(posix_spawnp(out var pid, program, actions, attributes, [program, .. argv, null], [.. environment, null]), program);
            return pid;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>Takes the zombie of a child of ours away; of no effect for others.</summary>
    public static void Reap(int pid)
    {
        int status;
        _ = waitpid(pid, &status, WNoHang);
    }

    /// <summary>A handle that keeps meaning this process even when its number is given to another; -1 when it is gone.</summary>
    public static int OpenProcess(int pid) => (int)syscall(PidFdOpen, pid, 0, 0, 0);

    public static bool Signal(int processHandle, int signal) => syscall(PidFdSendSignal, processHandle, signal, 0, 0) == 0;

    /// <summary>The process that holds a write lock on the whole file (QEMU holds one on its pid file for life), or null.</summary>
    public static int? LockHolder(string path)
    {
        var fd = open(path, ReadOnly | CloseOnExec | NoFollow | NonBlock, 0);
        if (fd < 0) return null;
        try
        {
            var query = new FileLock { Type = WriteLock };
            return fcntl(fd, GetLock, &query) == 0 && query.Type != Unlocked ? query.Pid : null;
        }
        finally { Close(fd); }
    }

    /// <summary>Makes a folder's entries durable: after a rename the file would else be lost with the power.</summary>
    public static void SyncFolder(string path)
    {
        var fd = open(path, ReadOnly | Directory | CloseOnExec, 0);
        if (fd < 0) throw Failure("open", path);
        try { if (fsync(fd) != 0) throw Failure("fsync", path); }
        finally { Close(fd); }
    }

    /// <summary>A second name for a file; false where the file system (or another one) does not allow it.</summary>
    public static bool Link(string path, string name) => link(path, name) == 0;

    /// <summary>How many names a file has, and its bytes; zeros if there is none.</summary>
    public static (int Links, long Size) Facts(string path)
    {
        FileFacts facts;
        return statx(CurrentFolder, path, LinksThemselves, WantLinks | WantSize, &facts) == 0 ? ((int)facts.Links, facts.Size) : default;
    }

    /// <summary>Null if there is no such file.</summary>
    public static int? Owner(string path)
    {
        FileFacts facts;
        return statx(CurrentFolder, path, LinksThemselves, WantOwner, &facts) == 0 ? (int)facts.Owner : null;
    }

    /// <summary>A plain file of this owner, to be read; null for anything else. Asked of what was opened, since a name may come to mean another file at any time.</summary>
    public static SafeFileHandle? OpenPlain(string path, int owner)
    {
        var handle = new SafeFileHandle(open(path, ReadOnly | NoFollow | NonBlock | CloseOnExec, 0), ownsHandle: true);
        FileFacts facts;
        if (!handle.IsInvalid && statx((int)handle.DangerousGetHandle(), "", HandleItself, WantKind | WantOwner, &facts) == 0 && (facts.Mode & KindMask) == PlainKind && facts.Owner == owner) return handle;
        handle.Dispose();
        return null;
    }

    public static void Own(string path, int uid, int gid)
    {
        if (chown(path, (uint)uid, (uint)gid) != 0) throw Failure("chown", path);
    }

    public static void Close(int fd) => _ = close(fd);

    static void Check(int error, string what)
    {
        if (error != 0) throw new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    static IOException Failure(string call, string path) => new($"{call} {path}: {Marshal.GetLastPInvokeErrorMessage()}");

    /// <summary><c>struct statx</c>, the same everywhere.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct FileFacts
    {
        [FieldOffset(16)] public uint Links;
        [FieldOffset(20)] public uint Owner;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(40)] public long Size;
    }

    /// <summary><c>struct flock</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct FileLock
    {
        public short Type, Whence;
        public long Start, Length;
        public int Pid;
    }
}
