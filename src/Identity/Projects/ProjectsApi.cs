using Nephos.Contracts;
using Nephos.Identity.Assignments;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Projects;

/// <summary>/v3/projects, and the projects of a user.</summary>
internal sealed class ProjectsApi(ProjectTable projects, ProjectChanges changes, UserTable users, ProjectTree tree, UserScopes scopes)
{
    public void Map(RouteGroup v3)
    {
        v3.Get("/projects", List).Guard("identity:list_projects").Target(Targets.Domain).Fails(400);
        v3.Post("/projects", Create).Guard("identity:create_project").Target(c => new() { ["target.project.domain_id"] = NewDomain(c, DomainOf.Unchecked(c, "project")) })
            .Body(() => ProjectSchemas.CreateProject).Returns(201).Fails(409);
        var one = v3.Member("/projects/{project_id}", Member(projects));
        one.Get("", Show).Guard("identity:get_project").Fails(400);
        one.Patch("", Update).Guard("identity:update_project").Body(() => ProjectSchemas.UpdateProject).Fails(409);
        one.Delete("", Delete).Guard("identity:delete_project");
        v3.Member("/users/{user_id}", UsersApi.Member(users)).Get("/projects", ListOfUser).Guard("identity:list_user_projects").Fails(400);
    }

    public static MemberOf<ProjectRow> Member(ProjectTable projects) => new(c => projects.Find(c["project_id"]), c => Errors.ProjectNotFound(c["project_id"]), Targets.Project);

    private async Task<Answer> List(Call call)
    {
        var list = new Listing(call, "identity_projects").Texts("domain_id", "name", "parent_id").Flags("enabled", "is_domain");
        if (!call.Query.Has("is_domain")) list.Only($"is_domain = FALSE");
        if (call.Caller.DomainId is { } domain) list.Only($"domain_id = {domain}");
        ProjectTags.Filter(call, list);
        return await Page(call, list);
    }

    private async Task<Answer> ListOfUser(Call call, UserRow user)
    {
        var list = new Listing(call, "identity_projects").Texts("domain_id", "name").Flags("enabled").Only($"is_domain = FALSE AND id IN {await scopes.Projects(user.Id)}");
        return await Page(call, list);
    }

    private async Task<Answer> Page(Call call, Listing list)
    {
        var page = await projects.List(list.Sql);
        var tags = await projects.Tags([.. page.Items.Select(p => p.Id)]);
        return Listing.Answer(call, "projects", [.. page.Items.Select(p => ProjectView.Of(p, tags[p.Id], call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Show(Call call, ProjectRow project)
    {
        bool Asked(string name) => Listing.IsTrue(call.Query[name]);
        if (Asked("parents_as_list") && Asked("parents_as_ids")) throw Errors.Invalid("Cannot use parents_as_list and parents_as_ids query params at the same time.");
        if (Asked("subtree_as_list") && Asked("subtree_as_ids")) throw Errors.Invalid("Cannot use subtree_as_list and subtree_as_ids query params at the same time.");
        var view = ProjectView.Of(project, await projects.TagsOf(project.Id), call);
        if (Asked("parents_as_list")) view = view with { Parents = await tree.Parents(call, project) };
        else if (Asked("parents_as_ids")) view = view with { Parents = await tree.ParentIds(project) };
        if (Asked("subtree_as_list")) view = view with { Subtree = await tree.Children(call, project) };
        else if (Asked("subtree_as_ids")) view = view with { Subtree = await tree.ChildIds(project) };
        return Answer.Json(("project", view));
    }

    // What the rule sees is what the body says; a domain has none above it.
    private static string? NewDomain(Call call, Fields given) => given.Flag("is_domain", false) ? null : DomainOf.New(call, given);

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "project");
        return await Shown(call, await changes.Create(given, DomainOf.New(call, given)));
    }

    private async Task<Answer> Update(Call call, ProjectRow project) => await Shown(call, await changes.Update(project, Fields.In(call.Json, "project")));

    private async Task<Answer> Shown(Call call, ProjectRow project) => Answer.Json(("project", ProjectView.Of(project, await projects.TagsOf(project.Id), call)));

    private async Task<Answer> Delete(Call call, ProjectRow project)
    {
        await changes.Delete(project, ProjectKind.Project);
        return Answer.Empty;
    }
}
