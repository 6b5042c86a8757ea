using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.Catalog;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;

namespace Nephos.Identity.EndpointFilters;

internal sealed record EndpointGroupView(string Id, string Name, string? Description, Dictionary<string, string> Filters, SelfLink Links)
{
    public static EndpointGroupView Of(EndpointGroupRow row, Call call) => new(row.Id, row.Name, row.Description, row.Filters, new($"{call.ServiceUrl}/v3/OS-EP-FILTER/endpoint_groups/{row.Id}"));
}

/// <summary>/v3/OS-EP-FILTER/endpoint_groups, and which projects have them.</summary>
internal sealed class EndpointGroupsApi(IdentityDb db, EndpointFilterTable table, EndpointFilter filter, ProjectTable projects, Epoch epoch)
{
    private static readonly string[] Keys = ["service_id", "region_id", "interface"];
    private static readonly Schema Group = Schema.Object(("description", Shapes.NullableDescription), ("filters", Schema.Of("object")), ("name", Shapes.Name));
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("endpoint_group", Group.Require("name", "filters"));
    private static readonly SchemaHistory UpdateBody = Shapes.Enveloped("endpoint_group", Shapes.Change(Group));

    private sealed record Pair(EndpointGroupRow? Group, ProjectRow? Project);

    public void Map(RouteGroup v3)
    {
        var all = v3.Group("/OS-EP-FILTER");
        all.Get("/endpoint_groups", List).Guard("identity:list_endpoint_groups").Fails(400);
        all.Post("/endpoint_groups", Create).Guard("identity:create_endpoint_group").Body(() => CreateBody).Returns(201);
        var one = all.Member("/endpoint_groups/{endpoint_group_id}", new MemberOf<EndpointGroupRow>(c => table.Find(c["endpoint_group_id"]), c => Errors.EndpointGroupNotFound(c["endpoint_group_id"]), _ => []));
        one.Get("", (call, group) => Task.FromResult(Answer.Json(("endpoint_group", EndpointGroupView.Of(group, call))))).Guard("identity:get_endpoint_group");
        one.Patch("", Update).Guard("identity:update_endpoint_group").Body(() => UpdateBody);
        one.Delete("", Delete).Guard("identity:delete_endpoint_group");
        one.Get("/endpoints", Endpoints).Guard("identity:list_endpoints_associated_with_endpoint_group");
        one.Get("/projects", Projects).Guard("identity:list_projects_associated_with_endpoint_group");
        var pair = all.Member("/endpoint_groups/{endpoint_group_id}/projects/{project_id}", new MemberOf<Pair>(
            async c => new(await table.Find(c["endpoint_group_id"]), await projects.Find(c["project_id"])), c => Errors.EndpointGroupNotFound(c["endpoint_group_id"]), _ => []));
        pair.Get("", ShowPair).Guard("identity:get_endpoint_group_in_project");
        pair.Put("", Add).Guard("identity:add_endpoint_group_to_project").Returns(204).Fails(409);
        pair.Delete("", Remove).Guard("identity:remove_endpoint_group_from_project");
        all.Member("/projects/{project_id}", ProjectsApi.Member(projects)).Get("/endpoint_groups", OfProject).Guard("identity:list_endpoint_groups_for_project");
    }

    private async Task<Answer> List(Call call)
    {
        var page = await table.List(new Listing(call, "identity_endpoint_groups").Texts("name").Sql);
        return Listing.Answer(call, "endpoint_groups", [.. page.Items.Select(g => EndpointGroupView.Of(g, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "endpoint_group");
        var filters = Filters(given);
        if (filters.Count == 0) throw Errors.Invalid("filters field is required and cannot be empty");
        var row = new EndpointGroupRow(NewId.Hex(), given.Text("name")!, given.Text("description"), filters, db.Now);
        await epoch.Change(() => table.Insert(row));
        return Answer.Json(("endpoint_group", EndpointGroupView.Of(row, call)));
    }

    private async Task<Answer> Update(Call call, EndpointGroupRow row)
    {
        var given = Fields.In(call.Json, "endpoint_group");
        if (given.Text("id") is { } id && id != row.Id) throw Errors.IdMismatch();
        var changed = row with { Name = given.Text("name") ?? row.Name, Description = given.Text("description", row.Description), Filters = given.Has("filters") ? Filters(given) : row.Filters };
        await epoch.Change(() => table.Update(changed));
        return Answer.Json(("endpoint_group", EndpointGroupView.Of(changed, call)));
    }

    private async Task<Answer> Delete(Call call, EndpointGroupRow row)
    {
        await epoch.Change(() => table.Delete(row.Id));
        return Answer.Empty;
    }

    private async Task<Answer> Endpoints(Call call, EndpointGroupRow row) => Listing.Answer(call, "endpoints", [.. (await filter.InGroup(row)).Select(e => EndpointView.Of(e, call))]);

    private async Task<Answer> Projects(Call call, EndpointGroupRow row)
    {
        var rows = await projects.Many(await table.ProjectsOfGroup(row.Id));
        var tags = await projects.Tags([.. rows.Select(p => p.Id)]);
        return Listing.Answer(call, "projects", [.. rows.Select(p => ProjectView.Of(p, tags[p.Id], call))]);
    }

    private async Task<Answer> OfProject(Call call, ProjectRow project) =>
        Listing.Answer(call, "endpoint_groups", [.. (await table.GroupsOfProject(project.Id)).Select(g => EndpointGroupView.Of(g, call))]);

    private async Task<Answer> ShowPair(Call call, Pair pair)
    {
        var (group, project) = Both(call, pair);
        if (!await table.HasGroup(group, project)) throw Errors.EndpointGroupNotInProject();
        return Answer.Json(("project_endpoint_group", new
        {
            endpoint_group_id = group, project_id = project, links = new SelfLink($"{call.ServiceUrl}/v3/OS-EP-FILTER/endpoint_groups/{group}/projects/{project}"),
        }));
    }

    private async Task<Answer> Add(Call call, Pair pair)
    {
        var (group, project) = Both(call, pair);
        try { await epoch.Change(() => table.AddGroup(group, project)); }
        catch (DuplicateKey) { throw Errors.DuplicateEntry("project_endpoint_group"); }
        return Answer.Empty;
    }

    private async Task<Answer> Remove(Call call, Pair pair)
    {
        var (group, project) = Both(call, pair);
        return await epoch.Change(() => table.RemoveGroup(group, project)) ? Answer.Empty : throw Errors.EndpointGroupNotInProject();
    }

    private static (string Group, string Project) Both(Call call, Pair pair) =>
        (pair.Group?.Id ?? throw Errors.EndpointGroupNotFound(call["endpoint_group_id"]), pair.Project?.Id ?? throw Errors.ProjectNotFound(call["project_id"]));

    private static Dictionary<string, string> Filters(Fields given)
    {
        var filters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var filter in given.Inner("filters").Json.EnumerateObject())
        {
            if (!Keys.Contains(filter.Name)) throw Errors.Missing(string.Join(" or ", Keys), "endpoint_group");
            filters[filter.Name] = filter.Value.ValueKind == JsonValueKind.String ? filter.Value.GetString()! : filter.Value.GetRawText();
        }
        return filters;
    }
}
