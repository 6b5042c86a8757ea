using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Drivers.Exec;
using Nephos.Seed;
using Nephos.State;
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
        new Credentials(new Secret(password), new Secret("demo-password")).Write(folder, "http://127.0.0.1:8700", null);

        var commands = new Commands(NullLoggerFactory.Instance, TimeProvider.System);
        var seen = await commands.Must("sh", ["-c", ". \"$0\"; printf '%s|%s|%s|%s' \"$OS_PASSWORD\" \"$OS_USERNAME\" \"$OS_AUTH_URL\" \"$OS_CLOUD\"", folder.AdminOpenrc], TestContext.Current.CancellationToken);

        Assert.Equal($"{password}|admin|http://127.0.0.1:8700/identity|", seen);
        Assert.Equal(password, Credentials.Existing(folder)!.Admin.Reveal());
    }

    [Fact]
    public async Task An_authority_that_clients_do_not_know_is_in_the_files_and_goes_with_the_certificate()
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp["it's a state"]);
        folder.Create();
        var credentials = Credentials.Of(folder);
        credentials.Write(folder, "https://127.0.0.1:8700", "PEM");
        var commands = new Commands(NullLoggerFactory.Instance, TimeProvider.System);
        var ct = TestContext.Current.CancellationToken;
        Assert.Equal(folder.Authority, await commands.Must("sh", ["-c", ". \"$0\"; printf %s \"$OS_CACERT\"", folder.DemoOpenrc], ct));
        Assert.Equal("PEM\n", await File.ReadAllTextAsync(folder.Authority, ct));
        Assert.Equal(2, File.ReadLines(folder.CloudsYaml).Count(l => l == $"    cacert: '{folder.Authority.Replace("'", "''", StringComparison.Ordinal)}'"));

        credentials.Write(folder, "http://127.0.0.1:8700", null);
        Assert.False(File.Exists(folder.Authority));
        Assert.DoesNotContain("CACERT", await File.ReadAllTextAsync(folder.DemoOpenrc, ct), StringComparison.Ordinal);
    }

    [Fact]
    public void Passwords_stay_the_same_from_start_to_start()
    {
        using var temp = new TempFolder();
        var folder = new StateFolder(temp["state"]);
        folder.Create();
        var first = Credentials.Of(folder);
        first.Write(folder, "http://127.0.0.1:8700", null);
        var second = Credentials.Of(folder);
        Assert.Equal(first.Admin.Reveal(), second.Admin.Reveal());
        Assert.Equal(first.Demo.Reveal(), second.Demo.Reveal());
        Assert.Equal(20, first.Demo.Reveal().Length);
        Assert.NotEqual(first.Admin.Reveal(), first.Demo.Reveal());
    }
}
