using Nephos.Cli;
using Nephos.State;
using Xunit;

namespace Nephos.Tests;

public sealed class StateFolderTests
{
    [Fact]
    public void A_folder_has_one_holder_at_a_time_and_is_free_when_that_one_ends()
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp["state"]);
        folder.Create();
        Assert.Null(folder.Holder());
        using (folder.TryLock())
        {
            Assert.Null(new StateFolder(folder.Path).TryLock());
            File.WriteAllText(folder.PidFile, "4711");
            Assert.Equal(4711, folder.Holder());
        }
        // A process that another test starts has our open files, and so the lock, until it runs its program.
        Assert.True(SpinWait.SpinUntil(() => folder.Holder() is null, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void The_cloud_id_is_chosen_once_and_is_eight_hexadecimal_digits()
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp["state"]);
        Assert.False(folder.Exists);
        folder.Create();
        Assert.Matches("^[0-9a-f]{8}$", folder.CloudId);
        var again = new StateFolder(temp["state"]);
        again.Create();
        Assert.Equal(folder.CloudId, again.CloudId);
    }

    [Fact]
    public void A_socket_path_fits_whatever_the_state_folder_is_called_or_the_name_is_refused()
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp[new string('x', 120)]);
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Contains("too long", Assert.Throws<Refusal>(folder.Create).Message, StringComparison.Ordinal);
            return;
        }
        folder.Create();
        Assert.InRange(folder.LinkSocket.Length, 1, 107);
        Directory.Delete(folder.Run, recursive: true);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_by_name()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["file"], "");
        Assert.Contains(temp["file"], Assert.Throws<Refusal>(new StateFolder(Path.Combine(temp["file"], "state")).Create).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_users_get_through_to_the_sockets_and_the_guests_whatever_the_umask_was()
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp["state"]);
        folder.Create();
        const UnixFileMode through = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        // Only root has other users to let through to its sockets.
        string[] passed = Environment.IsPrivilegedProcess ? [folder.Run, folder.Node] : [folder.Node];
        foreach (var path in passed) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        folder.Create();
        foreach (var path in passed) Assert.Equal(through, File.GetUnixFileMode(path) & through);
        // The folder above is that of every cloud of the host: looked at, and left as it is.
        if (Environment.IsPrivilegedProcess) Assert.Equal(through, File.GetUnixFileMode(Path.GetDirectoryName(folder.Run)!) & through);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(folder.LinkFolder) & through);
        Directory.Delete(folder.Run, recursive: true);
    }

    [Fact]
    public async Task What_is_advised_is_about_the_folder_that_was_named()
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp["state"]);
        folder.Create();
        Assert.Equal("./nephos status", new StateFolder(StateFolder.Default).Command("status"));
        var refusal = await Assert.ThrowsAsync<Refusal>(() => ResetCommand.Run(folder, yes: false, TestContext.Current.CancellationToken));
        Assert.Equal($"./nephos reset --yes --state {folder.Path}", refusal.Mend);
        Assert.True(folder.Exists);
    }

    [Fact]
    public void A_private_file_is_readable_by_its_owner_only()
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp["state"]);
        folder.Create();
        File.WriteAllText(folder.AdminOpenrc, "old, and readable by all");
        folder.WritePrivate(folder.AdminOpenrc, "secret");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.AdminOpenrc));
        Assert.Equal("secret", File.ReadAllText(folder.AdminOpenrc));
    }
}
