using System.Globalization;

namespace Nephos.Drivers.Exec;

/// <summary>An unprivileged user to run a program as, without any capability and unable to gain one.</summary>
/// <param name="Groups">Further groups (of a device file, for instance).</param>
public sealed record RunAs(int Uid, int Gid, params IReadOnlyList<int> Groups)
{
    /// <summary>The arguments that make a program run so: its own name and arguments follow them. The process stays the same one.</summary>
    public static IReadOnlyList<string> Prefix(RunAs? user) => user is null
        ? ["setpriv", "--no-new-privs"]
        :
        [
            "setpriv", "--reuid", Text(user.Uid), "--regid", Text(user.Gid),
            .. user.Groups.Count == 0 ? ["--clear-groups"] : (string[])["--groups", string.Join(',', user.Groups.Select(Text))],
            "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all",
        ];

    /// <summary>Gives a file or folder to the user.</summary>
    public static void Give(string path, RunAs? user)
    {
        if (user is not null) Libc.Own(path, user.Uid, user.Gid);
    }

    static string Text(int id) => id.ToString(CultureInfo.InvariantCulture);
}
