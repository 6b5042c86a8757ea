using Nephos.Cloud;
using Nephos.Contracts;
using Nephos.Documents;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;
using Xunit;

namespace Nephos.Tests.Cloud.Rights;

/// <summary>
/// Every rule decides for every persona as upstream's default of that name does, but for the differences that
/// <c>Oracle/policy-differences.json</c> lists with their reasons.
/// </summary>
public sealed class PolicyTableTests
{
    const string A = "project-a", User = "user-a", Domain = "domain-a";

    static readonly (string Name, Caller Caller)[] Callers =
    [
        ("reader", Of(User, A, "reader")), ("member", Of(User, A, "member", "reader")), ("manager", Of(User, A, "manager", "member", "reader")),
        ("other member", Of("user-b", "project-b", "member", "reader")), ("admin", Of("user-c", A, "admin", "manager", "member", "reader")),
        ("service", Of("user-s", "services", "service")), ("nobody", Of("user-n", A)),
        ("system reader", Of("user-d", null, "reader") with { IsSystem = true }), ("system admin", Of("user-d", null, "admin", "manager", "member", "reader") with { IsSystem = true }),
        ("domain admin", Of("user-e", null, "admin", "manager", "member", "reader") with { DomainId = Domain }), ("domain reader", Of("user-e", null, "reader") with { DomainId = Domain }),
    ];

    [Theory]
    [InlineData("compute")]
    [InlineData("identity")]
    [InlineData("image")]
    [InlineData("network")]
    [InlineData("placement")]
    public async Task Rules_decide_as_upstreams(string type) => Compare(type, await GeneratedDocuments.Services(), new UpstreamRules(type));

    [Theory]
    [InlineData("compute")]
    [InlineData("identity")]
    [InlineData("image")]
    [InlineData("network")]
    [InlineData("placement")]
    public async Task Rules_decide_as_upstreams_with_deprecated_ones_beside_them(string type) =>
        Compare(type, await GeneratedDocuments.Services(LegacyRules.Of), new UpstreamRules(type).Legacy(), legacy: true);

    [Theory]
    [InlineData("compute")]
    [InlineData("identity")]
    [InlineData("image")]
    [InlineData("network")]
    [InlineData("placement")]
    public void Legacy_rules_are_upstreams_deprecated_ones_and_what_belongs_to_those(string type)
    {
        var upstream = new UpstreamRules(type);
        var ours = LegacyRules.Of(type);
        Assert.Empty(upstream.All.Where(r => r.Deprecated is not null && ours.GetValueOrDefault(r.Name) != r.Deprecated).Select(r => r.Name));
        Assert.Empty(ours.Where(o => upstream.Declared(o.Key) is not { } theirs || o.Value != (theirs.Deprecated ?? theirs.Check)).Select(o => o.Key));
    }

    static void Compare(string type, IReadOnlyList<ServiceApi> services, UpstreamRules upstream, bool legacy = false)
    {
        var differences = UpstreamRules.Differences(type);
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var api in services.Where(s => s.Type == type))
            foreach (var rule in api.Policies.Defaults.Values)
                if (Difference(api, rule, upstream) is { } difference) found[rule.Name] = difference;
        var surprising = found.Where(f => !differences.ContainsKey(f.Key)).Select(f => $"{f.Key}: {f.Value}").ToList();
        Assert.True(surprising.Count == 0, $"{surprising.Count} rules differ from upstream without a reason in policy-differences.json:\n{string.Join('\n', surprising)}");
        // The deprecated rule may be what a difference is about.
        if (!legacy) Assert.Empty(differences.Keys.Except(found.Keys));
    }

    static string? Difference(ServiceApi api, PolicyDefault rule, UpstreamRules upstream)
    {
        if (upstream.Declared(rule.Name) is not { } theirs) return "upstream has no rule of this name";
        // A rule that others refer to has no scopes of its own; here it has those of its service.
        var asked = theirs.Scopes is null && api.Scopes is not null ? Callers.Where(c => c.Caller is { IsSystem: false, DomainId: null }) : Callers;
        var wrong = asked.Where(c => api.Policies.Allows(rule.Name, c.Caller, Target) != upstream.Allows(rule.Name, c.Caller, Target)).Select(c => c.Name).ToList();
        return wrong.Count == 0 ? null : $"{string.Join(", ", wrong)} (ours \"{rule.Text}\", upstream's \"{theirs.Check}\" for {string.Join('/', theirs.Scopes ?? ["any"])})";
    }

    static readonly PolicyTarget Target = new()
    {
        ["project_id"] = A, ["tenant_id"] = A, ["user_id"] = User, ["owner"] = A, ["member_id"] = A, ["visibility"] = "private",
        ["network:tenant_id"] = A, ["network:project_id"] = A, ["ext_parent:tenant_id"] = A, ["ext_parent:project_id"] = A, ["security_group:tenant_id"] = A, ["security_group:project_id"] = A, ["target_tenant"] = A, ["target_project"] = A,
        ["target.user.id"] = User, ["target.user.domain_id"] = Domain, ["target.project.id"] = A, ["target.project.domain_id"] = Domain, ["target.domain.id"] = Domain, ["target.domain_id"] = Domain,
        ["target.group.domain_id"] = Domain, ["target.role.domain_id"] = Domain, ["target.credential.user_id"] = User, ["target.trust.trustor_user_id"] = User, ["target.trust.trustee_user_id"] = User,
        ["target.token.user_id"] = User, ["target.limit.domain.id"] = Domain, ["target.limit.project_id"] = A, ["target.limit.project.domain_id"] = Domain, ["target.prior_role.domain_id"] = Domain, ["target.implied_role.domain_id"] = Domain,
    };

    static Caller Of(string user, string? project, params string[] roles) => new()
    {
        UserId = user, UserName = user, UserDomainId = Domain, ProjectId = project, ProjectDomainId = project is null ? null : Domain, Roles = roles, ExpiresAt = DateTimeOffset.MaxValue,
    };
}
