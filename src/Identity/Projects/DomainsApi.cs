using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Projects;

/// <summary>/v3/domains.</summary>
internal sealed class DomainsApi(ProjectTable projects, ProjectChanges changes)
{
    public void Map(RouteGroup v3)
    {
        v3.Get("/domains", List).Guard("identity:list_domains").Target(Targets.Domain).Fails(400);
        v3.Post("/domains", Create).Guard("identity:create_domain").Body(() => ProjectSchemas.CreateDomain).Returns(201).Fails(409);
        var one = v3.Member("/domains/{domain_id}", Member(projects));
        one.Get("", Show).Guard("identity:get_domain");
        one.Patch("", Update).Guard("identity:update_domain").Body(() => ProjectSchemas.UpdateDomain).Fails(409);
        one.Delete("", Delete).Guard("identity:delete_domain");
    }

    public static MemberOf<ProjectRow> Member(ProjectTable projects) =>
        new(c => projects.Domain(c["domain_id"]), c => Errors.DomainNotFound(c["domain_id"]), d => new PolicyTarget { ["target.domain.id"] = d.Id, ["target.domain_id"] = d.Id });

    private async Task<Answer> List(Call call)
    {
        var list = new Listing(call, "identity_projects").Texts("name").Flags("enabled").Only($"is_domain = TRUE");
        if (call.Caller.DomainId is { } domain) list.Only($"id = {domain}");
        var page = await projects.List(list.Sql);
        var tags = await projects.Tags([.. page.Items.Select(d => d.Id)]);
        return Listing.Answer(call, "domains", [.. page.Items.Select(d => DomainView.Of(d, tags[d.Id], call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Show(Call call, ProjectRow domain) => Answer.Json(("domain", DomainView.Of(domain, await projects.TagsOf(domain.Id), call)));

    private async Task<Answer> Create(Call call) => await Show(call, await changes.CreateDomain(Fields.In(call.Json, "domain")));

    private async Task<Answer> Update(Call call, ProjectRow domain) => await Show(call, await changes.Update(domain, Fields.In(call.Json, "domain"), ProjectKind.Domain));

    private async Task<Answer> Delete(Call call, ProjectRow domain)
    {
        await changes.Delete(domain, ProjectKind.Domain);
        return Answer.Empty;
    }
}
