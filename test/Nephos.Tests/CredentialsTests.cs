using Nephos.Contracts;
using Nephos.Drivers.Exec;
using Nephos.Seed;
using Nephos.State;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Nephos.Tests;

public sealed class CredentialsTests
{
    [Theory]
    [InlineData("simple")]
    [InlineData("it's \"quoted\" $HOME `x` \\ end")]
    public async Task What_a_shell_reads_from_the_openrc_is_the_password(string password)
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp["state"]);
        folder.Create();
        new Credentials(new Secret(password), new Secret("demo-password")).Write(folder, "http://127.0.0.1:8700");

        var commands = new Commands(NullLoggerFactory.Instance, TimeProvider.System);
        var seen = await commands.Must("sh", ["-c", ". \"$0\"; printf '%s|%s|%s|%s' \"$OS_PASSWORD\" \"$OS_USERNAME\" \"$OS_AUTH_URL\" \"$OS_CLOUD\"", folder.AdminOpenrc], TestContext.Current.CancellationToken);

        Assert.Equal($"{password}|admin|http://127.0.0.1:8700/identity|", seen);
        Assert.Equal(password, Credentials.Existing(folder)!.Admin.Reveal());
    }

    [Fact]
    public void Passwords_stay_the_same_from_start_to_start()
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp["state"]);
        folder.Create();
        var first = Credentials.Of(folder);
        first.Write(folder, "http://127.0.0.1:8700");
        var second = Credentials.Of(folder);
        Assert.Equal(first.Admin.Reveal(), second.Admin.Reveal());
        Assert.Equal(first.Demo.Reveal(), second.Demo.Reveal());
        Assert.Equal(20, first.Demo.Reveal().Length);
        Assert.NotEqual(first.Admin.Reveal(), first.Demo.Reveal());
    }
}
