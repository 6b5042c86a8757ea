using Nephos.Cli;
using Xunit;

namespace Nephos.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("up --listen 8700")]
    [InlineData("up --listen localhost")]
    [InlineData("up --external-cidr 10.0.0.0/40")]
    [InlineData("up --external-cidr 2001:db8::/64")]
    [InlineData("dev --public-url cloud.example")]
    [InlineData("dev --public-url https://cloud.example/?x")]
    [InlineData("up --trusted-proxies 192.0.2.1 --trusted-proxies proxy.example")]
    [InlineData("frob")]
    public void What_makes_no_sense_is_refused(string line) => Assert.NotEmpty(CommandLine.Root().Parse(line).Errors);

    [Theory]
    [InlineData("frob", "'frob'", "./nephos --help")]
    [InlineData("policy sample", "sample", "./nephos policy sample --help")]
    [InlineData("up --listen 8700", "is not ADDR:PORT", "./nephos up --help")]
    public void A_complaint_names_what_is_wrong_and_where_to_read_on(string line, string wrong, string help)
    {
        var lines = CommandLine.Complaint(CommandLine.Root().Parse(line))!.Split('\n');
        Assert.Contains(wrong, lines[0], StringComparison.Ordinal);
        Assert.Contains(help, lines[^1], StringComparison.Ordinal);
        Assert.True(lines.Length < 5, "it fits any screen");
    }

    [Theory]
    [InlineData("up --fake")]
    [InlineData("policy --help")]
    [InlineData("--version")]
    [InlineData("")]
    public void What_makes_sense_is_no_reason_to_complain(string line) => Assert.Null(CommandLine.Complaint(CommandLine.Root().Parse(line)));

    [Theory]
    [InlineData("0.1.0", "0.1.0")]
    [InlineData("0.1.0+47e1b1c937a4dc4e293f3580af737df703114740", "0.1.0+47e1b1c")]
    public void A_version_fits_a_line(string full, string shown) => Assert.Equal(shown, Release.Short(full));

    [Theory]
    [InlineData("up --listen 0.0.0.0:9000 --external-cidr 192.0.2.0/24 --fake --state /tmp/x")]
    [InlineData("quickstart --yes --no-classic-ports --host-namespace ns1 --public-url https://cloud.example:8443/x")]
    [InlineData("dev --state /tmp/x --listen [::]:8700")]
    [InlineData("up --trusted-proxies 192.0.2.1 --trusted-proxies 10.0.0.0/8 --trusted-proxies 2001:db8::1")]
    [InlineData("down --stop-servers --state /tmp/x")]
    [InlineData("logs req-1 -n 5")]
    [InlineData("reset --yes --state /tmp/x")]
    public void Every_command_takes_its_options(string line) => Assert.Empty(CommandLine.Root().Parse(line).Errors);
}
