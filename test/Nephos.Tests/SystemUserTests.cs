using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Drivers.Exec;
using Nephos.Roles;
using Xunit;

namespace Nephos.Tests;

public sealed class SystemUserTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    private readonly TempFolder temp = new();
    private readonly Commands commands = new(NullLoggerFactory.Instance, TimeProvider.System);

    public void Dispose() => temp.Dispose();

    private async Task<string> Owner(string name) => (await commands.Must("stat", ["-c", "%U", temp[name]], Ct)).Trim();

    [Fact]
    public async Task A_folder_is_given_with_all_in_it_and_later_only_what_is_new_at_its_top()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root gives files away");
        var user = new SystemUser(commands, "nobody");
        Directory.CreateDirectory(temp["all/images"]);
        foreach (var file in (string[])["all/db", "all/images/one"]) await File.WriteAllTextAsync(temp[file], "", Ct);
        await user.Own(temp["all"], Ct);
        foreach (var name in (string[])["all", "all/db", "all/images", "all/images/one"]) Assert.Equal("nobody", await Owner(name));

        // A restored database becomes the user's; images are not looked through.
        await File.WriteAllTextAsync(temp["all/restored"], "", Ct);
        await File.WriteAllTextAsync(temp["all/images/two"], "", Ct);
        Directory.CreateDirectory(temp["all/new/below"]);
        await user.Own(temp["all"], Ct);
        foreach (var name in (string[])["all/restored", "all/new", "all/new/below"]) Assert.Equal("nobody", await Owner(name));
        Assert.Equal("root", await Owner("all/images/two"));
    }

    [Fact]
    public async Task Numbers_are_those_of_the_system()
    {
        var numbers = await new SystemUser(commands, "nobody").Numbers(Ct);
        Assert.Equal((await commands.Must("id", ["-u", "nobody"], Ct)).Trim(), numbers.Uid.ToString(CultureInfo.InvariantCulture));
    }
}
