using System.Net;
using Nephos.Compute.Tests.Fakes;
using Xunit;

namespace Nephos.Compute.Tests.Networks;

public sealed class NetworkProxyTests
{
    [Fact]
    public async Task Networks_have_ids_and_names_and_fields_without_a_value()
    {
        await using var cloud = await TestCloud.Start();
        var network = cloud.Networks.All[0];
        var shown = (await cloud.Send("demo", "GET", $"/os-networks/{network.Id}"))["network"];
        Assert.Equal((network.Name, true), (shown["label"].Text, shown["cidr"].IsNull));
        Assert.Equal(11, shown.Names.Count());
        Assert.Equal(32, (await cloud.Send("admin", "GET", "/os-networks"))["networks"][0].Names.Count());
        Assert.Equal($$"""{"id":"{{network.Id}}","cidr":"None","label":"private"}""", (await cloud.Send("demo", "GET", $"/os-tenant-networks/{network.Id}"))["network"].ToString());
        Assert.Equal(1, (await cloud.Send("demo", "GET", "/os-tenant-networks"))["networks"].Count);
        Assert.Equal(0, (await cloud.Send("other", "GET", "/os-networks"))["networks"].Count);
        Assert.Equal("Network not found", await cloud.Refused(HttpStatusCode.NotFound, "other", "GET", $"/os-networks/{network.Id}"));
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", $"/os-networks/{FakeTokens.DemoProject}");
        Assert.Equal(HttpStatusCode.NotFound, (await cloud.Try("demo", "GET", "/os-networks", version: "2.36")).StatusCode);
    }
}
