using System.Text.Json.Nodes;
using Xunit;

namespace Nephos.Tests.Cloud;

/// <summary>Ids of things of project A, by the part of the path before their id (<c>networks</c>).</summary>
internal sealed class Things
{
    readonly Dictionary<string, string> ids = new(StringComparer.Ordinal);
    readonly Dictionary<string, JsonObject> views = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Ids => ids;

    /// <summary>How each looked when it was made; a source of plausible bodies.</summary>
    public IReadOnlyDictionary<string, JsonObject> Views => views;

    /// <summary>Those that nobody outside of project A may know of.</summary>
    public IReadOnlySet<string> Own => ids.Where(i => i.Key is not ("flavors" or "system" or "roles" or "regions" or "services" or "policies" or "os-keypairs" or "guest")).Select(i => i.Value).ToHashSet(StringComparer.Ordinal);

    public string? this[string collection] => ids.GetValueOrDefault(collection);

    /// <summary>A request made another one, which takes the place of the first: that one may be gone by now.</summary>
    public void Remember(string collection, string body)
    {
        if (!ids.ContainsKey(collection) || !body.StartsWith('{')) return;
        var made = JsonNode.Parse(body)!.AsObject();
        var view = made.Count == 1 && made.First().Value is JsonObject inner ? inner : made;
        if (view["id"] is JsonValue id && id.TryGetValue<string>(out var text)) ids[collection] = text;
    }

    public async Task Make(CloudUnderTest cloud, Personas personas, CancellationToken ct)
    {
        await Identity(cloud, personas);
        ids["flavors"] = "84";
        ids["images"] = Take("images", await cloud.Json(Persona.Member, "POST", "image/v2/images", new JsonObject { ["name"] = "own", ["disk_format"] = "raw", ["container_format"] = "bare" }), null);
        await cloud.Send(Persona.Member, "PUT", $"image/v2/images/{ids["images"]}/file", new string('x', 2048), type: "application/octet-stream");
        await Network(cloud);
        // nova's proxies have other names for them.
        foreach (var (proxy, collection) in new[] { ("os-networks", "networks"), ("os-tenant-networks", "networks"), ("os-floating-ips", "floatingips"), ("os-security-groups", "security-groups"), ("os-security-group-rules", "security-group-rules") })
            ids[proxy] = ids[collection];
        await Compute(cloud, ct);
    }

    async Task Identity(CloudUnderTest cloud, Personas personas)
    {
        // Not the personas' own: tests may disable or delete these.
        foreach (var (collection, kind) in new[] { ("domains", "domain"), ("projects", "project"), ("users", "user"), ("groups", "group"), ("roles", "role"), ("regions", "region"), ("policies", "policy") })
        {
            var body = kind switch
            {
                "region" => new JsonObject { ["description"] = "a region" },
                "policy" => new JsonObject { ["blob"] = "{}", ["type"] = "application/json" },
                _ => new JsonObject { ["name"] = "victim" },
            };
            var reply = await cloud.Send(Persona.Admin, "POST", $"identity/v3/{collection}", new JsonObject { [kind] = body }.ToJsonString());
            if (reply.Status < 400) Take(collection, JsonNode.Parse(reply.Body)!.AsObject(), kind);
        }
        foreach (var (collection, kind, body) in new[]
        {
            ("OS-OAUTH1/consumers", "consumer", new JsonObject { ["description"] = "a program" }),
            ("credentials", "credential", new JsonObject { ["type"] = "totp", ["blob"] = "secret", ["user_id"] = personas.Users[Persona.Member] }),
            ("services", "service", new JsonObject { ["type"] = "x-test", ["name"] = "test" }),
        })
        {
            var reply = await cloud.Send(Persona.Admin, "POST", $"identity/v3/{collection}", new JsonObject { [kind] = body }.ToJsonString());
            if (reply.Status < 400) Take(collection[(collection.IndexOf('/', StringComparison.Ordinal) + 1)..], JsonNode.Parse(reply.Body)!.AsObject(), kind);
        }
        ids["system"] = "all";
    }

    async Task Network(CloudUnderTest cloud)
    {
        async Task<string> Make(string collection, string kind, JsonObject body) =>
            Take(collection, await cloud.Json(Persona.Member, "POST", $"network/v2.0/{collection}", new JsonObject { [kind] = body }), kind);
        var network = await Make("networks", "network", new JsonObject { ["name"] = "own" });
        var subnet = await Make("subnets", "subnet", new JsonObject { ["network_id"] = network, ["cidr"] = "10.77.0.0/24", ["ip_version"] = 4 });
        await Make("ports", "port", new JsonObject { ["network_id"] = network, ["name"] = "own" });
        var external = (await cloud.Json(Persona.Member, "GET", "network/v2.0/networks?router:external=true"))["networks"]![0]!["id"]!.GetValue<string>();
        var router = await Make("routers", "router", new JsonObject { ["name"] = "own", ["external_gateway_info"] = new JsonObject { ["network_id"] = external } });
        await cloud.Json(Persona.Member, "PUT", $"network/v2.0/routers/{router}/add_router_interface", new JsonObject { ["subnet_id"] = subnet });
        await Make("floatingips", "floatingip", new JsonObject { ["floating_network_id"] = external });
        var group = await Make("security-groups", "security_group", new JsonObject { ["name"] = "own" });
        await Make("security-group-rules", "security_group_rule", new JsonObject { ["security_group_id"] = group, ["direction"] = "ingress", ["protocol"] = "tcp", ["port_range_min"] = 22, ["port_range_max"] = 22 });
        await Make("subnetpools", "subnetpool", new JsonObject { ["name"] = "own", ["prefixes"] = new JsonArray("10.99.0.0/16") });
        await Make("address-scopes", "address_scope", new JsonObject { ["name"] = "own", ["ip_version"] = 4 });
        await Make("rbac-policies", "rbac_policy", new JsonObject { ["object_type"] = "network", ["object_id"] = network, ["action"] = "access_as_shared", ["target_tenant"] = cloud.ProjectA });
    }

    async Task Compute(CloudUnderTest cloud, CancellationToken ct)
    {
        Take("os-keypairs", await cloud.Json(Persona.Member, "POST", "compute/v2.1/os-keypairs", new JsonObject { ["keypair"] = new JsonObject { ["name"] = "own", ["type"] = "ssh", ["public_key"] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Z3r0nNvXWeYqLzq4eYbWnX2e6cX8m0m6rJ2kq0J5v own" } }), "keypair", "name");
        var groups = await cloud.Send(Persona.Member, "POST", "compute/v2.1/os-server-groups", new JsonObject { ["server_group"] = new JsonObject { ["name"] = "own", ["policies"] = new JsonArray("affinity") } }.ToJsonString());
        if (groups.Status < 400) Take("os-server-groups", JsonNode.Parse(groups.Body)!.AsObject(), "server_group");
        var image = (await cloud.Json(Persona.Member, "GET", "image/v2/images?name=guest"))["images"]![0]!["id"]!.GetValue<string>();
        ids["guest"] = image;
        var body = new JsonObject { ["name"] = "own", ["imageRef"] = image, ["flavorRef"] = "84", ["networks"] = new JsonArray(new JsonObject { ["uuid"] = ids["networks"] }) };
        var made = await cloud.Json(Persona.Member, "POST", "compute/v2.1/servers", new JsonObject { ["server"] = body });
        var server = ids["servers"] = Personas.Id(made, "server");
        for (var i = 0; i < 600; i++)
        {
            var now = (await cloud.Json(Persona.Member, "GET", $"compute/v2.1/servers/{server}"))["server"]!.AsObject();
            views["servers"] = now;
            if (now["status"]!.GetValue<string>() == "ACTIVE") return;
            Assert.NotEqual("ERROR", now["status"]!.GetValue<string>());
            await Task.Delay(100, ct);
        }
        Assert.Fail("The server did not become ACTIVE in a minute.");
    }

    string Take(string collection, JsonObject made, string? kind, string key = "id")
    {
        var view = kind is null ? made : made[kind]!.AsObject();
        views[collection] = view;
        return ids[collection] = view[key]!.GetValue<string>();
    }
}
