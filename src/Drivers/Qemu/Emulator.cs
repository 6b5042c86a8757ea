using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Qemu;

/// <summary>A guest's running emulator: its process and the connection to it.</summary>
sealed class Emulator(Guid guest, Child process, Qmp qmp) : IAsyncDisposable
{
    public Child Process => process;

    public bool Alive => process.Alive;

    public bool Connected => qmp.Open;

    public Task<QmpEvent> Expect(Func<QmpEvent, bool> matches, TimeSpan limit, CancellationToken ct) => qmp.Expect(matches, limit, ct);

    /// <summary>QEMU's word for its state (<c>running</c>, <c>paused</c>, <c>shutdown</c> ...), or null when it is gone.</summary>
    public async Task<string?> Status(CancellationToken ct)
    {
        try { return (await Do("query-status", null, ct)).GetProperty("status").GetString(); }
        catch (IOException) { return null; }
        catch (TimeoutException) { throw Errors.Unreachable(guest); }
    }

    public Task<System.Text.Json.JsonElement> Do(string command, JsonObject? arguments, CancellationToken ct) => qmp.Do(command, arguments, ct);

    public Task Do(string command, CancellationToken ct) => qmp.Do(command, null, ct);

    /// <summary>Asks it to end, so that disks are flushed and closed.</summary>
    public async Task Quit(TimeProvider time, CancellationToken ct)
    {
        try { await qmp.Do("quit", null, ct).WaitAsync(TimeSpan.FromSeconds(2), time, ct); }
        catch (Exception e) when (e is IOException or TimeoutException or QmpRefused) { /* It is gone, or will be killed. */ }
    }

    public ValueTask DisposeAsync() => qmp.DisposeAsync();
}

/// <summary>Starts emulators and finds those that an earlier life of ours started.</summary>
sealed partial class Emulators(QemuOptions options, Children children, Cgroups cgroups, TimeProvider time, ILoggerFactory loggers)
{
    public const string Kind = "guest";

    static readonly TimeSpan Youth = TimeSpan.FromSeconds(20);

    readonly ILogger log = loggers.CreateLogger<Emulators>();
    readonly Lazy<IReadOnlyDictionary<string, Child>> earlier = new(() => children.Find(Kind));

    /// <summary>Starts one and connects to it. What the emulator says before it dies becomes the fault.</summary>
    public async Task<Emulator> Start(GuestSpec spec, GuestPaths paths, IReadOnlyList<string> arguments, RunAs? user, Action<QmpEvent> heard, CancellationToken ct)
    {
        var guest = spec.Id;
        // Somebody lives there whom we did not recognise: its sockets are not taken away.
        if (Libc.LockHolder(paths.PidFile) is not null) throw Errors.Unreachable(guest);
        Prepare(paths, user);
        string[] line =
        [
            .. cgroups.Enter(guest, spec.CpuLimits, spec.Vcpus),
            .. options.HostNamespace is { } name ? (string[])["ip", "netns", "exec", name] : [],
            .. RunAs.Prefix(user), options.Program, .. arguments,
        ];
        var process = children.Start(Kind, guest, line[0], line[1..], paths.Log);
        var began = time.GetTimestamp();
        try
        {
            while (time.GetElapsedTime(began) < options.StartLimit)
            {
                if (!process.Alive) throw Errors.DidNotStart(LastWords(paths.Log));
                if (await Qmp.Connect(paths.Qmp, options.StartLimit, heard, ct) is { } qmp) return new Emulator(guest, process, qmp);
                await Task.Delay(TimeSpan.FromMilliseconds(3), time, ct);
            }
            throw Errors.DidNotStart($"it did not answer within {options.StartLimit.TotalSeconds:0} s");
        }
        catch
        {
            process.Kill();
            // The next one needs its locks.
            await process.Ended(TimeSpan.FromSeconds(5), time, CancellationToken.None);
            throw;
        }
    }

    /// <summary>
    /// The living process of a guest that we did not start in this life, or null. QEMU locks its pid file for life, which names it at
    /// once, and so does its control group; that all processes are searched once finds one that has neither.
    /// </summary>
    public Child? Find(Guid guest, GuestPaths paths)
    {
        if (Libc.LockHolder(paths.PidFile) is { } pid && children.Find(Kind, guest, pid) is { } child) return child;
        if (cgroups.Processes(guest).Select(member => children.Find(Kind, guest, member)).FirstOrDefault(c => c is not null) is { } member) return member;
        return earlier.Value.GetValueOrDefault(guest.ToString()) is { Alive: true } found ? found : null;
    }

    /// <summary>All that run, by guest.</summary>
    public IReadOnlyDictionary<Guid, Child> Living() => children.Find(Kind).Where(c => Guid.TryParse(c.Key, out _)).ToDictionary(c => Guid.Parse(c.Key), c => c.Value);

    /// <summary>Ends whatever is left of an emulator, and takes away its control group.</summary>
    public Task Clear(Guid guest, CancellationToken ct) => cgroups.Remove(guest, time, ct);

    /// <summary>
    /// Connects to a process found again; null when it does not answer. It is never ended for that: somebody may be talking to it, or
    /// its disk may be slow.
    /// </summary>
    public async Task<Emulator?> Adopt(Guid guest, Child process, GuestPaths paths, TimeSpan patience, Action<QmpEvent> heard, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        // One whose start was interrupted by our end does not listen yet.
        while (process.Alive && (time.GetElapsedTime(began) < patience || process.Age < Youth))
        {
            try
            {
                if (await Qmp.Connect(paths.Qmp, TimeSpan.FromSeconds(2), heard, ct) is { } qmp)
                {
                    Adopted(log, guest, process.Pid);
                    return new Emulator(guest, process, qmp);
                }
            }
            catch (TimeoutException) { /* Its disk may be slow while it ends. */ }
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
        }
        if (process.Alive) Silent(log, guest, process.Pid);
        return null;
    }

    void Prepare(GuestPaths paths, RunAs? user)
    {
        if (Directory.Exists(paths.Run)) Directory.Delete(paths.Run, recursive: true);
        Directory.CreateDirectory(paths.Run, Modes.Folder);
        Directory.CreateDirectory(paths.Own, Modes.Folder);
        RunAs.Give(paths.Own, user);
        // Opened by the emulator for appending; it may not create files here.
        foreach (var file in (string[])[paths.Console, paths.Log])
        {
            if (!File.Exists(file)) new FileStream(file, Modes.NewFile).Dispose();
            RunAs.Give(file, user);
        }
        if (new FileInfo(paths.Log).Length > 1 << 20) File.WriteAllText(paths.Log, "");
    }

    /// <summary>The last line that is about QEMU itself, without its time.</summary>
    internal static string LastWords(string path)
    {
        var lines = File.Exists(path) ? File.ReadLines(path).TakeLast(20).ToArray() : [];
        var said = lines.LastOrDefault(l => l.Contains("qemu", StringComparison.Ordinal) || l.Contains("setpriv", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "it said nothing";
        var at = said.IndexOf("qemu-system", StringComparison.Ordinal);
        return (at > 0 ? said[at..] : said).Trim();
    }

    [LoggerMessage(1, LogLevel.Information, "Found guest {Guest} again as process {Pid}")]
    static partial void Adopted(ILogger log, Guid guest, int pid);

    [LoggerMessage(2, LogLevel.Warning, "The emulator of guest {Guest}, process {Pid}, does not answer")]
    static partial void Silent(ILogger log, Guid guest, int pid);
}
