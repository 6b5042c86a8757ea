using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Projects;

/// <summary>What both versions of the API do to projects.</summary>
internal sealed class ProjectChanges(IdentityDb db, ProjectTable projects, ProjectTree tree, RemoveProjects remove, RevocationTable revocations, Epoch epoch)
{
    /// <param name="given">The project as v3 has it.</param>
    /// <param name="owner">The domain for one that is none itself.</param>
    public async Task<ProjectRow> Create(Fields given, string owner)
    {
        var isDomain = given.Flag("is_domain", false);
        var parent = given.Text("parent_id");
        if (isDomain && (parent is not null || given.Text("domain_id") is not null)) throw Errors.Invalid("only root projects are allowed to act as domains.");
        var domain = isDomain ? null : await tree.Place(owner, parent);
        var project = new ProjectRow(NewId.Hex(), given.Text("name")!.Trim(), domain, isDomain ? null : parent ?? domain, isDomain, given.Flag("enabled", true),
            given.Text("description") ?? "", given.Options(), given.Extra(ProjectKind.Project.Known), db.Now);
        await Insert(project, given, ProjectKind.Project);
        return project;
    }

    /// <summary>A domain with an id of the caller's, or a new one.</summary>
    public async Task<ProjectRow> CreateDomain(Fields given)
    {
        var id = given.Text("explicit_domain_id") ?? NewId.Hex();
        if (given.Has("explicit_domain_id") && !(Guid.TryParseExact(id, "N", out _) || Guid.TryParseExact(id, "D", out _))) throw Errors.Invalid("Domain ID does not conform to required UUID format.");
        var domain = new ProjectRow(id, given.Text("name")!.Trim(), null, null, true, given.Flag("enabled", true), given.Text("description") ?? "", given.Options(), given.Extra(ProjectKind.Domain.Known), db.Now);
        await Insert(domain, given, ProjectKind.Domain);
        return domain;
    }

    public async Task<ProjectRow> Update(ProjectRow project, Fields given)
    {
        if (given.Has("domain_id") && given.Text("domain_id") != project.DomainId) throw Errors.DomainMismatch();
        if (given.Has("parent_id") && given.Text("parent_id") != project.ParentId) throw Errors.CannotChange("parent_id");
        if (given.Has("is_domain") && given.Flag("is_domain", false) != project.IsDomain) throw Errors.DomainnessMismatch();
        return await Update(project, given, ProjectKind.Project);
    }

    /// <inheritdoc cref="Update(ProjectRow, Fields)"/>
    public async Task<ProjectRow> Update(ProjectRow project, Fields given, ProjectKind kind)
    {
        if (given.Text("id") is { } id && id != project.Id) throw Errors.IdMismatch();
        var options = given.Options(project.Options);
        if (project.IsImmutable && options.TryGetValue("immutable", out var stays) && stays.ValueKind == JsonValueKind.True) throw Errors.Immutable(kind.Name, project.Id);
        var changed = project with
        {
            Name = given.Text("name")?.Trim() ?? project.Name,
            Enabled = given.Flag("enabled", project.Enabled),
            Description = given.Text("description", project.Description) ?? "",
            Options = options,
            Extra = given.Extra(kind.Known, project.Extra),
        };
        if (project.Enabled != changed.Enabled && !project.IsDomain) await tree.CheckEnabling(changed);
        try
        {
            await epoch.Change(Happened.Updated(kind.Name, project.Id), async () =>
            {
                await projects.Update(changed);
                if (given.Has("tags")) await projects.SetTags(project.Id, Tags(given));
                if (project.Enabled && !changed.Enabled) await revocations.Revoke((project.IsDomain ? "domain:" : "project:") + project.Id);
            });
        }
        catch (DuplicateKey) { throw kind.Taken(changed); }
        return changed;
    }

    public async Task Delete(ProjectRow project, ProjectKind kind)
    {
        if (project.Id == "default") throw Errors.DefaultDomain();
        if (project.IsImmutable) throw Errors.ImmutableDelete(kind.Name, project.Id);
        if (project.IsDomain)
        {
            if (project.Enabled) throw Errors.DomainStillEnabled();
            await epoch.Change(Happened.Deleted("domain", project.Id), () => remove.Domain(project.Id));
            return;
        }
        if ((await projects.Below(project.Id)).Count > 0) throw Errors.HasChildren(project.Id);
        await epoch.Change(Happened.Deleted("project", project.Id), () => remove.Project(project.Id));
    }

    private async Task Insert(ProjectRow project, Fields given, ProjectKind kind)
    {
        try
        {
            await epoch.Change(Happened.Created(kind.Name, project.Id), async () =>
            {
                await projects.Insert(project);
                await projects.SetTags(project.Id, Tags(given));
            });
        }
        catch (DuplicateKey e) { throw e.On("id") ? Errors.IdTaken(kind.Name, project.Id) : kind.Taken(project); }
    }

    private static IEnumerable<string> Tags(Fields given) => given.List("tags").Select(t => t.GetString()!);
}
