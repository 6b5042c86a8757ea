using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Identity.Audit;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>The audit: what is in it, what is not, who reads it, and that nothing gets lost.</summary>
public sealed class AuditTests
{
    private sealed class World(IdentityCloud cloud, Client admin, string project, string user, string other) : IAsyncDisposable
    {
        public IdentityCloud Cloud => cloud;
        public Client Admin => admin;
        public string Project => project;
        public string User => user;
        public string Other => other;

        public static async Task<World> Make(DatabaseKind kind)
        {
            var cloud = await IdentityCloud.Start(kind);
            var admin = await cloud.Admin();
            var project = await admin.Make("projects", "project", new { name = "p" });
            var (user, other) = (await admin.Make("users", "user", new { name = "u", password = "secret-of-u" }), await admin.Make("users", "user", new { name = "o", password = "secret-of-o" }));
            await LoginTests.Give(admin, project, user, "member");
            return new(cloud, admin, project, user, other);
        }

        public Task<Client> Me() => cloud.Login(Auth.PasswordOf(user, "secret-of-u"), Auth.Project(project));

        public Task<Reply> Try(object identity, object? scope = null) => cloud.Nobody().Post("v3/auth/tokens", Auth.Body(identity, scope));

        public async Task<JsonArray> Events(string query) => (await admin.Get("v3/audit/events?" + query)).Is(200)["events"].AsArray();

        /// <summary>The newest that a question finds.</summary>
        public async Task<JsonNode> Last(string query) => (await Events(query + "&limit=1")) is [{ } e] ? e : throw new InvalidOperationException("No event for " + query);

        public ValueTask DisposeAsync() => cloud.DisposeAsync();
    }

    private static string? At(JsonNode e, string path) => (string?)path.Split('.').Aggregate(e, (node, name) => node?[name]!);

    [Theory, OnEachDatabase]
    public async Task A_change_is_kept_with_who_what_where_and_outcome(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var me = (string)(await world.Admin.Get("v3/auth/tokens", ("X-Subject-Token", world.Admin.Token)))["token"]["user"]!["id"]!;
        var reply = (await world.Admin.Post("v3/projects", new { project = new { name = "made" } }, ("User-Agent", "a\tclient"), ("X-OpenStack-Request-ID", "req-" + Guid.Empty))).Is(201);
        var made = (string)reply["project"]["id"]!;
        var e = await world.Last($"target={made}");
        Assert.Equal("http://schemas.dmtf.org/cloud/audit/1.0/event", At(e, "typeURI"));
        Assert.Equal("activity", At(e, "eventType"));
        Assert.True(Guid.TryParse(At(e, "id"), out _));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000$", At(e, "eventTime"));
        Assert.Equal(("create", "success", "HTTP", "201"), (At(e, "action"), At(e, "outcome"), At(e, "reason.reasonType"), At(e, "reason.reasonCode")));
        Assert.Equal(("service/security/account/user", me, "admin", "default", "127.0.0.1", "a\ufffdclient"),
            (At(e, "initiator.typeURI"), At(e, "initiator.id"), At(e, "initiator.name"), At(e, "initiator.domain"), At(e, "initiator.host.address"), At(e, "initiator.host.agent")));
        Assert.Equal((reply.Header("X-Openstack-Request-Id"), "req-" + Guid.Empty), (At(e, "initiator.request_id"), At(e, "initiator.global_request_id")));
        Assert.Equal(("data/security/project", made), (At(e, "target.typeURI"), At(e, "target.id")));
        Assert.Equal(("service/security", "identity"), (At(e, "observer.typeURI"), At(e, "observer.id")));
        Assert.Equal("/v3/projects", At(e, "requestPath"));

        (await world.Admin.Put($"v3/projects/{made}/tags/t")).Is(201);
        e = await world.Last($"target={made}&action=update");
        Assert.Equal(("data/security/project/tags", "t", made), (At(e, "target.typeURI"), At(e, "target.id"), At(e, "target.container_id")));
        (await world.Admin.Delete($"v3/projects/{made}")).Is(204);
        (await world.Admin.Delete($"v3/projects/{made}")).Is(404);
        Assert.Equal(["404", "204"], (await world.Events($"target={made}&action=delete")).Select(d => At(d!, "reason.reasonCode")));
        e = await world.Last($"target={world.User}&action=create/role_assignment");
        Assert.Equal(("service/security/account/user", world.User, world.Project), (At(e, "target.typeURI"), At(e, "target.id"), At(e, "target.container_id")));
        // What is read is nobody's business, unless it was refused.
        (await world.Admin.Get($"v3/users/{world.User}")).Is(200);
        var (ordinary, stranger) = (await world.Me(), world.Cloud.Nobody());
        (await ordinary.Get($"v3/users/{world.Other}")).Is(403);
        (await stranger.Get($"v3/users/{world.Other}")).Is(401);
        Assert.Equal([("read", null, "401"), ("read", world.User, "403")], (await world.Events($"target={world.Other}&action=read")).Select(r => (At(r!, "action"), At(r!, "initiator.id") is "unknown" ? null : At(r!, "initiator.id"), At(r!, "reason.reasonCode"))));
        (await world.Admin.Post("v3/nonsense", new { })).Is(404);
        e = await world.Last("service=identity");
        Assert.Equal(("404", "service/security", "unknown"), (At(e, "reason.reasonCode"), At(e, "target.typeURI"), At(e, "target.id")));
        Assert.Null(e["requestPath"]);
    }

    [Theory, OnEachDatabase]
    public async Task Every_kind_of_login_is_kept_and_whom_it_was_tried_for(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var nobody = world.Cloud.Nobody();
        async Task Is(string status, string? user, string? project = null)
        {
            var e = await world.Last("action=authenticate");
            Assert.Equal((status, user ?? "unknown", user ?? "unknown", project), (At(e, "reason.reasonCode"), At(e, "initiator.id"), At(e, "target.id"), At(e, "initiator.project_id")));
            Assert.Equal(("service/security/account/user", status[0] == '2' ? "success" : "failure"), (At(e, "target.typeURI"), At(e, "outcome")));
        }
        (await world.Try(Auth.PasswordOf(world.User, "wrong"))).Is(401);
        await Is("401", world.User);
        (await world.Try(Auth.Password("Their-Pass-Word", "x"))).Is(401);
        await Is("401", null);
        var me = await world.Me();
        await Is("201", world.User, world.Project);
        (await world.Try(Auth.ByToken(me.Token), Auth.Project(world.Project))).Is(201);
        await Is("201", world.User, world.Project);
        (await nobody.Post("v2.0/tokens", new { auth = new { passwordCredentials = new { username = "u", password = "wrong" } } })).Is(401);
        await Is("401", world.User);
        (await nobody.Post("v2.0/tokens", new { auth = new { passwordCredentials = new { username = "u", password = "secret-of-u" }, tenantId = world.Project } })).Is(200);
        await Is("200", world.User, world.Project);
        (await world.Try(new { methods = new[] { "totp" }, totp = new { user = new { id = world.User, passcode = "000000" } } })).Is(401);
        await Is("401", world.User);

        var credential = (await me.Post($"v3/users/{world.User}/application_credentials", new { application_credential = new { name = "a" } })).Is(201)["application_credential"];
        (await world.Try(new { methods = new[] { "application_credential" }, application_credential = new { id = (string)credential["id"]!, secret = "wrong" } })).Is(401);
        await Is("401", world.User, world.Project);
        var lent = await world.Cloud.Login(new { methods = new[] { "application_credential" }, application_credential = new { id = (string)credential["id"]!, secret = (string)credential["secret"]! } });
        await Is("201", world.User, world.Project);
        (await lent.Delete($"v3/users/{world.User}/application_credentials/{credential["id"]}")).Is(403);
        Assert.Equal((string?)credential["id"], At(await world.Last($"user={world.User}&action=delete"), "initiator.application_credential_id"));
        using (var request = new HttpRequestMessage(HttpMethod.Post, "v3/OS-OAUTH2/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) })
        {
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential["id"]}:{credential["secret"]}")));
            Assert.True((await world.Cloud.Http.SendAsync(request, TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        }
        await Is("200", world.User, world.Project);

        var keys = (await me.Post($"v3/users/{world.User}/credentials/OS-EC2", new { tenant_id = world.Project })).Is(201)["credential"];
        (await world.Admin.Post("v3/ec2tokens", new { credentials = new { access = (string)keys["access"]!, signature = "AAAA", host = "h", verb = "GET", path = "/", @params = new { SignatureVersion = "2" } } })).Is(401);
        await Is("401", world.User, world.Project);
        Assert.NotNull(At(await world.Last("action=authenticate"), "initiator.service_user_id"));
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes("GET\n\n\n\n/b"));
        var signature = Convert.ToBase64String(SignedBy((string)keys["secret"]!, "GET\n\n\n\n/b"));
        (await world.Admin.Post("v3/s3tokens", new { credentials = new { access = (string)keys["access"]!, signature, token = text } })).Is(200);
        await Is("200", world.User, world.Project);

        (await nobody.Post($"v3/users/{world.User}/password", new { user = new { original_password = "wrong", password = "another" } })).Is(401);
        var changed = await world.Last($"user={world.User}&target={world.User}");
        Assert.Equal(("update/password", "401"), (At(changed, "action"), At(changed, "reason.reasonCode")));
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "The signature of the protocol's first version.")]
    private static byte[] SignedBy(string secret, string text) => HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text));

    [Theory, OnEachDatabase]
    public async Task A_trustee_is_seen_through_the_trustor(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var me = await world.Me();
        async Task<string> Trust(bool impersonation) => (string)(await me.Post("v3/OS-TRUST/trusts", new
        {
            trust = new { trustor_user_id = world.User, trustee_user_id = world.Other, project_id = world.Project, impersonation, roles = new[] { new { name = "member" } } },
        })).Is(201)["trust"]["id"]!;
        foreach (var impersonation in (bool[])[true, false])
        {
            var trust = await Trust(impersonation);
            var lent = await world.Cloud.Login(Auth.PasswordOf(world.Other, "secret-of-o"), new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id = trust } });
            (await lent.Post("v3/users", new { user = new { name = "x" } })).Is(403);
            var e = await world.Last($"user={world.Other}&action=create");
            Assert.Equal((impersonation ? world.User : world.Other, trust, world.User, world.Other),
                (At(e, "initiator.id"), At(e, "initiator.trust_id"), At(e, "initiator.trustor_user_id"), At(e, "initiator.trustee_user_id")));
        }
        // A service that hands a request on says so itself.
        (await me.Post("v3/users", new { user = new { name = "x" } }, ("X-Service-Token", world.Admin.Token))).Is(403);
        Assert.NotNull(At(await world.Last($"user={world.User}&action=create"), "initiator.service_user_id"));
    }

    [Theory, OnEachDatabase]
    public async Task It_is_read_in_pages_by_filters_and_as_lines(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var project = await world.Admin.Make("projects", "project", new { name = "q" });
        for (var i = 0; i < 7; i++) (await world.Admin.Patch($"v3/projects/{project}", new { project = new { description = $"{i}" } })).Is(200);
        var question = $"target={project}&action=update&outcome=success";
        var all = (await world.Events(question)).Select(e => At(e!, "id")).ToList();
        Assert.Equal(7, all.Count);
        var (pages, next) = (new List<string?>(), (string?)$"v3/audit/events?{question}&limit=3");
        while (next is not null)
        {
            var page = (await world.Admin.Get(next)).Is(200);
            pages.AddRange(page["events"].AsArray().Select(e => At(e!, "id")));
            next = (string?)page["links"]["next"] is { } url ? url[(url.IndexOf("/identity/", StringComparison.Ordinal) + "/identity/".Length)..] : null;
        }
        Assert.Equal(all, pages);
        var lines = (await world.Admin.Get("v3/audit/events?" + question, ("Accept", "application/x-ndjson"))).Is(200);
        Assert.Equal("application/x-ndjson", lines.Message.Content.Headers.ContentType?.MediaType);
        Assert.Equal(all, lines.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => At(JsonNode.Parse(l)!, "id")));

        var third = (await world.Events(question))[2]!;
        var time = Uri.EscapeDataString(At(third, "eventTime")!.Replace("+0000", "Z", StringComparison.Ordinal));
        Assert.Equal(all[..3], (await world.Events($"{question}&since={time}")).Select(e => At(e!, "id")));
        Assert.Equal(all[3..], (await world.Events($"{question}&until={time}")).Select(e => At(e!, "id")));
        foreach (var none in (string[])["service=compute", "outcome=failure&target=" + project, "project=absent", "user=absent", "action=upd"]) Assert.Empty(await world.Events(none));
        foreach (var wrong in (string[])["limit=0", "limit=x", "since=yesterday", "until=x", "outcome=good", "marker=absent", $"marker={Guid.Empty}"])
        {
            var refused = (await world.Admin.Get("v3/audit/events?" + wrong)).Is(400);
            (await world.Admin.Get("v3/audit/events?" + wrong, ("Accept", "application/x-ndjson"))).Is(400);
            if (wrong[0] != 'm') Assert.Contains(wrong.Split('=')[0], refused.Text, StringComparison.Ordinal);
        }
    }

    [Theory, OnEachDatabase]
    public async Task Administrators_and_auditors_of_the_system_read_it(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var reader = (string)(await world.Admin.Get("v3/roles?name=reader"))["roles"][0]!["id"]!;
        (await world.Admin.Put($"v3/system/users/{world.Other}/roles/{reader}")).Is(204);
        (await (await world.Cloud.Login(Auth.PasswordOf(world.Other, "secret-of-o"), Auth.System)).Get("v3/audit/events")).Is(200);
        (await (await world.Me()).Get("v3/audit/events")).Is(403);
        (await world.Cloud.Nobody().Get("v3/audit/events")).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task No_secret_is_in_it(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var me = await world.Me();
        var secrets = new List<string> { IdentityCloud.AdminPassword, "secret-of-u", "secret-of-o", world.Admin.Token, me.Token, "secret-of-query", "secret-of-name" };
        var credential = (await me.Post($"v3/users/{world.User}/application_credentials", new { application_credential = new { name = "a", secret = "secret-of-credential" } })).Is(201)["application_credential"];
        (await world.Try(new { methods = new[] { "application_credential" }, application_credential = new { id = (string)credential["id"]!, secret = "secret-of-credential" } })).Is(201);
        var keys = (await me.Post($"v3/users/{world.User}/credentials/OS-EC2", new { tenant_id = world.Project })).Is(201)["credential"];
        await world.Admin.Make("credentials", "credential", new { user_id = world.User, type = "x", blob = "secret-of-blob" });
        secrets.AddRange(["secret-of-credential", (string)keys["secret"]!, "secret-of-blob"]);
        secrets.Add((string)(await world.Admin.Post("v3/OS-OAUTH1/consumers", new { consumer = new { description = "d" } })).Is(201)["consumer"]["secret"]!);
        (await world.Cloud.Nobody().Get($"v2.0/tokens/{me.Token}")).Is(401);
        (await world.Admin.Delete($"v2.0/tokens/{me.Token}")).Is(204);
        (await me.Delete($"v2.0/tokens/{me.Token}/x/{me.Token}?token=secret-of-query")).Is(401);
        (await world.Admin.Delete("v3/users/absent?token=secret-of-query")).Is(404);
        (await world.Admin.Post($"v3/users/{world.User}/password", new { user = new { original_password = "secret-of-u", password = "secret-of-blob" } })).Is(204);
        (await world.Try(Auth.Password("secret-of-name", "secret-of-o"))).Is(401);
        var all = (await world.Admin.Get("v3/audit/events", ("Accept", "application/x-ndjson"))).Is(200).Text;
        Assert.True(all.Split('\n').Length > 15, all);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
    }

    [Theory, OnEachDatabase]
    public async Task What_was_answered_is_written_when_the_program_ends(DatabaseKind kind)
    {
        await using var one = await IdentityCloud.Start(kind);
        string made;
        await using (var two = await one.Sister()) made = await (await two.Admin()).Make("projects", "project", new { name = "last" });
        Assert.Single((await (await one.Admin()).Get($"v3/audit/events?target={made}")).Is(200)["events"].AsArray());
    }

    private static AuditEvent Some(DateTimeOffset at) => new()
    {
        Id = NewId.Ordered(), At = at, Service = "x", ServiceKind = "service/x", Action = "create", Status = 200, TargetKind = "service/x/y", Address = "", RequestId = "req-x",
    };

    [Theory, OnEachDatabase]
    public async Task What_is_old_is_forgotten_page_by_page(DatabaseKind kind)
    {
        var time = new ManualTimeProvider();
        await using var test = await TestDatabase.Create(kind, time);
        var db = new IdentityDb(test.Database);
        await Migrations.Apply(db, typeof(IdentityDb).Assembly);
        var table = new AuditTable(db);
        var old = db.Now - TimeSpan.FromDays(31);
        await table.Insert([.. Enumerable.Range(0, AuditPurge.Page + 1).Select(_ => Some(old)), Some(db.Now - TimeSpan.FromDays(29))]);
        async Task<long> Left() => await db.Scalar<long>($"SELECT COUNT(*) FROM identity_audit_events");
        var options = new IdentityOptions { StateKey = new Secret("k"), AuditKept = TimeSpan.Zero };
        await new AuditPurge(table, db, options).Run(TestContext.Current.CancellationToken);
        Assert.Equal(AuditPurge.Page + 2, await Left());
        await new AuditPurge(table, db, options with { AuditKept = TimeSpan.FromDays(30) }).Run(TestContext.Current.CancellationToken);
        Assert.Equal(1, await Left());
    }

    [Fact]
    public async Task Who_records_waits_rather_than_that_something_is_lost()
    {
        await using var test = await TestDatabase.Create(DatabaseKind.Sqlite, null);
        var db = new IdentityDb(test.Database);
        await Migrations.Apply(db, typeof(IdentityDb).Assembly);
        using var trail = new AuditTrail(new AuditTable(db), TimeProvider.System, NullLogger<AuditTrail>.Instance);
        var waits = trail.Record(Some(db.Now));
        var taken = 0;
        for (; waits.IsCompleted; taken++) waits = trail.Record(Some(db.Now));
        Assert.Equal(10_000, taken);
        await trail.StartAsync(TestContext.Current.CancellationToken);
        await waits;
        await trail.Find(new AuditQuery { Limit = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal(taken + 1, await db.Scalar<long>($"SELECT COUNT(*) FROM identity_audit_events"));
        await trail.StopAsync(TestContext.Current.CancellationToken);
    }
}
