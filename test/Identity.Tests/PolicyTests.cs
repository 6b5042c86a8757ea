using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Rules against upstream's own table (Oracle/policies.json, made from keystone's sources), never against what we declare.</summary>
public sealed class PolicyTests
{
    private sealed record OracleRule(string Name, string Check, string[]? Scope);

    private static readonly Dictionary<string, OracleRule> Oracle = Read();

    private static Dictionary<string, OracleRule> Read()
    {
        using var stream = typeof(PolicyTests).Assembly.GetManifestResourceStream("policies.json")!;
        return JsonSerializer.Deserialize<OracleRule[]>(stream, JsonSerializerOptions.Web)!.ToDictionary(r => r.Name, StringComparer.Ordinal);
    }

    private static ServiceApi Api(IdentityCloud cloud) => cloud.Services.GetRequiredService<Gateway>().Services.Single(s => s.Type == "identity");

    [Fact]
    public async Task Every_rule_has_upstreams_name_text_and_scopes()
    {
        await using var cloud = await IdentityCloud.Start(DatabaseKind.Sqlite);
        var policies = Api(cloud).Policies;
        // The audit is ours alone.
        Assert.All(policies.Defaults.Values.Where(rule => rule.Name != "identity:list_audit_events"), rule =>
        {
            Assert.True(Oracle.TryGetValue(rule.Name, out var upstream), $"upstream has no {rule.Name}");
            Assert.Equal(upstream!.Check, rule.Text);
            Assert.Equal(upstream.Scope, policies.ScopesOf(rule.Name));
        });
    }

    [Fact]
    public async Task Rules_that_are_missing_belong_to_what_is_not_served()
    {
        await using var cloud = await IdentityCloud.Start(DatabaseKind.Sqlite);
        var ours = Api(cloud).Policies.Defaults;
        // Federation, the list of revoked PKI tokens; and two names that upstream keeps but no route asks.
        string[] absent = ["identity_provider", "mapping", "protocol", "service_provider", "revocation_list",
            "list_projects_for_user", "list_domains_for_user"];
        Assert.All(Oracle.Keys.Where(name => !ours.ContainsKey(name)), name => Assert.Contains(absent, part => name.Contains(part, StringComparison.Ordinal)));
    }

    [Theory, OnEachDatabase]
    public async Task Strangers_get_401_everywhere_and_nobody_gets_500(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var (nobody, admin) = (cloud.Nobody(), await cloud.Admin());
        foreach (var route in Api(cloud).Routes.Where(r => r.PublicReason is null))
        {
            var path = string.Join('/', route.Pattern.TrimStart('/').Split('/').Select(s => s.StartsWith('{') ? "absent" : s));
            (await nobody.Send(route.Method, path, null)).Is(401);
            foreach (var body in (object?[])[null, "{}", "[]", "1", "{\"user\":1,\"project\":[],\"role\":null,\"limits\":{}}", "\"\\ud800\""])
            {
                var reply = await admin.Send(route.Method, path, route.Method is "GET" or "HEAD" ? null : body);
                Assert.True((int)reply.Status < 500, $"{route.Method} {path} {body}: {(int)reply.Status}");
            }
        }
    }

    [Theory, OnEachDatabase]
    public async Task Odd_texts_in_paths_queries_and_bodies_are_the_clients_fault(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var large = new string('x', 50_000);
        foreach (var path in (string[])["v3/users/%00", "v3/users?name=%00", "v3/users?name__contains=%00", "v3/users/%ED%A0%80", "v3/users?limit=1&marker=%00", "v3/projects?tags=%00", "v3/role_assignments?user.id=%00", "v3/users/a%2Fb", "v3/users/%25",
            "v3/projects?is_domain=%F0%9F%98%80", $"v3/users?name={new string('x', 5000)}", "v3/users?password_expires_at=lt:x", "v3/users/../tokens"])
        {
            var reply = await admin.Get(path);
            Assert.True((int)reply.Status < 500, $"{path}: {(int)reply.Status} {reply.Text}");
        }
        foreach (var (path, body) in ((string, object)[])[("credentials", new { credential = new { user_id = large, type = "x", blob = "y" } }), ("credentials", new { credential = new { user_id = "u", type = large, blob = "y" } }),
            ("regions", new { region = new { id = large } }), ("users", new { user = new { name = "n", password = large } }), ("users", new { user = new { name = "n", default_project_id = large } }),
            ("services", new { service = new { type = large } }), ("OS-TRUST/trusts", new { trust = new { trustor_user_id = large, trustee_user_id = "x", impersonation = true } }),
            ("auth/tokens", Auth.Body(new { methods = new[] { "token" }, token = new { id = large } })), ("auth/tokens", Auth.Body(Auth.Password(large, large, large)))])
        {
            var reply = await admin.Post("v3/" + path, body);
            Assert.InRange((int)reply.Status, 400, 499);
        }
        (await admin.Post("v3/users", new { user = new { name = new string('x', 120_000) } })).Is(413);
        (await admin.Post("v3/users", new { user = new { name = "extra", blob = large } })).Is(201);
    }

    /// <summary>Who asks: a name, the caller as rules see it, and how to get a token.</summary>
    private sealed record Persona(string Name, Caller Caller, Client Client);

    /// <summary>A request, the rule of upstream's table that guards it, and what the rule looks at.</summary>
    private sealed record Asked(string Method, string Path, string Rule, PolicyTarget Target, object? Body = null);

    [Theory, OnEachDatabase]
    public async Task Each_persona_may_what_upstreams_table_says(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var world = await PersonaWorld.Make(cloud);
        var wrong = new List<string>();
        foreach (var persona in world.Personas)
            foreach (var asked in Requests(world, persona.Caller))
            {
                var (rule, shared) = (Oracle[asked.Rule], new OracleRules());
                var inScope = rule.Scope is null || rule.Scope.Contains(persona.Caller.IsSystem ? "system" : persona.Caller.DomainId is not null ? "domain" : "project");
                var expected = inScope && PolicyParser.Parse(rule.Check).Allows(persona.Caller, asked.Target, shared);
                var reply = await persona.Client.Send(asked.Method, asked.Path, asked.Body);
                if (((int)reply.Status != 403) != expected) wrong.Add($"{persona.Name}: {asked.Method} {asked.Path} ({asked.Rule}): {(int)reply.Status}, but the table says {(expected ? "yes" : "no")}");
            }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private sealed class OracleRules : IPolicyRules
    {
        public PolicyRule? Find(string name) => Oracle.TryGetValue(name, out var rule) ? PolicyParser.Parse(rule.Check) : null;
    }

    // Bodies are empty where a request would change something: a caller who may then gets 400, which is not 403.
    private static IEnumerable<Asked> Requests(PersonaWorld w, Caller who)
    {
        var user = new PolicyTarget { ["user_id"] = w.User, ["target.user.id"] = w.User, ["target.user.domain_id"] = w.Domain };
        var project = new PolicyTarget { ["target.project.id"] = w.Project, ["target.project.domain_id"] = w.Domain };
        var group = new PolicyTarget { ["target.group.id"] = w.Group, ["target.group.domain_id"] = w.Domain };
        var domain = new PolicyTarget { ["target.domain.id"] = w.Domain };
        PolicyTarget list = who.DomainId is { } own ? new() { ["target.domain_id"] = own, ["target.domain.id"] = own, ["target.group.domain_id"] = own } : [];
        var grant = new PolicyTarget { ["target.user.id"] = w.User, ["target.user.domain_id"] = w.Domain, ["target.project.id"] = w.Project, ["target.project.domain_id"] = w.Domain };
        var role = new PolicyTarget { ["target.role.name"] = "reader", ["target.role.domain_id"] = null };
        foreach (var (key, value) in grant) role[key] = value;
        return
        [
            new("GET", "v3/users", "identity:list_users", list), new("GET", $"v3/users/{w.User}", "identity:get_user", user), new("PATCH", $"v3/users/{w.User}", "identity:update_user", user, "{}"),
            new("POST", "v3/users", "identity:create_user", new() { ["target.user.domain_id"] = w.Domain }, new { user = new { domain_id = w.Domain } }),
            new("GET", $"v3/users/{w.User}/projects", "identity:list_user_projects", user), new("GET", $"v3/users/{w.User}/groups", "identity:list_groups_for_user", user),
            new("GET", "v3/projects", "identity:list_projects", list), new("GET", $"v3/projects/{w.Project}", "identity:get_project", project), new("PATCH", $"v3/projects/{w.Project}", "identity:update_project", project, "{}"),
            new("POST", "v3/projects", "identity:create_project", new() { ["target.project.domain_id"] = w.Domain }, new { project = new { domain_id = w.Domain } }),
            new("GET", $"v3/projects/{w.Project}/tags", "identity:list_project_tags", project), new("PUT", $"v3/projects/{w.Project}/tags", "identity:update_project_tags", project, "{}"),
            new("GET", "v3/groups", "identity:list_groups", list), new("GET", $"v3/groups/{w.Group}", "identity:get_group", group), new("PATCH", $"v3/groups/{w.Group}", "identity:update_group", group, "{}"),
            new("POST", "v3/groups", "identity:create_group", new() { ["target.group.domain_id"] = w.Domain }, new { group = new { domain_id = w.Domain } }),
            new("GET", "v3/domains", "identity:list_domains", list), new("GET", $"v3/domains/{w.Domain}", "identity:get_domain", domain), new("PATCH", $"v3/domains/{w.Domain}", "identity:update_domain", domain, "{}"),
            new("GET", "v3/roles", "identity:list_roles", []), new("POST", "v3/roles", "identity:create_role", [], "{}"),
            new("GET", "v3/role_assignments", "identity:list_role_assignments", list), new("GET", "v3/role_inferences", "identity:list_role_inference_rules", []),
            new("GET", $"v3/projects/{w.Project}/users/{w.User}/roles", "identity:list_grants", grant), new("HEAD", $"v3/projects/{w.Project}/users/{w.User}/roles/{w.Reader}", "identity:check_grant", role),
            new("PUT", $"v3/projects/{w.Project}/users/{w.User}/roles/{w.Reader}", "identity:create_grant", role),
            new("GET", $"v3/system/users/{w.User}/roles", "identity:list_system_grants_for_user", user),
            new("GET", "v3/services", "identity:list_services", []), new("POST", "v3/services", "identity:create_service", [], "{}"), new("GET", "v3/endpoints", "identity:list_endpoints", []),
            new("GET", "v3/regions", "identity:list_regions", []), new("POST", "v3/regions", "identity:create_region", [], "{}"), new("GET", "v3/policies", "identity:list_policies", []),
            new("GET", "v3/limits", "identity:list_limits", []), new("POST", "v3/limits", "identity:create_limits", [], "{}"), new("GET", "v3/registered_limits", "identity:list_registered_limits", []),
            new("GET", $"v3/users/{w.User}/application_credentials", "identity:list_application_credentials", user), new("POST", $"v3/users/{w.User}/application_credentials", "identity:create_application_credential", user, "{}"),
            new("GET", $"v3/users/{w.User}/access_rules", "identity:list_access_rules", user), new("GET", $"v3/users/{w.User}/credentials/OS-EC2", "identity:ec2_list_credentials", user),
            new("GET", "v3/OS-REVOKE/events", "identity:list_revoke_events", []), new("GET", "v3/OS-EP-FILTER/endpoint_groups", "identity:list_endpoint_groups", []),
            new("GET", $"v3/OS-TRUST/trusts?trustor_user_id={w.User}", "identity:list_trusts_for_trustor", new() { ["target.trust.trustor_user_id"] = w.User }),
            new("GET", $"v3/domains/{w.Domain}/config", "identity:get_domain_config", domain), new("GET", "v3/domains/config/default", "identity:get_domain_config_default", []),
        ];
    }

    private sealed record PersonaWorld(string Domain, string Project, string User, string Group, string Reader, IReadOnlyList<Persona> Personas)
    {
        public static async Task<PersonaWorld> Make(IdentityCloud cloud)
        {
            var admin = await cloud.Admin();
            var domain = await admin.Make("domains", "domain", new { name = "d" });
            var project = await admin.Make("projects", "project", new { name = "p", domain_id = domain });
            var elsewhere = await admin.Make("projects", "project", new { name = "q" });
            var group = await admin.Make("groups", "group", new { name = "g", domain_id = domain });
            var user = await admin.Make("users", "user", new { name = "u", password = "p", domain_id = domain });
            var roles = (await admin.Get("v3/roles"))["roles"].AsArray().ToDictionary(r => (string)r!["name"]!, r => (string)r!["id"]!, StringComparer.Ordinal);
            var personas = new List<Persona>();

            async Task Add(string name, string id, string target, object scope, string? role)
            {
                if (role is not null) (await admin.Put($"v3/{target}/users/{id}/roles/{roles[role]}")).Is(204);
                var client = await cloud.Login(Auth.PasswordOf(id, "p"), scope);
                var caller = await cloud.Services.GetRequiredService<ITokens>().Validate(client.Token, CancellationToken.None);
                personas.Add(new(name, caller!, client));
            }
            async Task<string> Person(string name, string? of = null) => await admin.Make("users", "user", new { name, password = "p", domain_id = of ?? "default" });

            await Add("admin of a project", await Person("pa"), $"projects/{elsewhere}", Auth.Project(elsewhere), "admin");
            await Add("admin of the system", await Person("sa"), "system", Auth.System, "admin");
            await Add("reader of the system", await Person("sr"), "system", Auth.System, "reader");
            await Add("admin of the domain", await Person("da", domain), $"domains/{domain}", Auth.Domain(domain), "admin");
            await Add("manager of the domain", await Person("dm", domain), $"domains/{domain}", Auth.Domain(domain), "manager");
            await Add("reader of the domain", await Person("dr", domain), $"domains/{domain}", Auth.Domain(domain), "reader");
            await Add("manager of another domain", await Person("om"), "domains/default", Auth.Domain("default"), "manager");
            await Add("member of another project", await Person("om2"), $"projects/{elsewhere}", Auth.Project(elsewhere), "member");
            await Add("service", await Person("sv"), $"projects/{elsewhere}", Auth.Project(elsewhere), "service");
            await Add("the user, as member", user, $"projects/{project}", Auth.Project(project), "member");
            await Add("the user, without scope", user, "", "unscoped", null);
            return new(domain, project, user, group, roles["reader"], personas);
        }
    }
}
