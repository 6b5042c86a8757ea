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
    [InlineData("up --listen 0.0.0.0:9000 --external-cidr 192.0.2.0/24 --fake --state /tmp/x")]
    [InlineData("quickstart --yes --no-classic-ports --host-namespace ns1 --public-url https://cloud.example:8443/x")]
    [InlineData("dev --state /tmp/x --listen [::]:8700")]
    [InlineData("up --trusted-proxies 192.0.2.1 --trusted-proxies 10.0.0.0/8 --trusted-proxies 2001:db8::1")]
    [InlineData("down --stop-servers --state /tmp/x")]
    [InlineData("logs req-1 -n 5")]
    [InlineData("reset --yes --state /tmp/x")]
    public void Every_command_takes_its_options(string line) => Assert.Empty(CommandLine.Root().Parse(line).Errors);
}
