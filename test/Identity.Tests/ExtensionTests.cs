using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Identity.Credentials;
using Nephos.Identity.Shared;
using Nephos.Identity.Versions;
using Nephos.Kernel.Api;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

public sealed partial class ExtensionTests
{
    private static async Task<HttpResponseMessage> Form(IdentityCloud cloud, string form, string? authorization, string type = "application/x-www-form-urlencoded")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v3/OS-OAUTH2/token") { Content = new StringContent(form, Encoding.UTF8, type) };
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await cloud.Http.SendAsync(request);
    }

    private static async Task<JsonElement> Json(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static string Basic(string id, string secret) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}"));

    [Theory, OnEachDatabase]
    public async Task An_application_credential_is_an_oauth2_client(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var me = (string)(await admin.Get("v3/auth/tokens", ("X-Subject-Token", admin.Token)))["token"]["user"]!["id"]!;
        var made = (await admin.Post($"v3/users/{me}/application_credentials", new { application_credential = new { name = "client", secret = "s:1" } })).Is(201)["application_credential"];
        var good = Basic((string)made["id"]!, "s:1");

        using var reply = await Form(cloud, "grant_type=client_credentials", good);
        var token = await Json(reply, 200);
        Assert.Equal("Bearer", token.GetProperty("token_type").GetString());
        Assert.Equal(3600, token.GetProperty("expires_in").GetInt32());
        Assert.Contains("no-store", reply.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        var text = token.GetProperty("access_token").GetString()!;
        (await new Client(cloud, text).Get("v3/auth/projects")).Is(200);
        (await cloud.Nobody().Get("v3/auth/projects", ("Authorization", "Bearer " + text))).Is(200);
        (await cloud.Nobody().Get("v3/auth/projects", ("Authorization", "Bearer nothing"))).Is(401);

        foreach (var (form, authorization, status, error, why) in new (string, string?, int, string, string)[]
        {
            ("grant_type=client_credentials", null, 401, "invalid_client", "OAuth2.0 client authorization is required."),
            ("grant_type=client_credentials", "Digest x", 401, "invalid_client", "OAuth2.0 client authorization type digest is not supported."),
            ("grant_type=client_credentials", "Basic", 401, "invalid_client", "OAuth2.0 client authorization is invalid."),
            ("grant_type=client_credentials", "Basic ???", 401, "invalid_client", "OAuth2.0 client authorization is invalid."),
            ("grant_type=client_credentials", Basic("id", ""), 401, "invalid_client", "OAuth2.0 client authorization is invalid."),
            ("grant_type=client_credentials", Basic("", "secret"), 401, "invalid_client", "OAuth2.0 client authorization is invalid."),
            ("grant_type=client_credentials", Basic("absent", "s:1"), 401, "invalid_client", "The request you have made requires authentication."),
            ("grant_type=client_credentials", Basic((string)made["id"]!, "wrong"), 401, "invalid_client", "The request you have made requires authentication."),
            ("", good, 400, "invalid_request", "The parameter grant_type is required."),
            ("grant_type=password", good, 400, "unsupported_grant_type", "The parameter grant_type password is not supported."),
        })
        {
            using var refused = await Form(cloud, form, authorization);
            var body = await Json(refused, status);
            Assert.Equal((error, why), (body.GetProperty("error").GetString(), body.GetProperty("error_description").GetString()));
            Assert.Equal(status == 401, refused.Headers.WwwAuthenticate.Count > 0);
        }
        using (var other = await Form(cloud, "grant_type=client_credentials", good, "text/plain")) await Json(other, 400);
        using (var large = await Form(cloud, "grant_type=" + new string('x', 200_000), good)) Assert.Equal(413, (int)large.StatusCode);
    }

    [Theory, OnEachDatabase]
    public async Task Access_rules_bind_only_services_that_know_them(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var me = (string)(await admin.Get("v3/auth/tokens", ("X-Subject-Token", admin.Token)))["token"]["user"]!["id"]!;
        var made = (await admin.Post($"v3/users/{me}/application_credentials", new
        {
            application_credential = new { name = "narrow", secret = "s", access_rules = new[] { new { service = "identity", method = "GET", path = "/v3/users" } } },
        })).Is(201)["application_credential"];
        var narrow = await cloud.Login(new { methods = new[] { "application_credential" }, application_credential = new { id = (string)made["id"]!, secret = "s" } });
        var subject = ("X-Subject-Token", narrow.Token);
        (await admin.Get("v3/auth/tokens", subject)).Is(404);
        (await admin.Get("v3/auth/tokens", subject, ("OpenStack-Identity-Access-Rules", "0.9"))).Is(404);
        (await admin.Get("v3/auth/tokens", subject, ("OpenStack-Identity-Access-Rules", "x"))).Is(404);
        (await admin.Head("v3/auth/tokens", subject)).Is(404);
        Assert.Equal("/v3/users", (string?)(await admin.Get("v3/auth/tokens", subject, ("OpenStack-Identity-Access-Rules", "1.0"))).Is(200)["token"]["application_credential"]!["access_rules"]![0]!["path"]);
        (await narrow.Get("v3/users")).Is(200);
        (await admin.Delete("v3/auth/tokens", subject)).Is(204);
        (await narrow.Get("v3/users")).Is(401);
    }

    [Theory, OnEachDatabase]
    [SuppressMessage("Security", "CA5350", Justification = "The older version of the protocol.")]
    public async Task A_signature_of_an_object_store_gives_the_owner_a_token(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var me = (await admin.Get("v3/auth/tokens", ("X-Subject-Token", admin.Token)))["token"];
        var keys = (await admin.Post($"v3/users/{me["user"]!["id"]}/credentials/OS-EC2", new { tenant_id = (string)me["project"]!["id"]! })).Is(201)["credential"];
        var text = "GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/bucket/?>>>"u8.ToArray();
        var signature = Convert.ToBase64String(System.Security.Cryptography.HMACSHA1.HashData(Encoding.UTF8.GetBytes((string)keys["secret"]!), text));
        object Body(string access, string sign, string token) => new { credentials = new { access, signature = sign, token } };
        var (access, signed) = ((string)keys["access"]!, Convert.ToBase64String(text).Replace('+', '-').Replace('/', '_'));
        var reply = (await admin.Post("v3/s3tokens", Body(access, signature, signed))).Is(200);
        Assert.Equal((string?)me["project"]!["id"], (string?)reply["token"]["project"]!["id"]);
        Assert.Equal("ec2credential", (string?)reply["token"]["methods"]![0]);
        (await admin.Post("v3/s3tokens", Body(access, "AAAA", signed))).Is(401);
        (await admin.Post("v3/s3tokens", Body(access, signature, "not base64!"))).Is(401);
        (await admin.Post("v3/s3tokens", Body("absent", signature, signed))).Is(404);
        (await admin.Post("v3/s3tokens", new { credentials = new { } })).Is(401);
        (await admin.Post("v3/s3tokens", new { })).Is(400);
        (await cloud.Nobody().Post("v3/s3tokens", Body(access, signature, signed))).Is(401);
    }

    [Fact]
    public void Signatures_of_objects_are_amazons()
    {
        // The published example "GET object" of version 4.
        const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        static Fields Request(string text, string signature) => new(JsonSerializer.SerializeToElement(new { signature, token = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) }));
        const string Text = "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972";
        Assert.True(S3Signature.Matches(Secret, Request(Text, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")));
        foreach (var odd in (string[])["AWS4", "AWS4-HMAC-SHA256\nx\nx\nx", Text + "\n", Text.Replace("/s3/", "/ec2/", StringComparison.Ordinal), Text.Replace("aws4_request", "other", StringComparison.Ordinal)])
            Assert.False(S3Signature.Matches(Secret, Request(odd, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")));
    }

    [Theory, OnEachDatabase]
    public async Task The_most_exact_policy_of_an_endpoint_counts(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var service = await admin.Make("services", "service", new { type = "x" });
        var (upper, lower) = (await admin.Make("regions", "region", new { id = "upper" }), await admin.Make("regions", "region", new { id = "lower", parent_region_id = "upper" }));
        async Task<string> Endpoint(string? region) => await admin.Make("endpoints", "endpoint", region is null ? new { @interface = "public", service_id = service, url = "http://x" } : new { @interface = "public", service_id = service, url = "http://x", region_id = region });
        var (inLower, inUpper, nowhere) = (await Endpoint(lower), await Endpoint(upper), await Endpoint(null));
        async Task<string> Policy(string blob) => await admin.Make("policies", "policy", new { blob, type = "text/plain" });
        var (all, regional, own) = (await Policy("all"), await Policy("regional"), await Policy("own"));
        static string Of(string policy) => $"v3/policies/{policy}/OS-ENDPOINT-POLICY";
        async Task<string?> Effective(string endpoint) => (string?)(await admin.Get($"v3/endpoints/{endpoint}/OS-ENDPOINT-POLICY/policy")).Is(200)["policy"]["blob"];
        async Task<List<string>> Endpoints(string policy) => [.. (await admin.Get(Of(policy) + "/endpoints")).Is(200)["endpoints"].AsArray().Select(e => (string)e!["id"]!)];

        (await admin.Get($"v3/endpoints/{inLower}/OS-ENDPOINT-POLICY/policy")).Is(404);
        (await admin.Put($"{Of(all)}/services/{service}")).Is(204);
        Assert.Equal("all", await Effective(inLower));
        Assert.Equal([inLower, inUpper, nowhere], await Endpoints(all));
        (await admin.Put($"{Of(regional)}/services/{service}/regions/{upper}")).Is(204);
        Assert.Equal("regional", await Effective(inLower));
        Assert.Equal("all", await Effective(nowhere));
        Assert.Equal([inLower, inUpper], await Endpoints(regional));
        (await admin.Put($"{Of(own)}/services/{service}/regions/{lower}")).Is(204);
        Assert.Equal(("own", "regional"), (await Effective(inLower), await Effective(inUpper)));
        (await admin.Put($"{Of(own)}/endpoints/{nowhere}")).Is(204);
        Assert.Equal("own", await Effective(nowhere));
        Assert.Equal([inLower, nowhere], await Endpoints(own));
        // Another policy takes a place over.
        (await admin.Put($"{Of(all)}/endpoints/{nowhere}")).Is(204);
        Assert.Equal("all", await Effective(nowhere));
        foreach (var path in (string[])[$"endpoints/{nowhere}", $"services/{service}"])
        {
            (await admin.Get($"{Of(all)}/{path}")).Is(204);
            (await admin.Head($"{Of(all)}/{path}")).Is(204);
            Assert.Equal("Could not find policy association.", (string?)(await admin.Get($"{Of(own)}/{path}")).Is(404)["error"]["message"]);
            (await admin.Delete($"{Of(own)}/{path}")).Is(404);
            (await admin.Delete($"{Of(all)}/{path}")).Is(204);
            (await admin.Get($"{Of(all)}/{path}")).Is(404);
        }
        (await admin.Get($"{Of(regional)}/services/{service}/regions/{upper}")).Is(204);
        foreach (var path in (string[])["endpoints/absent", "services/absent", $"services/{service}/regions/absent"]) (await admin.Put($"{Of(all)}/{path}")).Is(404);
        (await admin.Put($"{Of("absent")}/services/{service}")).Is(404);
        (await admin.Delete($"v3/policies/{regional}")).Is(204);
        (await admin.Get($"v3/endpoints/{inUpper}/OS-ENDPOINT-POLICY/policy")).Is(404);
    }

    [Fact]
    public async Task What_was_made_of_certificates_is_gone()
    {
        await using var cloud = await IdentityCloud.Start(DatabaseKind.Sqlite);
        (await cloud.Nobody().Get("v3/OS-SIMPLE-CERT/ca")).Is(410);
        (await cloud.Nobody().Get("v3/OS-SIMPLE-CERT/certificates")).Is(410);
        (await cloud.Nobody().Get("v3/auth/tokens/OS-PKI/revoked")).Is(403);
    }

    [Fact]
    public async Task The_home_document_names_every_path_and_no_other()
    {
        await using var cloud = await IdentityCloud.Start(DatabaseKind.Sqlite);
        static string Shape(string path) => Hole().Replace(path, "{}");
        var served = cloud.Services.GetRequiredService<Gateway>().Services.Single(s => s.Type == "identity").Routes.Select(r => r.Pattern)
            .Where(p => p.StartsWith("/v3/", StringComparison.Ordinal)).Select(p => Shape(p[3..])).ToHashSet();
        // Upstream's document does not have them either.
        served.ExceptWith(["/domains/{}/config/security_compliance", "/domains/{}/config/security_compliance/{}", "/projects/{}/tags",
            // Ours alone.
            "/audit/events"]);
        Assert.Equal(served.Order(), JsonHome.Relations.Select(r => Shape(r.Path)).Distinct().Order());

        async Task<HttpResponseMessage> Get(string path, string accept)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept", accept);
            return await cloud.Http.SendAsync(request);
        }
        foreach (var (path, prefix) in new[] { ("v3", ""), ("", "/v3") })
        {
            using var reply = await Get(path, "application/json-home");
            Assert.Equal("application/json-home", reply.Content.Headers.ContentType!.MediaType);
            var resources = (await Json(reply, 200)).GetProperty("resources");
            Assert.Equal(prefix + "/auth/tokens", resources.GetProperty("https://docs.openstack.org/api/openstack-identity/3/rel/auth_tokens").GetProperty("href").GetString());
            var trust = resources.GetProperty("https://docs.openstack.org/api/openstack-identity/3/ext/OS-TRUST/1.0/rel/trust");
            Assert.Equal(prefix + "/OS-TRUST/trusts/{trust_id}", trust.GetProperty("href-template").GetString());
            Assert.Equal("https://docs.openstack.org/api/openstack-identity/3/ext/OS-TRUST/1.0/param/trust_id", trust.GetProperty("href-vars").GetProperty("trust_id").GetString());
            Assert.Equal("experimental", resources.GetProperty("https://docs.openstack.org/api/openstack-identity/3/rel/limits").GetProperty("hints").GetProperty("status").GetString());
        }
        foreach (var (accept, home) in new[]
        {
            ("", false), ("*/*", false), ("application/json", false), ("application/json, application/json-home", false), ("application/json-home, application/json;q=0.5", true),
            ("application/json-home;q=0.4, application/json;q=0.5", false), ("application/*;q=0.1, application/json-home", true), ("nonsense", false), ("text/html", false),
        })
        {
            using var reply = await Get("v3", accept);
            Assert.Equal(home ? "application/json-home" : "application/json", reply.Content.Headers.ContentType!.MediaType);
        }
    }

    [GeneratedRegex(@"\{[a-z_]+\}")]
    private static partial Regex Hole();
}
