using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Nephos.Client;
using Nephos.Contracts;
using Nephos.Link;
using Nephos.Operators;
using Xunit;

namespace Nephos.Tests.Cloud;

/// <summary>What the operator's commands learn from a running cloud.</summary>
public sealed class OperatorTests(CloudUnderTest cloud) : IClassFixture<CloudUnderTest>
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Loops_are_listed_with_their_last_runs()
    {
        using var http = UnixHttp.To(cloud.Socket, Limit);
        var loops = await http.GetFromJsonAsync<List<LoopState>>("operators/loops", LinkJson.Options, TestContext.Current.CancellationToken);
        Assert.Contains(loops!, l => l.Name == "compute.servers" && l.Last is { Runs: > 0, Error: null });
    }

    [Fact]
    public async Task Nodes_say_what_they_have_that_nobody_wants()
    {
        using var http = UnixHttp.To(cloud.Socket, Limit);
        var node = Assert.Single((await http.GetFromJsonAsync<List<OrphansOfNode>>("operators/orphans", LinkJson.Options, TestContext.Current.CancellationToken))!);
        Assert.Null(node.Error);
        Assert.Empty(node.Orphans);
        using var answer = await http.DeleteAsync($"operators/orphans/{Guid.NewGuid()}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Another_key_seals_the_secrets_and_nobody_is_logged_out()
    {
        using var http = UnixHttp.To(cloud.Socket, Limit);
        using var response = await http.PostAsync("operators/keys", null, TestContext.Current.CancellationToken);
        var rotated = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<KeysRotated>(LinkJson.Options, TestContext.Current.CancellationToken);
        Assert.True(rotated!.Sealed > 0);
        Assert.Equal(200, (await cloud.Send(Persona.Member, "GET", "identity/v3/auth/projects", null)).Status);
    }

    [Fact]
    public async Task The_audit_is_told_of_every_service()
    {
        using var http = UnixHttp.To(cloud.Socket, Limit);
        async Task<List<string>> Kinds(string query) => [.. (await http.GetStringAsync("operators/audit?" + query, TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!).Select(e => $"{e["action"]} {e["target"]!["typeURI"]}").Distinct()];
        Assert.Equal(["create service/compute/servers"], await Kinds($"target={cloud.Things["servers"]}&action=create&outcome=success&limit=1"));
        Assert.Equal(["create service/network/networks"], await Kinds($"target={cloud.Things["networks"]}&action=create&outcome=success&limit=1"));
        Assert.Superset(new HashSet<string> { "create service/storage/image/images", "create service/network/networks", "create data/security/project", "authenticate service/security/account/user" }, (await Kinds("")).ToHashSet());
        using var wrong = await http.GetAsync("operators/audit?since=x", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task What_an_operator_changes_is_in_the_audit_with_the_hosts_user()
    {
        var ct = TestContext.Current.CancellationToken;
        using var http = UnixHttp.To(cloud.Socket, Limit);
        async Task<string> Last(string query)
        {
            var e = JsonNode.Parse((await http.GetStringAsync($"operators/audit?limit=1&{query}", ct)).Trim())!;
            Assert.Matches("^uid:[0-9]+$", (string?)e["initiator"]!["id"]);
            Assert.Equal((Environment.UserName, "localhost"), ((string?)e["initiator"]!["name"], (string?)e["initiator"]!["host"]!["address"]));
            Assert.StartsWith("req-", (string?)e["initiator"]!["request_id"], StringComparison.Ordinal);
            return $"{e["action"]} {e["outcome"]} {e["reason"]!["reasonCode"]} {e["target"]!["typeURI"]}/{e["target"]!["id"]} {e["observer"]!["id"]} {e["requestPath"]}";
        }

        (await http.PostAsync("operators/keys", null, ct)).EnsureSuccessStatusCode();
        Assert.Equal("update/rotate success 200 data/security/key/unknown identity /operators/keys", await Last("action=update/rotate"));
        var nobody = Guid.NewGuid();
        using var refused = await http.DeleteAsync($"operators/orphans/{nobody}", ct);
        Assert.Equal($"{nobody} is no orphan of a node of this cloud", await refused.Content.ReadAsStringAsync(ct));
        Assert.Equal($"delete failure 404 service/compute/orphans/{nobody} compute /operators/orphans/{nobody}", await Last($"target={nobody}"));
        // What is only looked at leaves none.
        await http.GetStringAsync("operators/loops", ct);
        Assert.Equal("update/rotate success", string.Join(' ', (await Last("service=identity&outcome=success&action=update")).Split(' ')[..2]));
    }

    [Theory]
    [InlineData(Persona.Reader, "os_compute_api:servers:show", null, true)]
    [InlineData(Persona.Reader, "os_compute_api:servers:create", null, false)]
    [InlineData(Persona.Member, "os_compute_api:servers:create", null, true)]
    [InlineData(Persona.Member, "os_compute_api:servers:create", "elsewhere", false)]
    [InlineData(Persona.Admin, "os_compute_api:servers:show", "elsewhere", true)]
    [InlineData(Persona.System, "os_compute_api:servers:show", null, false)]
    internal async Task A_verdict_is_explained(Persona who, string rule, string? project, bool allowed)
    {
        using var http = UnixHttp.To(cloud.Socket, Limit);
        var target = project is null ? new Dictionary<string, string?>() : new() { ["project_id"] = project };
        using var response = await http.PostAsJsonAsync("operators/policy", new PolicyQuestion(rule, new Secret(cloud.Tokens[who]!), target), LinkJson.Options, TestContext.Current.CancellationToken);
        var answer = (await response.Content.ReadFromJsonAsync<PolicyAnswer>(LinkJson.Options, TestContext.Current.CancellationToken))!;
        var service = Assert.Single(answer.Services);
        Assert.Equal(("compute", allowed), (service.Service, service.Why.Allows));
        Assert.NotEmpty(service.Why.Parts);
    }

    [Fact]
    public async Task A_token_that_is_not_valid_explains_nothing()
    {
        using var http = UnixHttp.To(cloud.Socket, Limit);
        using var response = await http.PostAsJsonAsync("operators/policy", new PolicyQuestion("x", new Secret("nonsense"), new Dictionary<string, string?>()), LinkJson.Options, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("operators/loops")]
    [InlineData("operators/orphans")]
    [InlineData("operators/keys")]
    [InlineData("operators/audit")]
    [InlineData("link/join")]
    public async Task Nobody_reaches_it_over_the_network(string path) => Assert.Equal(404, (await cloud.Send(Persona.Admin, "POST", path, "{}")).Status);
}
