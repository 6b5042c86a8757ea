using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Nephos.Cli;

namespace Nephos.State;

/// <summary>
/// The folder that holds a cloud: <c>cloud-id</c>, <c>lock</c> (held by the running program), <c>controller/</c> (database, images, keys),
/// <c>node/</c> (guests, bases), <c>log/</c>, and the files for people: <c>admin-openrc</c>, <c>demo-openrc</c>, <c>clouds.yaml</c>.
/// Sockets have paths of at most 107 bytes: see <see cref="Run"/>.
/// </summary>
sealed class StateFolder
{
    const int MaxSocketPath = 107;

    public StateFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        CloudId = File.Exists(CloudIdFile) ? File.ReadAllText(CloudIdFile).Trim() : "";
    }

    public string Path { get; }

    /// <summary>Eight hexadecimal digits that mark everything this cloud makes; empty while the folder is.</summary>
    public string CloudId { get; private set; }

    public string Controller => In("controller");
    public string Node => In("node");
    public string Log => In("log");
    public string AdminOpenrc => In("admin-openrc");
    public string DemoOpenrc => In("demo-openrc");
    public string CloudsYaml => In("clouds.yaml");
    /// <summary>The authority behind the API's certificate, for clients that would not know it otherwise.</summary>
    public string Authority => In("ca.pem");
    /// <summary>Exists once the first start has seeded the cloud; what a user removes later stays removed.</summary>
    public string SeededMark => In("seeded");
    /// <summary>The options of the running (or last) program, for the commands that talk to it.</summary>
    public string OptionsFile => In("options.json");
    public string PidFile => In("pid");
    string CloudIdFile => In("cloud-id");
    string LockFile => In("lock");

    /// <summary>Sockets: root's where a reboot empties it, a user's in the folder itself, where nobody else can lay another one in their place.</summary>
    public string Run => Environment.IsPrivilegedProcess && !Directory.Exists(In("run")) ? $"/run/nephos/{CloudId}" : In("run");

    /// <summary>The folder of the unix socket on which the controller answers the node and the commands; only its own user and root get in.</summary>
    public string LinkFolder => System.IO.Path.Combine(Run, "link");
    public string LinkSocket => System.IO.Path.Combine(LinkFolder, "s");

    /// <summary>Where state lives unless said otherwise.</summary>
    public static string Default => Environment.IsPrivilegedProcess
        ? "/var/lib/nephos"
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "nephos");

    /// <summary>The same for people, whoever asks.</summary>
    public const string DefaultShown = "/var/lib/nephos for root, ~/.local/share/nephos for others";

    /// <summary>What a person types to have a command done to this folder and no other.</summary>
    public string Command(string words) => $"./nephos {words}{(Path == Default ? "" : $" --state {Path}")}";

    public bool Exists => CloudId.Length > 0;

    /// <summary>Makes what is missing.</summary>
    public void Create()
    {
        try { Make(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new Refusal($"the folder {Path} cannot be made: {e.Message}", "Choose another by --state DIR."); }
        if (LinkSocket.Length > MaxSocketPath) throw new Refusal($"{Path} is too long a path: sockets in it could not be named", $"Choose a --state DIR of at most {Path.Length - (LinkSocket.Length - MaxSocketPath)} characters.");
    }

    void Make()
    {
        var isNew = !Directory.Exists(Path);
        Directory.CreateDirectory(Path);
        // A folder that was there has the rights its owner wants.
        if (isNew) Passable(Path);
        if (!Exists)
        {
            CloudId = RandomNumberGenerator.GetHexString(8, lowercase: true);
            File.WriteAllText(CloudIdFile, CloudId + "\n");
        }
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (var folder in (string[])[Controller, Log]) Directory.CreateDirectory(folder, mine);
        // Emulators run as another user and must reach their own guest's folder below.
        Directory.CreateDirectory(Node, mine);
        Passable(Node);
        Directory.CreateDirectory(Run);
        if (Run != In("run"))
        {
            Passable(System.IO.Path.GetDirectoryName(Run)!);
            Passable(Run);
        }
        Directory.CreateDirectory(LinkFolder, mine);
    }

    /// <summary>Lets other users through, whatever the umask of whoever started us: the controller and the emulators are such users.</summary>
    static void Passable(string folder) => File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    /// <summary>Holds the folder until disposed; null if another Nephos has it.</summary>
    public IDisposable? TryLock()
    {
        // Who only wants to know whether it is held (Holder) holds it for an instant.
        FileStream? held = null;
        SpinWait.SpinUntil(() => (held = LockNow()) is not null, TimeSpan.FromMilliseconds(100));
        return held;
    }

    /// <summary>The process that holds the folder, or null when none does.</summary>
    public int? Holder()
    {
        if (!File.Exists(LockFile)) return null;
        using var free = TryLock();
        if (free is not null) return null;
        return File.Exists(PidFile) && int.TryParse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture, out var pid) ? pid : 0;
    }

    /// <summary>Writes a file that only its owner reads, whole or not at all.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Belongs to the folder.")]
    public void WritePrivate(string path, string text)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        using (var writer = new StreamWriter(file)) writer.Write(text);
        File.Move(temporary, path, overwrite: true);
    }

    FileStream? LockNow()
    {
        // .NET takes flock(LOCK_EX) for FileShare.None; it ends with the process, however that ends.
        try { return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
        catch (IOException) { return null; }
    }

    string In(string name) => System.IO.Path.Combine(Path, name);
}
