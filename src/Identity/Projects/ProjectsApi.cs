using Nephos.Contracts;
using Nephos.Identity.Assignments;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Projects;

/// <summary>/v3/projects, and the projects of a user.</summary>
internal sealed class ProjectsApi(IdentityDb db, ProjectTable projects, UserTable users, ProjectTree tree, RemoveProjects remove, RevocationTable revocations, Epoch epoch, UserScopes scopes)
{
    private static readonly string[] Known = ["name", "domain_id", "parent_id", "is_domain", "enabled", "description", "tags", "options", "parents", "subtree"];

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
        var isDomain = given.Flag("is_domain", false);
        var parent = given.Text("parent_id");
        if (isDomain && (parent is not null || given.Text("domain_id") is not null)) throw Errors.Invalid("only root projects are allowed to act as domains.");
        var domain = isDomain ? null : await tree.Place(DomainOf.New(call, given), parent);
        var project = new ProjectRow(NewId.Hex(), given.Text("name")!.Trim(), domain, isDomain ? null : parent ?? domain, isDomain, given.Flag("enabled", true),
            given.Text("description") ?? "", given.Options(), given.Extra(Known), db.Now);
        var tags = given.List("tags").Select(t => t.GetString()!).ToList();
        try
        {
            await epoch.Change(Happened.Created("project", project.Id), async () =>
            {
                await projects.Insert(project);
                await projects.SetTags(project.Id, tags);
            });
        }
        catch (DuplicateKey) { throw Taken(project); }
        return Answer.Json(("project", ProjectView.Of(project, tags, call)));
    }

    private async Task<Answer> Update(Call call, ProjectRow project)
    {
        var given = Fields.In(call.Json, "project");
        if (given.Text("id") is { } id && id != project.Id) throw Errors.IdMismatch();
        if (given.Has("domain_id") && given.Text("domain_id") != project.DomainId) throw Errors.DomainMismatch();
        if (given.Has("parent_id") && given.Text("parent_id") != project.ParentId) throw Errors.CannotChange("parent_id");
        if (given.Has("is_domain") && given.Flag("is_domain", false) != project.IsDomain) throw Errors.DomainnessMismatch();
        var options = given.Options(project.Options);
        if (project.IsImmutable && options.TryGetValue("immutable", out var stays) && stays.ValueKind == System.Text.Json.JsonValueKind.True) throw Errors.Immutable("project", project.Id);
        var changed = project with
        {
            Name = given.Text("name")?.Trim() ?? project.Name,
            Enabled = given.Flag("enabled", project.Enabled),
            Description = given.Text("description", project.Description) ?? "",
            Options = options,
            Extra = given.Extra(Known, project.Extra),
        };
        if (project.Enabled != changed.Enabled && !project.IsDomain) await tree.CheckEnabling(changed);
        try
        {
            await epoch.Change(Happened.Updated("project", project.Id), async () =>
            {
                await projects.Update(changed);
                if (given.Has("tags")) await projects.SetTags(project.Id, given.List("tags").Select(t => t.GetString()!));
                if (project.Enabled && !changed.Enabled) await revocations.Revoke((project.IsDomain ? "domain:" : "project:") + project.Id);
            });
        }
        catch (DuplicateKey) { throw Taken(changed); }
        return Answer.Json(("project", ProjectView.Of(changed, await projects.TagsOf(project.Id), call)));
    }

    private async Task<Answer> Delete(Call call, ProjectRow project)
    {
        if (project.IsImmutable) throw Errors.ImmutableDelete("project", project.Id);
        if (project.IsDomain)
        {
            if (project.Id == "default") throw Errors.DefaultDomain();
            if (project.Enabled) throw Errors.DomainStillEnabled();
            await epoch.Change(Happened.Deleted("domain", project.Id), () => remove.Domain(project.Id));
            return Answer.Empty;
        }
        if ((await projects.Below(project.Id)).Count > 0) throw Errors.HasChildren(project.Id);
        await epoch.Change(Happened.Deleted("project", project.Id), () => remove.Projects([project.Id]));
        return Answer.Empty;
    }

    private static Fault Taken(ProjectRow project) => Errors.Conflict("project", project.DomainId is null
        ? $"it is not permitted to have two projects acting as domains with the same name: {project.Name}"
        : $"it is not permitted to have two projects with either the same name or same id in the same domain: name is {project.Name}, project id {project.Id}");
}
