using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Nephos.Tests.Cloud;

/// <summary>The promise that any service could run in another process, kept: the same cloud with nothing but data between its services.</summary>
public sealed class RemoteContractsTests(RemoteContractsTests.CloudOfParts cloud) : IClassFixture<RemoteContractsTests.CloudOfParts>
{
    public sealed class CloudOfParts : CloudUnderTest
    {
        private protected override void Change(IServiceCollection services) => RemoteContracts.Between(services);
    }

    [Fact]
    public void Every_contract_is_remote() => Assert.Equal(["IAuditTrail", "IFloatingIps", "IIdentity", "IIdentityBootstrap", "IImageCatalog", "IImages", "INetworkCatalog", "INetworks", "IPlacement", "ISecurityGroups", "IServers", "IStateKeys", "ITokens"], RemoteContracts.In(cloud.Parts).Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_server_lives_its_life()
    {
        var server = $"compute/v2.1/servers/{cloud.Things["servers"]}";
        Assert.NotEmpty((await cloud.Json(Persona.Member, "GET", server))["server"]!["addresses"]!.AsObject());

        var network = cloud.Things["networks"];
        await cloud.Json(Persona.Member, "POST", $"{server}/os-interface", new JsonObject { ["interfaceAttachment"] = new JsonObject { ["net_id"] = network } });
        await Until(async () => (await cloud.Json(Persona.Member, "GET", $"{server}/os-interface"))["interfaceAttachments"]!.AsArray().Count == 2);
        await cloud.Json(Persona.Member, "POST", $"{server}/action", new JsonObject { ["addSecurityGroup"] = new JsonObject { ["name"] = "own" } });
        await cloud.Json(Persona.Member, "POST", $"{server}/action", new JsonObject { ["createImage"] = new JsonObject { ["name"] = "copy" } });
        await Until(async () => (await cloud.Json(Persona.Member, "GET", "image/v2/images?name=copy"))["images"]!.AsArray() is [{ } image] && image!["status"]!.GetValue<string>() == "active");
        Assert.NotEmpty((await cloud.Json(Persona.Member, "GET", "compute/v2/os-security-groups"))["security_groups"]!.AsArray());

        // A fault of another service is still that service's fault.
        var refused = await cloud.Send(Persona.Member, "POST", "compute/v2.1/servers", new JsonObject { ["server"] = new JsonObject { ["name"] = "x", ["flavorRef"] = "84", ["imageRef"] = Guid.Empty.ToString(), ["networks"] = "none" } }.ToJsonString(), "compute 2.93");
        Assert.True(refused.Status == 400, refused.Body);

        await Until(async () => (await cloud.Json(Persona.Member, "GET", server))["server"]!["OS-EXT-STS:task_state"] is null);
        await cloud.Json(Persona.Member, "DELETE", server);
        await Until(async () => (await cloud.Send(Persona.Member, "GET", server)).Status == 404);
        Assert.Empty((await cloud.Json(Persona.Admin, "GET", $"network/v2.0/ports?device_id={cloud.Things["servers"]}"))["ports"]!.AsArray());
        var providers = (await cloud.Json(Persona.Admin, "GET", "placement/resource_providers"))["resource_providers"]!.AsArray();
        var usages = (await cloud.Json(Persona.Admin, "GET", $"placement/resource_providers/{providers[0]!["uuid"]}/usages"))["usages"]!.AsObject();
        Assert.All(usages, u => Assert.Equal(0, u.Value!.GetValue<int>()));
    }

    static async Task Until(Func<Task<bool>> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!await holds()) await Task.Delay(50, limit.Token);
    }
}
