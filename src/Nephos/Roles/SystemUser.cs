using System.Globalization;
using Nephos.Cli;
using Nephos.Drivers.Exec;

namespace Nephos.Roles;

/// <summary>An unprivileged user of the system: <see cref="Controller"/> runs the APIs, <see cref="Guests"/> runs the emulators, <see cref="Images"/> runs the tools that read images.</summary>
sealed class SystemUser(Commands commands, string name)
{
    public const string Controller = "nephos";
    public const string Guests = "nephos-guest";
    public const string Images = "nephos-image";

    /// <summary>Makes the user if it is missing.</summary>
    public async Task Ensure(CancellationToken ct)
    {
        if ((await commands.Run("id", ["-u", name], ct)).Ok) return;
        try { await commands.Must("useradd", ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name], ct); }
        catch (CommandFailed failed) { throw new Refusal($"the system user {name} could not be made: {failed.Message}", $"useradd --system --user-group --no-create-home --shell /usr/sbin/nologin {name}"); }
    }

    /// <summary>Its numbers.</summary>
    public async Task<RunAs> Numbers(CancellationToken ct) => new(await Number("-u", ct), await Number("-g", ct));

    /// <summary>
    /// Gives it a folder and everything in it. Of what is in the folder only the first level is looked at, and what has the right owner is
    /// passed over with all below: what a start costs does not grow with the number of images.
    /// </summary>
    public Task Own(string folder, CancellationToken ct) =>
        commands.Must("find", [folder, "-maxdepth", "1", "!", "-user", name, "-exec", "chown", "-R", "--no-dereference", $"{name}:", "{}", "+"], ct);

    /// <summary>What to put before a command so that it runs as that user, without any capability (but the one a low port takes).</summary>
    public IReadOnlyList<string> Prefix(int port)
    {
        var bounding = port < 1024 ? "-all,+net_bind_service" : "-all";
        var low = port < 1024 ? (string[])["--inh-caps=-all,+net_bind_service", "--ambient-caps=-all,+net_bind_service"] : ["--inh-caps=-all"];
        return ["setpriv", $"--reuid={name}", $"--regid={name}", "--init-groups", "--no-new-privs", $"--bounding-set={bounding}", .. low];
    }

    /// <summary>True if that user can read a file; the program and .NET may lie in a private home.</summary>
    public async Task<bool> CanRead(string path, CancellationToken ct) =>
        (await commands.Run("setpriv", [$"--reuid={name}", $"--regid={name}", "--init-groups", "test", "-r", path], ct)).Ok;

    async Task<int> Number(string which, CancellationToken ct) => int.Parse((await commands.Must("id", [which, name], ct)).Trim(), CultureInfo.InvariantCulture);
}
