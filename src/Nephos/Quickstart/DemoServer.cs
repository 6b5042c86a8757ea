using System.Net;
using System.Text.Json.Nodes;
using Nephos.Cli;
using Nephos.Client;
using Nephos.Drivers.Exec;
using Nephos.Seed;

namespace Nephos.Quickstart;

/// <summary>The server <c>demo</c> of the user <c>demo</c>, through the public APIs: key, rules, server, floating address, SSH. Every step takes what is there.</summary>
sealed class DemoServer(CloudClient cloud, Commands commands, NephosOptions options)
{
    public string KeyFile => Path.Combine(options.State, "demo-key");
    public string FloatingAddress { get; private set; } = "";
    public string FixedAddress { get; private set; } = "";
    public string ConsoleCommand => $"ssh -i {KeyFile} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null cirros@{FloatingAddress}";

    /// <summary>Makes the key pair and lets SSH and ping in.</summary>
    public async Task Prepare(CancellationToken ct)
    {
        if (!File.Exists(KeyFile)) await commands.Must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "nephos-demo", "-f", KeyFile], ct);
        if (await cloud.Find("compute/v2.1/os-keypairs", "keypairs", k => k["keypair"]!["name"]!.GetValue<string>() == "demo", ct) is null)
            await cloud.Post("compute/v2.1/os-keypairs", new JsonObject
            {
                ["keypair"] = new JsonObject { ["name"] = "demo", ["type"] = "ssh", ["public_key"] = (await File.ReadAllTextAsync(KeyFile + ".pub", ct)).Trim() },
            }, ct);
        var group = (await cloud.Find("network/v2.0/security-groups?name=default", "security_groups", g => g["project_id"]!.GetValue<string>() == cloud.ProjectId, ct))!;
        foreach (var rule in (JsonObject[])[new() { ["protocol"] = "icmp" }, new() { ["protocol"] = "tcp", ["port_range_min"] = 22, ["port_range_max"] = 22 }])
        {
            rule["security_group_id"] = group["id"]!.GetValue<string>();
            rule["direction"] = "ingress";
            rule["ethertype"] = "IPv4";
            rule["remote_ip_prefix"] = "0.0.0.0/0";
            try { await cloud.Post("network/v2.0/security-group-rules", new JsonObject { ["security_group_rule"] = rule }, ct); }
            catch (CloudRefused refused) when (refused.Status == HttpStatusCode.Conflict) { /* From an earlier run. */ }
        }
    }

    /// <summary>Boots it and waits until it is ACTIVE.</summary>
    public async Task Boot(Action<string> progress, CancellationToken ct)
    {
        var server = await cloud.Find("compute/v2.1/servers/detail?name=^demo$", "servers", _ => true, ct);
        if (server?["status"]!.GetValue<string>() is "ERROR") { await Remove(server["id"]!.GetValue<string>(), ct); server = null; }
        if (server is null)
        {
            var image = (await cloud.Find($"image/v2/images?name={SeedImages.Whole}&status=active", "images", _ => true, ct) ?? throw new Refusal($"there is no image {SeedImages.Whole}"))["id"]!.GetValue<string>();
            var network = (await cloud.Find("network/v2.0/networks?name=private", "networks", n => n["project_id"]!.GetValue<string>() == cloud.ProjectId, ct) ?? throw new Refusal("there is no network private"))["id"]!.GetValue<string>();
            var body = new JsonObject
            {
                ["name"] = "demo", ["imageRef"] = image, ["flavorRef"] = "84", ["key_name"] = "demo", ["networks"] = new JsonArray(new JsonObject { ["uuid"] = network }),
            };
            server = (await cloud.Post("compute/v2.1/servers", new JsonObject { ["server"] = body }, ct))["server"]!.AsObject();
        }
        Id = server["id"]!.GetValue<string>();
        while (true)
        {
            server = (await cloud.Get($"compute/v2.1/servers/{Id}", ct))["server"]!.AsObject();
            var status = server["status"]!.GetValue<string>();
            progress(status + (server["OS-EXT-STS:task_state"]?.GetValue<string>() is { } task ? $" ({task})" : ""));
            if (status == "ACTIVE") break;
            if (status == "ERROR") throw new Refusal($"the server demo is in ERROR: {server["fault"]?["message"]}", new State.StateFolder(options.State).Command("logs " + Id));
            if (status is "SHUTOFF" && server["OS-EXT-STS:task_state"] is null) await Act("os-start", ct);
            await Task.Delay(200, ct);
        }
        FixedAddress = server["addresses"]!.AsObject().SelectMany(n => n.Value!.AsArray()).Where(a => a!["OS-EXT-IPS:type"]!.GetValue<string>() == "fixed").Select(a => a!["addr"]!.GetValue<string>()).FirstOrDefault() ?? "";
    }

    string Id { get; set; } = "";

    /// <summary>Gives it an address of the network <c>public</c>.</summary>
    public async Task Float(CancellationToken ct)
    {
        var port = (await cloud.Find($"network/v2.0/ports?device_id={Id}", "ports", _ => true, ct))!["id"]!.GetValue<string>();
        var address = await cloud.Find($"network/v2.0/floatingips?port_id={port}", "floatingips", _ => true, ct);
        if (address is null)
        {
            var external = (await cloud.Find("network/v2.0/networks?name=public", "networks", _ => true, ct))!["id"]!.GetValue<string>();
            address = (await cloud.Post("network/v2.0/floatingips", new JsonObject
            {
                ["floatingip"] = new JsonObject { ["floating_network_id"] = external, ["port_id"] = port },
            }, ct))["floatingip"]!.AsObject();
        }
        FloatingAddress = address["floating_ip_address"]!.GetValue<string>();
    }

    /// <summary>Waits until SSH lets us in with the key.</summary>
    public async Task WaitForSsh(Action<string> progress, CancellationToken ct)
    {
        string[] ssh = ["ssh", "-i", KeyFile, "-o", "BatchMode=yes", "-o", "ConnectTimeout=2", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", $"cirros@{FloatingAddress}", "hostname"];
        if (options.HostNamespace is { } name) ssh = ["ip", "netns", "exec", name, .. ssh];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        while (true)
        {
            var result = await commands.Run(new Command(ssh[0], ssh[1..]) { Limit = TimeSpan.FromSeconds(15) }, ct);
            if (result.Ok) return;
            progress(result.Error.Trim().Split('\n')[^1]);
            if (limit.IsCancellationRequested) throw new Refusal($"SSH to {FloatingAddress} did not answer within 3 minutes: {result.Error.Trim()}", "openstack console log show demo   (what the guest says), ./nephos doctor");
            await Task.Delay(200, ct);
        }
    }

    async Task Act(string action, CancellationToken ct)
    {
        try { await cloud.Post($"compute/v2.1/servers/{Id}/action", new JsonObject { [action] = null }, ct); }
        catch (CloudRefused refused) when (refused.Status == HttpStatusCode.Conflict) { /* Its state changed meanwhile. */ }
    }

    async Task Remove(string id, CancellationToken ct)
    {
        await cloud.Delete($"compute/v2.1/servers/{id}", ct);
        while (await cloud.Find("compute/v2.1/servers/detail?name=^demo$", "servers", s => s["id"]!.GetValue<string>() == id, ct) is not null) await Task.Delay(200, ct);
    }
}
