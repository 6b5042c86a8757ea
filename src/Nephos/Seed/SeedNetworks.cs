using System.Text.Json.Nodes;
using Nephos.Client;

namespace Nephos.Seed;

/// <summary>The external network <c>public</c>, and the demo project's network <c>private</c> with a router between them.</summary>
static class SeedNetworks
{
    public const string PrivateRange = "10.0.0.0/26";

    /// <summary>As the administrator.</summary>
    public static async Task Public(CloudClient cloud, string range, CancellationToken ct)
    {
        var network = await Ensure(cloud, "networks", "network", "public", new JsonObject
        {
            ["router:external"] = true, ["is_default"] = true, ["provider:network_type"] = "flat", ["provider:physical_network"] = "external",
        }, ct);
        await Ensure(cloud, "subnets", "subnet", "public-subnet", new JsonObject { ["network_id"] = network, ["ip_version"] = 4, ["cidr"] = range, ["enable_dhcp"] = false }, ct);
    }

    /// <summary>As the user <c>demo</c>.</summary>
    public static async Task Private(CloudClient cloud, CancellationToken ct)
    {
        var external = (await cloud.Find("network/v2.0/networks?name=public", "networks", _ => true, ct))!["id"]!.GetValue<string>();
        var network = await Ensure(cloud, "networks", "network", "private", [], ct);
        var subnet = await Ensure(cloud, "subnets", "subnet", "private-subnet", new JsonObject { ["network_id"] = network, ["ip_version"] = 4, ["cidr"] = PrivateRange }, ct);
        var router = await Ensure(cloud, "routers", "router", "router1", new JsonObject { ["external_gateway_info"] = new JsonObject { ["network_id"] = external } }, ct);
        if (await cloud.Find($"network/v2.0/ports?device_id={router}&network_id={network}", "ports", _ => true, ct) is null)
            await cloud.Put($"network/v2.0/routers/{router}/add_router_interface", new JsonObject { ["subnet_id"] = subnet }, ct);
    }

    static async Task<string> Ensure(CloudClient cloud, string list, string kind, string name, JsonObject body, CancellationToken ct)
    {
        var found = await cloud.Find($"network/v2.0/{list}?name={name}", list, item => item["project_id"]?.GetValue<string>() == cloud.ProjectId, ct);
        if (found is null)
        {
            body["name"] = name;
            found = (await cloud.Post($"network/v2.0/{list}", new JsonObject { [kind] = body }, ct))[kind]!.AsObject();
        }
        return found["id"]!.GetValue<string>();
    }
}
