using System.Text.Json.Nodes;
using Nephos.Contracts;
using Nephos.Identity.VersionTwo;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

public sealed class VersionTwoTests
{
    private static readonly Secret Bootstrap = new("openstack");

    private static Task<Reply> Ask(IdentityCloud cloud, object auth) => cloud.Nobody().Post("v2.0/tokens/", new { auth });

    private static object Password(string username, string password) => new { username, password };

    private static async Task<Client> Login(IdentityCloud cloud, string user, string password, string tenant) =>
        new(cloud, (string)(await Ask(cloud, new { tenantName = tenant, passwordCredentials = Password(user, password) })).Is(200)["access"]["token"]!["id"]!);

    private static Task<Client> Admin(IdentityCloud cloud) => Login(cloud, "admin", IdentityCloud.AdminPassword, "admin");

    private static async Task<string> Make(Client client, string path, string name, object body) =>
        (string)(await client.Post("v2.0/" + path, new Dictionary<string, object> { [name] = body })).Is(200)[name]["id"]!;

    private static string Message(Reply reply) => (string)reply["error"]["message"]!;

    /// <summary>What a script of that time did with an empty identity and its bootstrap token.</summary>
    [Theory, OnEachDatabase]
    public async Task A_script_of_old_fills_an_identity(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind, change: o => o with { AdminToken = Bootstrap });
        var script = new Client(cloud, Bootstrap.Reveal());
        var tenants = new List<string>();
        foreach (var name in (string[])["adminTenant", "serviceTenant", "testTenant"]) tenants.Add(await Make(script, "tenants", "tenant", new { name, description = (string?)null, enabled = true }));
        var operator1 = await Make(script, "users", "user", new { name = "operator", password = "openstack", email = "o@example.org", tenantId = (string?)null, enabled = true });
        var tester = await Make(script, "users", "user", new { name = "testuser", password = "testpass", email = "t@example.org", tenantId = tenants[2], enabled = true });
        var roles = (await script.Get("v2.0/OS-KSADM/roles")).Is(200)["roles"].AsArray().ToDictionary(r => (string)r!["name"]!, r => (string)r!["id"]!);
        Assert.Contains("_member_", roles.Keys);
        foreach (var tenant in tenants) (await script.Put($"v2.0/tenants/{tenant}/users/{operator1}/roles/OS-KSADM/{roles["admin"]}")).Is(200);
        var service = await Make(script, "OS-KSADM/services", "OS-KSADM:service", new { name = "nova2", type = "compute2", description = "Nova" });
        const string Url = "http://10.11.101.6:8774/v2/%(tenant_id)s";
        await Make(script, "endpoints", "endpoint", new { region = "RegionOne", service_id = service, publicurl = Url, adminurl = Url, internalurl = Url });

        var access = (await Ask(cloud, new { tenantName = "testTenant", passwordCredentials = Password("testuser", "testpass") })).Is(200)["access"];
        Assert.Contains("_member_", access["user"]!["roles"]!.AsArray().Select(r => (string)r!["name"]!));
        Assert.Equal((tester, "testuser", tenants[2]), ((string)access["user"]!["id"]!, (string)access["user"]!["username"]!, (string)access["token"]!["tenant"]!["id"]!));
        var compute = access["serviceCatalog"]!.AsArray().Single(s => (string)s!["type"]! == "compute2")!["endpoints"]![0]!;
        Assert.Equal(Enumerable.Repeat($"http://10.11.101.6:8774/v2/{tenants[2]}", 3), new[] { "publicURL", "internalURL", "adminURL" }.Select(u => (string)compute[u]!));
        Assert.Equal("RegionOne", (string)compute["region"]!);
        // The user with the role admin is an administrator here and in v3.
        var admin = await Login(cloud, "operator", "openstack", "adminTenant");
        Assert.Equal(["adminTenant", "serviceTenant", "testTenant"], (await admin.Get("v2.0/tenants")).Is(200)["tenants"].AsArray().Select(t => (string)t!["name"]!).Where(n => n.EndsWith("Tenant", StringComparison.Ordinal)));
        (await admin.Get("v3/users")).Is(200);
    }

    [Theory, OnEachDatabase]
    public async Task The_bootstrap_token_counts_only_where_it_is_set(DatabaseKind kind)
    {
        await using (var cloud = await IdentityCloud.Start(kind))
            foreach (var text in (string[])["openstack", "", "admin_token"]) (await new Client(cloud, text).Get("v2.0/tenants")).Is(401);
        await using var open = await IdentityCloud.Start(kind, change: o => o with { AdminToken = Bootstrap });
        (await new Client(open, "openstac").Get("v2.0/tenants")).Is(401);
        (await new Client(open, "openstack").Get("v3/users")).Is(200);
        // It is nobody: what is a user's own is closed to it.
        (await new Client(open, "openstack").Post("v3/users/admin_token/application_credentials", new { application_credential = new { name = "x" } })).Is(403);
        Assert.Equal(["off", "***"], new[] { "", "x" }.Select(v => IdentitySettings.List.Apply(new IdentityOptions { StateKey = Bootstrap }, [new("DEFAULT", "admin_token", v, 1)], "f").AdminToken?.ToString() ?? "off"));
    }

    [Theory, OnEachDatabase]
    public async Task Tokens_are_the_same_in_both_versions(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var (two, three) = (await Admin(cloud), await cloud.Admin());
        (await three.Get("v3/auth/tokens", ("X-Subject-Token", two.Token))).Is(200);
        (await two.Get("v3/users")).Is(200);
        var access = (await two.Get($"v2.0/tokens/{three.Token}")).Is(200)["access"];
        Assert.Equal(three.Token, (string)access["token"]!["id"]!);
        Assert.Equal("admin", (string)access["token"]!["tenant"]!["name"]!);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string)access["token"]!["expires"]!);
        (await two.Head($"v2.0/tokens/{three.Token}")).Is(200);
        var tenant = (string)access["token"]!["tenant"]!["id"]!;
        (await two.Get($"v2.0/tokens/{three.Token}?belongsTo={tenant}")).Is(200);
        (await two.Get($"v2.0/tokens/{three.Token}?belongsTo=other")).Is(401);
        // 404 in v3.
        (await Ask(cloud, new { token = new { id = "gAAAA" } })).Is(401);
        var endpoints = (await two.Get($"v2.0/tokens/{three.Token}/endpoints")).Is(200)["endpoints"].AsArray();
        Assert.Equal($"{cloud.Root}/volume/v3/{tenant}", (string)endpoints.Single(e => (string)e!["type"]! == "volumev3")!["publicURL"]!);

        // Without a scope, then with one by the token.
        var unscoped = (await Ask(cloud, new { passwordCredentials = Password("admin", IdentityCloud.AdminPassword) })).Is(200)["access"];
        Assert.Null(unscoped["token"]!["tenant"]);
        Assert.Empty(unscoped["serviceCatalog"]!.AsArray());
        var id = (string)unscoped["token"]!["id"]!;
        Assert.Equal(["admin"], (await new Client(cloud, id).Get("v2.0/tenants")).Is(200)["tenants"].AsArray().Select(t => (string)t!["name"]!));
        var rescoped = (await Ask(cloud, new { tenantId = tenant, token = new { id } })).Is(200)["access"];
        Assert.Equal((string)unscoped["token"]!["audit_ids"]![0]!, (string)rescoped["token"]!["audit_ids"]![1]!);

        (await two.Delete($"v2.0/tokens/{three.Token}")).Is(204);
        Assert.Equal($"Could not find token: {three.Token}.", Message((await two.Get($"v2.0/tokens/{three.Token}")).Is(404)));
        (await three.Get("v3/users")).Is(401);
        (await two.Get("v2.0/tokens/absent/endpoints")).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task What_is_no_request_for_a_token_is_said_so(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        const string End = " The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.";
        foreach (var (auth, status, message) in new (object, int, string)[]
        {
            (new { }, 400, "Expecting to find passwordCredentials in auth." + End),
            (new { passwordCredentials = new { username = "admin" } }, 400, "Expecting to find password in passwordCredentials." + End),
            (new { passwordCredentials = new { password = "x" } }, 400, "Expecting to find username or userId in passwordCredentials." + End),
            (new { token = new { } }, 400, "Expecting to find id in token." + End),
            (new { token = new { id = "absent" } }, 401, "The request you have made requires authentication."),
            (new { passwordCredentials = Password("admin", "wrong") }, 401, "The request you have made requires authentication."),
            (new { passwordCredentials = Password("absent", "wrong") }, 401, "The request you have made requires authentication."),
            (new { tenantName = "absent", passwordCredentials = Password("admin", IdentityCloud.AdminPassword) }, 401, "The request you have made requires authentication."),
            (new { tenantId = "absent", passwordCredentials = Password("admin", IdentityCloud.AdminPassword) }, 401, "The request you have made requires authentication."),
        }) Assert.Equal(message, Message((await Ask(cloud, auth)).Is(status)));
        (await cloud.Nobody().Post("v2.0/tokens", new { })).Is(400);
        (await cloud.Nobody().Post("v2.0/tokens", new { auth = 1 })).Is(400);
        (await cloud.Nobody().Post("v2.0/tokens", "{")).Is(400);
        (await cloud.Nobody().Get("v2.0/absent")).Is(401);
        (await (await Admin(cloud)).Get("v2.0/absent")).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Tenants_users_and_roles(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await Admin(cloud);
        var (one, two) = (await Make(admin, "tenants", "tenant", new { name = "one", description = "first", colour = "red" }), await Make(admin, "tenants", "tenant", new { name = "two" }));
        var shown = (await admin.Get($"v2.0/tenants/{one}")).Is(200)["tenant"];
        Assert.Equal(("one", "first", true, "red"), ((string)shown["name"]!, (string)shown["description"]!, (bool)shown["enabled"]!, (string)shown["colour"]!));
        Assert.Null(shown["domain_id"]);
        Assert.Equal(one, (string)(await admin.Get("v2.0/tenants?name=one")).Is(200)["tenant"]["id"]!);
        (await admin.Get("v2.0/tenants?name=absent")).Is(404);
        Assert.Equal(["admin"], (await admin.Get("v2.0/tenants?limit=1")).Is(200)["tenants"].AsArray().Select(t => (string)t!["name"]!));
        (await admin.Get("v2.0/tenants?limit=1&marker=absent")).Is(400);
        (await admin.Post("v2.0/tenants", new { tenant = new { name = "one" } })).Is(409);
        (await admin.Post("v2.0/tenants", new { tenant = new { name = "" } })).Is(400);
        Assert.Equal("1st", (string)(await admin.Post($"v2.0/tenants/{one}", new { tenant = new { id = one, description = "1st" } })).Is(200)["tenant"]["description"]!);
        (await admin.Post($"v2.0/tenants/{one}", new { tenant = new { name = "two" } })).Is(409);

        var user = await Make(admin, "users", "user", new { username = "ann", password = "a secret", tenantId = one, email = "a@example.org" });
        var ann = (await admin.Get($"v2.0/users/{user}")).Is(200)["user"];
        Assert.Equal(("ann", "ann", one, "a@example.org"), ((string)ann["name"]!, (string)ann["username"]!, (string)ann["tenantId"]!, (string)ann["email"]!));
        Assert.Equal((null, null), (ann["password"], ann["domain_id"]));
        Assert.Equal(user, (string)(await admin.Get("v2.0/users?name=ann")).Is(200)["user"]["id"]!);
        (await admin.Get("v2.0/users?name=absent")).Is(404);
        (await admin.Post("v2.0/users", new { user = new { name = "ann" } })).Is(409);
        (await admin.Post("v2.0/users", new { user = new { password = "x" } })).Is(400);
        (await admin.Post("v2.0/users", new { user = new { name = "ben", tenantId = "absent" } })).Is(404);
        async Task<string[]> Users(string tenant) => [.. (await admin.Get($"v2.0/tenants/{tenant}/users")).Is(200)["users"].AsArray().Select(u => (string)u!["name"]!)];
        async Task<string[]> Roles(string tenant) => [.. (await admin.Get($"v2.0/tenants/{tenant}/users/{user}/roles")).Is(200)["roles"].AsArray().Select(r => (string)r!["name"]!)];
        Assert.Equal(["ann"], await Users(one));

        // Another tenant: a member there, and no longer here.
        (await admin.Put($"v2.0/users/{user}/OS-KSADM/tenant", new { user = new { tenantId = two } })).Is(200);
        Assert.Equal((0, true), ((await Roles(one)).Length, (await Roles(two)).Contains("_member_")));
        (await admin.Put($"v2.0/users/{user}", new { user = new { id = user, tenantId = one, name = "anna" } })).Is(200);
        Assert.Equal((0, true), ((await Roles(two)).Length, (await Roles(one)).Contains("_member_")));
        await Login(cloud, "anna", "a secret", "one");
        (await admin.Put($"v2.0/users/{user}/OS-KSADM/password", new { user = new { password = "another" } })).Is(200);
        var before = await Login(cloud, "anna", "another", "one");
        object Own(string from, string to) => new { user = new { original_password = from, password = to } };
        var own = $"v2.0/OS-KSCRUD/users/{user}";
        (await cloud.Nobody().Patch(own, Own("another", "mine"))).Is(401);
        (await admin.Patch(own, Own("another", "mine"))).Is(403);
        (await before.Patch(own, Own("wrong", "mine"))).Is(401);
        (await before.Patch(own, new { user = new { password = "mine" } })).Is(400);
        var fresh = (await before.Patch(own, Own("another", "mine"))).Is(200)["access"]["token"]!;
        Assert.Equal("one", (string)fresh["tenant"]!["name"]!);
        (await before.Get("v2.0/tenants")).Is(401);
        var anna = new Client(cloud, (string)fresh["id"]!);
        var keys = (await anna.Post($"v2.0/users/{user}/credentials/OS-EC2", new { tenant_id = one })).Is(200)["credential"];
        Assert.Equal((string)keys["access"]!, (string)(await anna.Get($"v2.0/users/{user}/credentials/OS-EC2")).Is(200)["credentials"][0]!["access"]!);
        (await anna.Delete($"v2.0/users/{user}/credentials/OS-EC2/{keys["access"]}")).Is(204);
        // Not an administrator: own tenants and nothing else.
        Assert.Equal(["one"], (await anna.Get("v2.0/tenants")).Is(200)["tenants"].AsArray().Select(t => (string)t!["name"]!));
        foreach (var path in (string[])["users", "OS-KSADM/roles", "OS-KSADM/services", "endpoints", $"users/{Guid.NewGuid()}", $"tenants/{two}", $"tenants/{one}/users", $"tokens/{admin.Token}"])
            (await anna.Get("v2.0/" + path)).Is(403);
        (await admin.Put($"v2.0/users/{user}/OS-KSADM/enabled", new { user = new { enabled = false } })).Is(200);
        (await admin.Put($"v2.0/users/{user}/enabled", new { user = new { enabled = false } })).Is(200);
        (await anna.Get("v2.0/tenants")).Is(401);

        var role = await Make(admin, "OS-KSADM/roles", "role", new { name = "tenantManager" });
        (await admin.Post("v2.0/OS-KSADM/roles", new { role = new { name = "tenantManager" } })).Is(409);
        var grant = $"v2.0/tenants/{two}/users/{user}/roles/OS-KSADM";
        Assert.Equal(role, (string)(await admin.Put($"{grant}/tenantManager")).Is(200)["role"]["id"]!);
        Assert.Equal(["tenantManager"], await Roles(two));
        (await admin.Put($"{grant}/{role}")).Is(409);
        (await admin.Delete($"{grant}/{role}")).Is(204);
        (await admin.Delete($"{grant}/{role}")).Is(404);
        foreach (var path in (string[])[$"{grant}/absent", $"v2.0/tenants/absent/users/{user}/roles/OS-KSADM/{role}", $"v2.0/tenants/{two}/users/absent/roles/OS-KSADM/{role}"]) (await admin.Put(path)).Is(404);
        Assert.Equal("tenantManager", (string)(await admin.Get($"v2.0/OS-KSADM/roles/{role}")).Is(200)["role"]["name"]!);
        (await admin.Delete($"v2.0/OS-KSADM/roles/{role}")).Is(204);
        (await admin.Delete("v2.0/OS-KSADM/roles/admin")).Is(403);
        (await admin.Delete($"v2.0/users/{user}")).Is(204);
        (await admin.Get($"v2.0/users/{user}")).Is(404);
        (await admin.Delete($"v2.0/tenants/{two}")).Is(204);
        (await admin.Delete($"v2.0/tenants/{two}")).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Services_and_endpoints_with_three_urls(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await Admin(cloud);
        var service = await Make(admin, "OS-KSADM/services", "OS-KSADM:service", new { name = "glance", type = "image", description = "Glance" });
        Assert.Equal("Glance", (string)(await admin.Get($"v2.0/OS-KSADM/services/{service}")).Is(200)["OS-KSADM:service"]["description"]!);
        var endpoint = await Make(admin, "endpoints", "endpoint", new { region = "Elsewhere", service_id = service, publicurl = "http://p:9292", internalurl = "http://i:9292", adminurl = (string?)null });
        // v3 sees two of them, in a region that came to be.
        Assert.Equal(["internal", "public"], (await admin.Get($"v3/endpoints?service_id={service}")).Is(200)["endpoints"].AsArray().Select(e => (string)e!["interface"]!).Order());
        (await admin.Get("v3/regions/Elsewhere")).Is(200);
        var shown = (await admin.Get($"v2.0/endpoints/{endpoint}")).Is(200)["endpoint"];
        Assert.Equal(("http://p:9292", "http://i:9292", null, "Elsewhere", service), ((string?)shown["publicurl"], (string?)shown["internalurl"], (string?)shown["adminurl"], (string?)shown["region"], (string?)shown["service_id"]));
        // What v3 made shows as one as well.
        var all = (await admin.Get("v2.0/endpoints")).Is(200)["endpoints"].AsArray();
        Assert.Equal(4, all.Count);
        Assert.Contains(all, e => (string?)e!["publicurl"] == $"{cloud.Root}/compute/v2.1" && (string?)e["adminurl"] == $"{cloud.Root}/compute/v2.1");
        (await admin.Post("v2.0/endpoints", new { endpoint = new { service_id = service } })).Is(400);
        (await admin.Post("v2.0/endpoints", new { endpoint = new { service_id = "absent", publicurl = "http://x" } })).Is(404);
        (await admin.Post("v2.0/endpoints", new { endpoint = new { service_id = service, publicurl = "http://x/%(nobody)s" } })).Is(400);
        (await admin.Delete($"v2.0/endpoints/{endpoint}")).Is(204);
        (await admin.Delete($"v2.0/endpoints/{endpoint}")).Is(404);
        Assert.Empty((await admin.Get($"v3/endpoints?service_id={service}")).Is(200)["endpoints"].AsArray());
        (await admin.Delete($"v2.0/OS-KSADM/services/{service}")).Is(204);
        (await admin.Get($"v2.0/OS-KSADM/services/{service}")).Is(404);
        Assert.Equal(["identity", "compute", "volumev3"], (await admin.Get("v2.0/OS-KSADM/services")).Is(200)["OS-KSADM:services"].AsArray().Select(s => (string)s!["type"]!));
    }

    [Theory, OnEachDatabase]
    public async Task Other_domains_do_not_exist_here(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var (two, admin) = (await Admin(cloud), await cloud.Admin());
        var domain = await admin.Make("domains", "domain", new { name = "other" });
        var project = await admin.Make("projects", "project", new { name = "p", domain_id = domain });
        var user = await admin.Make("users", "user", new { name = "u", password = "secret", domain_id = domain, default_project_id = project });
        var role = (string)(await admin.Get("v3/roles?name=member"))["roles"][0]!["id"]!;
        (await admin.Put($"v3/projects/{project}/users/{user}/roles/{role}")).Is(204);
        var stranger = await cloud.Login(Auth.PasswordOf(user, "secret"), Auth.Project(project));
        foreach (var path in (string[])[$"tenants/{project}", $"tenants/{domain}", $"users/{user}", "tenants?name=p", "users?name=u", "tenants/default"]) (await two.Get("v2.0/" + path)).Is(404);
        Assert.DoesNotContain((await two.Get("v2.0/users")).Is(200)["users"].AsArray(), u => (string)u!["id"]! == user);
        (await two.Get($"v2.0/tokens/{stranger.Token}")).Is(401);
        (await Ask(cloud, new { token = new { id = stranger.Token }, tenantId = project })).Is(401);
        (await Ask(cloud, new { passwordCredentials = new { userId = user, password = "secret" } })).Is(401);
        (await two.Get($"v2.0/tokens/{(await cloud.Login(Auth.Password("admin", IdentityCloud.AdminPassword), Auth.System)).Token}")).Is(401);
        (await two.Post("v2.0/users", new { user = new { name = "v", domain_id = domain } })).Is(200);
        Assert.Equal("default", (string)(await admin.Get("v3/users?name=v"))["users"][0]!["domain_id"]!);
    }

    [Theory, OnEachDatabase]
    public async Task A_trust_gives_a_token_of_its_tenant_only(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var me = (await admin.Get("v3/auth/tokens", ("X-Subject-Token", admin.Token)))["token"];
        var trustee = await admin.Make("users", "user", new { name = "trustee", password = "secret" });
        var trust = await admin.Make("OS-TRUST/trusts", "trust", new
        {
            trustor_user_id = (string)me["user"]!["id"]!, trustee_user_id = trustee, project_id = (string)me["project"]!["id"]!, impersonation = false, roles = new[] { new { name = "reader" } },
        });
        var own = (string)(await Ask(cloud, new { passwordCredentials = Password("trustee", "secret") })).Is(200)["access"]["token"]!["id"]!;
        var access = (await Ask(cloud, new { trust_id = trust, tenantName = "admin", token = new { id = own } })).Is(200)["access"];
        Assert.Equal((trust, trustee), ((string)access["trust"]!["id"]!, (string)access["trust"]!["trustee_user_id"]!));
        Assert.Equal(["reader"], access["user"]!["roles"]!.AsArray().Select(r => (string)r!["name"]!));
        (await Ask(cloud, new { trust_id = trust, tenantId = "other", token = new { id = own } })).Is(403);
    }

    [Fact]
    public async Task Version_documents_say_what_is_past()
    {
        await using var cloud = await IdentityCloud.Start(DatabaseKind.Sqlite);
        static (string, string) Of(JsonNode? version) => ((string)version!["id"]!, (string)version["status"]!);
        // The status is one of redirects, and there is a Location: not to be followed here.
        using var plain = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var root = await plain.GetAsync(new Uri(cloud.Root + "/identity/"));
        Assert.Equal(300, (int)root.StatusCode);
        Assert.Equal([("v3.14", "stable"), ("v2.0", "deprecated")], JsonNode.Parse(await root.Content.ReadAsStringAsync())!["versions"]!["values"]!.AsArray().Select(Of));
        var version = (await cloud.Nobody().Get("v2.0/")).Is(200)["version"];
        Assert.Equal((("v2.0", "deprecated"), $"{cloud.Root}/identity/v2.0/"), (Of(version), (string)version["links"]![0]!["href"]!));
        Assert.Equal("OS-KSADM", (string)(await cloud.Nobody().Get("v2.0/extensions")).Is(200)["extensions"]["values"]![0]!["alias"]!);
        (await cloud.Nobody().Get("v2.0/extensions/OS-KSADM")).Is(200);
        (await cloud.Nobody().Get("v2.0/extensions/absent")).Is(404);
    }

    [Fact]
    public void A_token_in_a_path_is_not_logged()
    {
        Assert.Equal(["v2.0", "tokens", "***", "endpoints"], VersionTwo.VersionTwo.SegmentsInLogs(["v2.0", "tokens", "gAAAA", "endpoints"]));
        Assert.Equal(["v2.0", "tokens"], VersionTwo.VersionTwo.SegmentsInLogs(["v2.0", "tokens"]));
        Assert.Equal(["v3", "users", "a"], VersionTwo.VersionTwo.SegmentsInLogs(["v3", "users", "a"]));
    }
}
