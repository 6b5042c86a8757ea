using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Projects;

/// <summary>What both versions of the API do to projects.</summary>
internal sealed class ProjectChanges(IdentityDb db, ProjectTable projects, ProjectTree tree, RemoveProjects remove, RevocationTable revocations, Epoch epoch)
{
    private static readonly string[] Known = ["name", "domain_id", "parent_id", "is_domain", "enabled", "description", "tags", "options", "parents", "subtree"];

    /// <param name="given">The project as v3 has it.</param>
    /// <param name="owner">The domain for one that is none itself.</param>
    public async Task<ProjectRow> Create(Fields given, string owner)
    {
        var isDomain = given.Flag("is_domain", false);
        var parent = given.Text("parent_id");
        if (isDomain && (parent is not null || given.Text("domain_id") is not null)) throw Errors.Invalid("only root projects are allowed to act as domains.");
        var domain = isDomain ? null : await tree.Place(owner, parent);
        var project = new ProjectRow(NewId.Hex(), given.Text("name")!.Trim(), domain, isDomain ? null : parent ?? domain, isDomain, given.Flag("enabled", true),
            given.Text("description") ?? "", given.Options(), given.Extra(Known), db.Now);
        try
        {
            await epoch.Change(Happened.Created("project", project.Id), async () =>
            {
                await projects.Insert(project);
                await projects.SetTags(project.Id, given.List("tags").Select(t => t.GetString()!));
            });
        }
        catch (DuplicateKey) { throw Taken(project); }
        return project;
    }

    public async Task<ProjectRow> Update(ProjectRow project, Fields given)
    {
        if (given.Text("id") is { } id && id != project.Id) throw Errors.IdMismatch();
        if (given.Has("domain_id") && given.Text("domain_id") != project.DomainId) throw Errors.DomainMismatch();
        if (given.Has("parent_id") && given.Text("parent_id") != project.ParentId) throw Errors.CannotChange("parent_id");
        if (given.Has("is_domain") && given.Flag("is_domain", false) != project.IsDomain) throw Errors.DomainnessMismatch();
        var options = given.Options(project.Options);
        if (project.IsImmutable && options.TryGetValue("immutable", out var stays) && stays.ValueKind == JsonValueKind.True) throw Errors.Immutable("project", project.Id);
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
        return changed;
    }

    public async Task Delete(ProjectRow project)
    {
        if (project.IsImmutable) throw Errors.ImmutableDelete("project", project.Id);
        if (project.IsDomain)
        {
            if (project.Id == "default") throw Errors.DefaultDomain();
            if (project.Enabled) throw Errors.DomainStillEnabled();
            await epoch.Change(Happened.Deleted("domain", project.Id), () => remove.Domain(project.Id));
            return;
        }
        if ((await projects.Below(project.Id)).Count > 0) throw Errors.HasChildren(project.Id);
        await epoch.Change(Happened.Deleted("project", project.Id), () => remove.Projects([project.Id]));
    }

    private static Fault Taken(ProjectRow project) => Errors.Conflict("project", project.DomainId is null
        ? $"it is not permitted to have two projects acting as domains with the same name: {project.Name}"
        : $"it is not permitted to have two projects with either the same name or same id in the same domain: name is {project.Name}, project id {project.Id}");
}
