using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Nephos.Tests.Cloud;

/// <summary>What users and operators give to compute and image in confidence is in no log, whether it was used, refused, or failed. (Identity's: test/Conformance/identity.sh.)</summary>
public sealed class SecretsInLogsTests(SecretsInLogsTests.CloudWithFarStore cloud) : IClassFixture<SecretsInLogsTests.CloudWithFarStore>
{
    /// <summary>Nobody listens there.</summary>
    const string Closed = "http://127.0.0.1:1";
    const string StoreKey = "hush-store-key";

    /// <summary>A second store, in a Swift that does not answer; and web servers inside may be asked.</summary>
    public sealed class CloudWithFarStore : CloudUnderTest
    {
        private protected override NephosOptions Change(NephosOptions options)
        {
            File.WriteAllText(Path.Combine(options.Config, "image.conf"), $"""
                [DEFAULT]
                enabled_backends = near:file, far:swift
                [near]
                filesystem_store_datadir = {Path.Combine(options.State, "images")}
                [far]
                swift_store_auth_address = {Closed}/v3
                swift_store_user = service:glance
                swift_store_key = {StoreKey}
                [import_filtering_opts]
                allowed_networks = 127.0.0.0/8
                allowed_ports = 1
                """);
            return options;
        }
    }

    readonly List<string> secrets = [StoreKey];

    string Secret(string what)
    {
        var text = "hush-" + what + "-" + Guid.NewGuid().ToString("N");
        secrets.Add(text);
        return text;
    }

    /// <summary>As it is sent; its form is a secret too.</summary>
    string Encoded(string what)
    {
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes("#!/bin/sh\n" + Secret(what)));
        secrets.Add(text);
        return text;
    }

    [Fact]
    public async Task Nothing_given_in_confidence_is_logged()
    {
        secrets.AddRange(cloud.Tokens.Values.OfType<string>());
        var server = await Compute();
        var images = await Image();
        var logged = cloud.Logged();
        // It does tell of all this.
        Assert.All([server, .. images], id => Assert.Contains(id, logged, StringComparison.Ordinal));
        Assert.True(secrets.Count > 15, string.Join(", ", secrets));
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, logged, StringComparison.Ordinal));
    }

    async Task<string> Compute()
    {
        // Made for the user up to 2.91.
        var key = await cloud.Send(Persona.Member, "POST", "compute/v2.1/os-keypairs", """{"keypair":{"name":"hush"}}""", "compute 2.1");
        var privateKey = JsonNode.Parse(key.Body)!["keypair"]!["private_key"]!.GetValue<string>();
        secrets.AddRange(privateKey.Split('\n').Where(line => line.Length > 60).Take(3));

        JsonObject Body(bool wrong) => new()
        {
            ["name"] = "hush", ["imageRef"] = cloud.Things["guest"], ["flavorRef"] = wrong ? "absent" : "84", ["adminPass"] = Secret("password"), ["user_data"] = Encoded("data"),
            ["personality"] = new JsonArray(new JsonObject { ["path"] = "/etc/motd", ["contents"] = Encoded("file") }),
            ["networks"] = new JsonArray(new JsonObject { ["uuid"] = cloud.Things["networks"] }),
        };
        foreach (var odd in (Action<JsonObject>[])[b => b["user_data"] = "*" + Secret("no base64"), b => b["adminPass"] = new JsonArray(Secret("list")), b => b[Secret("name")] = 1, b => b["flavorRef"] = "absent"])
        {
            var body = Body(wrong: false);
            odd(body);
            Assert.Equal(400, (await cloud.Send(Persona.Member, "POST", "compute/v2.1/servers", new JsonObject { ["server"] = body }.ToJsonString(), "compute 2.42")).Status);
        }
        var made = await cloud.Send(Persona.Member, "POST", "compute/v2.1/servers", new JsonObject { ["server"] = Body(wrong: false) }.ToJsonString(), "compute 2.42");
        Assert.True(made.Status == 202, made.Body);
        var server = JsonNode.Parse(made.Body)!["server"]!["id"]!.GetValue<string>();
        await Settled(server);
        var rebuild = new JsonObject { ["imageRef"] = cloud.Things["guest"], ["adminPass"] = Secret("password"), ["user_data"] = Encoded("data") };
        var rebuilt = await cloud.Send(Persona.Member, "POST", $"compute/v2.1/servers/{server}/action", new JsonObject { ["rebuild"] = rebuild }.ToJsonString(), "compute 2.57");
        Assert.True(rebuilt.Status == 202, rebuilt.Body);
        secrets.Add(JsonNode.Parse(rebuilt.Body)!["server"]!["adminPass"]!.GetValue<string>());
        await Settled(server);
        return server;
    }

    async Task<List<string>> Image()
    {
        var images = new List<string>();
        async Task Import(string uri, int status)
        {
            var image = await Draft(images);
            var asked = await cloud.Send(Persona.Member, "POST", $"image/v2/images/{image}/import", new JsonObject { ["method"] = new JsonObject { ["name"] = "web-download", ["uri"] = uri } }.ToJsonString());
            Assert.True(asked.Status == status, asked.Body);
            if (status == 202) await Until(async () => (await cloud.Json(Persona.Member, "GET", $"image/v2/images/{image}"))["status"]!.GetValue<string>() == "queued");
        }
        await Import($"http://user:{Secret("of-url")}@127.0.0.1:1/x", 400);
        await Import($"http://127.0.0.1:2/x?token={Secret("of-query")}", 400);
        await Import($"{Closed}/x?token={Secret("of-query")}", 202);

        // Whoever the store's password is for is not there.
        var staged = await Draft(images);
        Assert.Equal(204, (await cloud.Send(Persona.Member, "PUT", $"image/v2/images/{staged}/stage", new string('x', 1024), type: "application/octet-stream")).Status);
        var far = await cloud.Send(Persona.Member, "POST", $"image/v2/images/{staged}/import", new JsonObject { ["method"] = new JsonObject { ["name"] = "glance-direct" }, ["stores"] = new JsonArray("far") }.ToJsonString());
        Assert.True(far.Status == 202, far.Body);
        // From this cloud itself, with the token that the request had.
        var copied = await Draft(images);
        var peer = new JsonObject { ["name"] = "glance-download", ["glance_region"] = "RegionOne", ["glance_image_id"] = cloud.Things["images"] };
        var download = await cloud.Send(Persona.Member, "POST", $"image/v2/images/{copied}/import", new JsonObject { ["method"] = peer }.ToJsonString());
        Assert.True(download.Status == 202, download.Body);
        // The operation tries to clean up there for longer than we wait.
        await Until(async () => (await cloud.Json(Persona.Member, "GET", $"image/v2/images/{staged}"))["os_glance_failed_import"]?.GetValue<string>() == "far" && cloud.Logged().Contains("tried again", StringComparison.Ordinal));
        await Until(async () => (await cloud.Json(Persona.Member, "GET", $"image/v2/images/{copied}"))["status"]!.GetValue<string>() == "active");
        return images;
    }

    async Task<string> Draft(List<string> images)
    {
        var image = (await cloud.Json(Persona.Member, "POST", "image/v2/images", new JsonObject { ["name"] = "hush", ["disk_format"] = "raw", ["container_format"] = "bare" }))["id"]!.GetValue<string>();
        images.Add(image);
        return image;
    }

    Task Settled(string server) => Until(async () => (await cloud.Json(Persona.Member, "GET", $"compute/v2.1/servers/{server}"))["server"] is { } now
        && now["status"]!.GetValue<string>() == "ACTIVE" && now["OS-EXT-STS:task_state"] is null);

    static async Task Until(Func<Task<bool>> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!await holds()) await Task.Delay(50, limit.Token);
    }
}
