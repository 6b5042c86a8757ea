using Nephos.Contracts;
using Nephos.Identity.Catalog;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Limits;

internal sealed record LimitView(string Id, string? ProjectId, string? DomainId, string ServiceId, string? RegionId, string ResourceName, long ResourceLimit, string? Description, SelfLink Links);

/// <summary>/v3/limits.</summary>
internal sealed class LimitsApi(IdentityDb db, LimitTable limits, LimitHierarchy hierarchy, CatalogTable catalog, ProjectTable projects)
{
    /// <summary>A limit with the project it is for, which rules look at.</summary>
    private sealed record Owned(LimitRow Limit, ProjectRow? Project);

    public void Map(RouteGroup v3)
    {
        v3.Get("/limits/model", Model).Guard("identity:get_limit_model");
        v3.Get("/limits", List).Guard("identity:list_limits").Fails(400);
        v3.Post("/limits", Create).Guard("identity:create_limits").Body(() => LimitSchemas.Create).Returns(201).Fails(409);
        var one = v3.Member("/limits/{limit_id}", new MemberOf<Owned>(Load, c => Errors.LimitNotFound(c["limit_id"]), Target));
        one.Get("", (call, owned) => Task.FromResult(Answer.Json(("limit", View(call, owned.Limit))))).Guard("identity:get_limit");
        one.Patch("", Update).Guard("identity:update_limit").Body(() => LimitSchemas.Update);
        one.Delete("", Delete).Guard("identity:delete_limit");
    }

    private async Task<Owned?> Load(Call call) => await limits.Find(call["limit_id"]) is { } limit ? new(limit, limit.ProjectId is { } id ? await projects.Find(id) : null) : null;

    private static PolicyTarget Target(Owned owned)
    {
        var target = new PolicyTarget { ["target.limit.project_id"] = owned.Limit.ProjectId };
        if (owned.Project is { } project) target["target.limit.project.domain_id"] = project.DomainId;
        else if (owned.Limit.DomainId is { } domain) target["target.limit.domain.id"] = domain;
        return target;
    }

    private Task<Answer> Model(Call call) => Task.FromResult(Answer.Json(("model", new { name = hierarchy.Name, description = hierarchy.Description })));

    private async Task<Answer> List(Call call)
    {
        var (caller, list) = (call.Caller, new Listing(call, LimitTable.Joined).Texts("service_id", "region_id", "resource_name", "project_id", "domain_id"));
        if (caller.DomainId is { } domain) list.Only($"(domain_id = {domain} OR project_id IN {await projects.OfDomain(domain)})");
        else if (!caller.IsSystem) list.Only($"project_id = {caller.ProjectId ?? ""}");
        var page = await limits.List(list.Sql);
        return Listing.Answer(call, "limits", [.. page.Items.Select(l => View(call, l))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call)
    {
        var rows = new List<LimitRow>();
        foreach (var given in call.Json.GetProperty("limits").EnumerateArray().Select(json => new Fields(json)))
        {
            var (service, region, resource) = (given.Text("service_id")!, given.Text("region_id"), given.Text("resource_name")!);
            if (await catalog.Service(service) is null) throw Errors.Missing("service_id", "limit");
            if (region is not null && await catalog.Region(region) is null) throw Errors.Missing("region_id", "limit");
            var (project, domain) = await Owner(given);
            var registered = await limits.Registered(service, region, resource) ?? throw Errors.NoRegisteredLimit();
            rows.Add(new(NewId.Hex(), registered.Id, project, domain, given.Number("resource_limit")!.Value, given.Text("description"), db.Now, service, region, resource));
        }
        try
        {
            await db.InTransaction(async () =>
            {
                await hierarchy.Require(rows);
                foreach (var row in rows) await limits.Insert(row);
            });
        }
        catch (DuplicateKey) { throw Errors.DuplicateEntry("limit"); }
        return Answer.Json(("limits", rows.Select(r => View(call, r))));
    }

    private async Task<Answer> Update(Call call, Owned owned)
    {
        var given = Fields.In(call.Json, "limit");
        var changed = owned.Limit with { ResourceLimit = given.Number("resource_limit") ?? owned.Limit.ResourceLimit, Description = given.Text("description", owned.Limit.Description) };
        await db.InTransaction(async () =>
        {
            await hierarchy.Require([changed]);
            await limits.Update(changed);
        });
        return Answer.Json(("limit", View(call, changed)));
    }

    private async Task<Answer> Delete(Call call, Owned owned)
    {
        await limits.Delete(owned.Limit.Id);
        return Answer.Empty;
    }

    /// <summary>A domain that was named as a project is a domain all the same.</summary>
    private async Task<(string? Project, string? Domain)> Owner(Fields given)
    {
        if (given.Text("domain_id") is { } domain) return await projects.Domain(domain) is null ? throw Errors.Missing("domain_id", "limit") : (null, domain);
        var project = await projects.Find(given.Text("project_id")!) ?? throw Errors.Missing("project_id", "limit");
        return project.IsDomain ? (null, project.Id) : (project.Id, null);
    }

    private static LimitView View(Call call, LimitRow row) =>
        new(row.Id, row.ProjectId, row.DomainId, row.ServiceId, row.RegionId, row.ResourceName, row.ResourceLimit, row.Description, new($"{call.ServiceUrl}/v3/limits/{row.Id}"));
}
