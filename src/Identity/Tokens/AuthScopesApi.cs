using System.Buffers;
using System.Text.Json;
using Nephos.Identity.Assignments;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Tokens;

/// <summary>What the caller of a token can go on to: /v3/auth/catalog, projects, domains, system.</summary>
internal sealed class AuthScopesApi(Delegation delegation, ProjectTable projects, UserScopes scopes)
{
    public void Map(RouteGroup v3)
    {
        v3.Get("/auth/catalog", Catalog).Guard("identity:get_auth_catalog").Fails(403);
        v3.Get("/auth/projects", Projects).Guard("identity:get_auth_projects").Fails(400);
        v3.Get("/auth/domains", Domains).Guard("identity:get_auth_domains").Fails(400);
        v3.Get("/auth/system", System).Guard("identity:get_auth_system");
    }

    private async Task<Answer> Catalog(Call call)
    {
        var caller = call.Caller;
        if (caller.ProjectId is null && caller.DomainId is null && !caller.IsSystem) throw Errors.Forbidden();
        var catalog = (await delegation.Of(call)).Catalog;
        var buffer = new ArrayBufferWriter<byte>(2048);
        await using (var json = new Utf8JsonWriter(buffer)) catalog.Write(json, call.Urls.Root, caller.ProjectId, caller.UserId);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return Answer.Json(("catalog", document.RootElement.Clone()), ("links", Listing.Links(call)));
    }

    private async Task<Answer> Projects(Call call)
    {
        var list = new Listing(call, "identity_projects").Texts("domain_id", "name").Only($"enabled = TRUE AND is_domain = FALSE AND id IN {await scopes.Projects(call.Caller.UserId)}");
        var page = await projects.List(list.Sql);
        var tags = await projects.Tags([.. page.Items.Select(p => p.Id)]);
        return Listing.Answer(call, "projects", [.. page.Items.Select(p => ProjectView.Of(p, tags[p.Id], call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Domains(Call call)
    {
        var list = new Listing(call, "identity_projects").Texts("name").Only($"enabled = TRUE AND is_domain = TRUE AND id IN {await scopes.Domains(call.Caller.UserId)}");
        var page = await projects.List(list.Sql);
        var tags = await projects.Tags([.. page.Items.Select(d => d.Id)]);
        return Listing.Answer(call, "domains", [.. page.Items.Select(d => DomainView.Of(d, tags[d.Id], call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> System(Call call)
    {
        var all = await scopes.System(call.Caller.UserId);
        return Answer.Json(("system", all ? (IReadOnlyList<object>)[new Dictionary<string, bool> { ["all"] = true }] : []), ("links", new SelfLink(call.ServiceUrl + call.Path)));
    }
}
