using System.Net;
using Nephos.Image.Web;
using Xunit;

namespace Nephos.Image.Tests.Web;

public sealed class WebFilterTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.255.255")]
    [InlineData("224.0.0.1")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2001:0:1::1")]
    [InlineData("2001:db8::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12::1")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    public void Addresses_that_are_not_public_are_refused(string address) => Assert.False(PublicAddress.Is(IPAddress.Parse(address)), address);

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("::ffff:8.8.8.8")]
    public void Public_addresses_are_not(string address) => Assert.True(PublicAddress.Is(IPAddress.Parse(address)), address);

    [Fact]
    public void No_random_address_of_a_special_block_is_public()
    {
        var random = new Random(7);
        foreach (var block in (string[])["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16", "224.0.0.0/4", "fe80::/10", "fc00::/7", "ff00::/8", "::/96"])
        {
            var network = IPNetwork.Parse(block);
            for (var i = 0; i < 200; i++)
            {
                var bytes = network.BaseAddress.GetAddressBytes();
                for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++) if (random.Next(2) == 1) bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
                Assert.False(PublicAddress.Is(new IPAddress(bytes)), new IPAddress(bytes).ToString());
            }
        }
    }

    [Theory]
    [InlineData("http://images.example/x.img", null)]
    [InlineData("https://images.example/x.img", null)]
    [InlineData("ftp://images.example/x.img", "the scheme ftp is not allowed")]
    [InlineData("file:///etc/passwd", "the scheme file is not allowed")]
    [InlineData("http://user:secret@images.example/x.img", "it holds a user or a password")]
    [InlineData("http://images.example:8080/x.img", "the port 8080 is not allowed")]
    [InlineData("http://127.0.0.1/x", "the address 127.0.0.1 is not public")]
    [InlineData("http://127.1/x", "the address 127.0.0.1 is not public")]
    [InlineData("http://2130706433/x", "the address 127.0.0.1 is not public")]
    [InlineData("http://0x7f.0.0.1/x", "the address 127.0.0.1 is not public")]
    [InlineData("http://0177.0.0.1/x", "the address 127.0.0.1 is not public")]
    [InlineData("http://[::1]/x", "the address ::1 is not public")]
    [InlineData("http://[::ffff:169.254.169.254]/x", "the address ::ffff:169.254.169.254 is not public")]
    public void A_url_is_refused_for_a_reason(string url, string? why) => Assert.Equal(why, new WebFilter(new WebOptions()).Refusal(new Uri(url)));

    [Fact]
    public void Lists_of_the_operator_count()
    {
        var filter = new WebFilter(new WebOptions
        {
            AllowedHosts = ["mirror.example"], DisallowedHosts = ["mirror.example"], AllowedPorts = [], DisallowedPorts = [22], AllowedSchemes = [], DisallowedSchemes = ["https"],
            AllowedNetworks = [IPNetwork.Parse("10.1.0.0/16")],
        });
        Assert.Null(filter.Refusal(new Uri("http://MIRROR.example:8080/")));
        Assert.Null(filter.Refusal(new Uri("http://mirror.example./")));
        Assert.NotNull(filter.Refusal(new Uri("http://other.example/")));
        Assert.NotNull(filter.Refusal(new Uri("http://mirror.example:22/")));
        Assert.NotNull(filter.Refusal(new Uri("https://mirror.example/")));
        Assert.True(filter.Allows(IPAddress.Parse("10.1.2.3")));
        Assert.True(filter.Allows(IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.False(filter.Allows(IPAddress.Parse("10.2.2.3")));
    }
}
