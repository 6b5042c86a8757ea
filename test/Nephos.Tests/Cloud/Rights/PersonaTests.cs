using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;
using Xunit;

namespace Nephos.Tests.Cloud.Rights;

public sealed class PersonaTests(CloudUnderTest cloud) : PersonaChecks(cloud), IClassFixture<CloudUnderTest>;

/// <summary>The same where deprecated rules count too.</summary>
public sealed class LegacyPersonaTests(LegacyCloud legacy) : PersonaChecks(legacy), IClassFixture<LegacyCloud>
{
    [Theory]
    [InlineData("network/v2.0/networks", """{"network": {"name": "made by a reader"}}""")]
    [InlineData("network/v2.0/security-groups", """{"security_group": {"name": "made by a reader"}}""")]
    [InlineData("compute/v2.1/os-server-groups", """{"server_group": {"name": "made by a reader", "policies": ["affinity"]}}""")]
    public async Task A_reader_makes_what_old_rules_let_any_role_make(string path, string body)
    {
        var reply = await legacy.Send(Persona.Reader, "POST", path, body);
        Assert.True(reply.Status is 200 or 201, $"{reply.Status} {reply.Body}");
    }
}

public sealed class LegacyCloud : CloudUnderTest
{
    private protected override NephosOptions Change(NephosOptions options) => options with { LegacyPolicy = true };
}

/// <summary>
/// Every route asks its rule: whom the rule refuses gets nothing from it, and whom it lets read reads. (That the rules themselves are
/// upstream's is <see cref="PolicyTableTests"/>.) What an allowed write does is left to the tests of each service.
/// </summary>
public abstract class PersonaChecks(CloudUnderTest cloud)
{
    [Theory]
    [InlineData("compute")]
    [InlineData("identity")]
    [InlineData("image")]
    [InlineData("network")]
    [InlineData("placement")]
    public async Task A_route_serves_whom_its_rule_allows_and_nobody_else(string type)
    {
        if (cloud.Services.FirstOrDefault(s => s.Type == type) is not { } api) { Assert.Skip($"{type} is not mounted"); return; }
        var exceptions = UpstreamRules.Exceptions("persona", type);
        var requests = new RouteRequests(cloud.Things);
        var wrong = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var statuses = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var callers = await cloud.Callers();
        foreach (var route in api.Routes.Where(r => r.PolicyName is not null))
        {
            var (path, known) = requests.Path(api, route, collection => cloud.Things[collection]);
            var body = requests.Body(api, route);
            foreach (var persona in Enum.GetValues<Persona>())
            {
                bool? allowed = persona == Persona.Stranger ? false : Verdict(api, route, callers[persona]);
                // A write that is allowed would take the thing away from the next persona.
                if (allowed != false && route.Method is not ("GET" or "HEAD")) continue;
                var reply = await cloud.Send(persona, route.Method, path, body, RouteRequests.Version(api, route));
                var seen = $"{(allowed == true ? "allowed" : "refused")} {reply.Status}";
                statuses[seen] = statuses.GetValueOrDefault(seen) + 1;
                if (Wrong(route, persona, allowed, known, reply) is { } why) wrong.TryAdd($"{persona} {route.Method} {route.Pattern} {route.ActionName}".TrimEnd(), $"{why} ({route.PolicyName})");
            }
        }
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", type, string.Join(", ", statuses.Select(s => $"{s.Key}: {s.Value}")));
        // Bodies that are refused before the rule is asked prove nothing; most must not be.
        Assert.True(statuses.GetValueOrDefault("refused 403") + statuses.GetValueOrDefault("refused 404") > statuses.GetValueOrDefault("refused 400"), $"too many requests do not reach their rule: {string.Join(", ", statuses)}");
        var surprising = wrong.Where(w => !exceptions.ContainsKey(w.Key[(w.Key.IndexOf(' ', StringComparison.Ordinal) + 1)..])).Select(w => $"{w.Key}: {w.Value}").ToList();
        Assert.True(surprising.Count == 0, $"{surprising.Count} answers do not fit their rules:\n{string.Join('\n', surprising)}");
    }

    string? Wrong(Route route, Persona persona, bool? allowed, bool known, Reply reply)
    {
        if (persona == Persona.Stranger) return reply.Status == 401 ? null : $"a stranger got {reply.Status}";
        if (reply.Status == 401) return "401 with a token";
        if (reply.Status >= 500 && !route.FailStatuses.Contains(reply.Status)) return $"{reply.Status} {reply.Body}";
        if (allowed == false)
        {
            if (reply.Status is 400 or 403 or 404 || route.Method == "HEAD" || (reply.Status > 404 && route.Method != "GET")) return null;
            // A list without anything of project A is a refusal too.
            var shown = route.Method != "GET" ? "a write" : cloud.Things.Own.FirstOrDefault(id => reply.Body.Contains(id, StringComparison.Ordinal));
            return shown is null ? null : $"refused by its rule, answered {reply.Status} and showed {shown}";
        }
        return allowed == true && known && reply.Status == 403 ? "allowed by its rule, but 403" : null;
    }

    /// <summary>What the rule says about project A's things, or about the caller's own project where the path names no thing.</summary>
    bool? Verdict(ServiceApi api, Route route, Caller caller)
    {
        var own = !route.Pattern.Contains('{', StringComparison.Ordinal);
        // Who may do it depends on the user named in the path or the body, which the rule's target follows.
        if (api.Type == "identity" && own && route.Method == "POST") return null;
        return api.Policies.Allows(route.PolicyName!, caller, api.Type == "identity" ? IdentityTarget(route, caller) : Target(own ? caller.ProjectId : cloud.ProjectA, caller.UserId));
    }

    /// <summary>Of the things that the path names; a list is of the domain of the caller's token.</summary>
    PolicyTarget IdentityTarget(Route route, Caller caller)
    {
        var things = cloud.Things;
        var target = PolicyTarget.OfProject(cloud.ProjectA, things["users"]);
        foreach (var (noun, name, value) in new[]
        {
            ("users", "target.user.id", things["users"]), ("users", "target.user.domain_id", "default"), ("projects", "target.project.id", things["projects"]), ("projects", "target.project.domain_id", "default"),
            ("tenants", "target.project.id", things["projects"]), ("tenants", "target.project.domain_id", "default"), ("domains", "target.domain.id", things["domains"]), ("groups", "target.group.domain_id", "default"),
            ("roles", "target.role.domain_id", null), ("", "target.credential.user_id", cloud.MemberId), ("", "target.token.user_id", things["users"]),
        })
            if (route.Pattern.Contains(noun + "/{", StringComparison.Ordinal) || noun.Length == 0) target[name] = value;
        if (caller.DomainId is { } domain && !route.Pattern.Contains('{', StringComparison.Ordinal)) target["target.domain_id"] = target["target.domain.id"] = target["target.group.domain_id"] = domain;
        return target;
    }

    PolicyTarget Target(string? project, string? user)
    {
        var target = PolicyTarget.OfProject(project, user);
        foreach (var name in (string[])["network:tenant_id", "network:project_id", "ext_parent:tenant_id", "ext_parent:project_id", "security_group:tenant_id", "security_group:project_id", "owner"]) target[name] = project;
        return target;
    }
}
