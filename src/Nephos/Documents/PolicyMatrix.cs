using System.Text;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Documents;

/// <summary>Who passes each rule of a service by its default, as a table: rows are rules, columns the usual kinds of callers.</summary>
static class PolicyMatrix
{
    const string Own = "own", Other = "other", Domain = "domain";

    static readonly (string Name, Caller Caller)[] Callers =
    [
        ("reader", InProject(Own, "reader")),
        ("member", InProject(Own, "reader", "member")),
        ("manager", InProject(Own, "reader", "member", "manager")),
        ("admin", InProject(Own, "reader", "member", "manager", "admin")),
        ("other project's member", InProject(Other, "reader", "member")),
        ("other project's admin", InProject(Other, "reader", "member", "manager", "admin")),
        ("service", InProject(Other, "service")),
        ("domain reader", Base with { DomainId = Domain, Roles = ["reader"] }),
        ("domain manager", Base with { DomainId = Domain, Roles = ["reader", "member", "manager"] }),
        ("domain admin", Base with { DomainId = Domain, Roles = ["reader", "member", "manager", "admin"] }),
        ("system reader", Base with { IsSystem = true, Roles = ["reader"] }),
        ("system admin", Base with { IsSystem = true, Roles = ["reader", "member", "manager", "admin"] }),
    ];

    public static string Of(ServiceApi api)
    {
        var text = new StringBuilder($"# {api.Type}: who passes which rule\n\nBy the defaults, for something of project `{Own}` in the domain of that project, made by another user.\n\n");
        text.Append($"| rule | {string.Join(" | ", Callers.Select(c => c.Name))} |\n| --- |{string.Concat(Callers.Select(_ => " :-: |"))}\n");
        foreach (var name in api.Policies.Defaults.Keys.Order(StringComparer.Ordinal))
            text.Append($"| `{name}` |{string.Concat(Callers.Select(c => api.Policies.Allows(name, c.Caller, Target) ? " x |" : " |"))}\n");
        return text.ToString();
    }

    static Caller Base => new() { UserId = "caller", UserName = "caller", UserDomainId = Domain, Roles = [], ExpiresAt = DateTimeOffset.MaxValue };

    static Caller InProject(string project, params string[] roles) => Base with { ProjectId = project, ProjectName = project, ProjectDomainId = project == Own ? Domain : "elsewhere", UserDomainId = project == Own ? Domain : "elsewhere", Roles = roles };

    /// <summary>Under every name that rules have for the project, the domain and the user of a thing.</summary>
    static PolicyTarget Target
    {
        get
        {
            var target = PolicyTarget.OfProject(Own, "somebody");
            foreach (var name in (string[])["target.project.id", "target.limit.project_id", "target.trust.project_id", "target.secret.project_id"]) target[name] = Own;
            foreach (var name in (string[])["domain_id", "target.domain_id", "target.domain.id", "target.project.domain_id", "target.user.domain_id", "target.group.domain_id", "target.role.domain_id", "target.limit.domain.id", "target.token.user.domain.id"]) target[name] = Domain;
            foreach (var name in (string[])["target.user.id", "target.credential.user_id", "target.token.user_id", "target.trust.trustor_user_id", "target.trust.trustee_user_id"]) target[name] = "somebody";
            return target;
        }
    }
}
