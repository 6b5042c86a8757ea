using System.Text.Json;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Projects;

/// <summary>A project, or a domain (<see cref="IsDomain"/>: no domain above it).</summary>
internal sealed record ProjectRow(string Id, string Name, string? DomainId, string? ParentId, bool IsDomain, bool Enabled, string Description,
    [Json] Dictionary<string, JsonElement> Options, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt)
{
    public bool IsImmutable => Options.TryGetValue("immutable", out var value) && value.ValueKind == JsonValueKind.True;
}

internal sealed class ProjectTable(IdentityDb db)
{
    /// <summary>A project, also one that acts as a domain.</summary>
    public Task<ProjectRow?> Find(string id) => db.One<ProjectRow>($"SELECT * FROM identity_projects WHERE id = {id}");

    public Task<ProjectRow?> Domain(string id) => db.One<ProjectRow>($"SELECT * FROM identity_projects WHERE id = {id} AND is_domain = TRUE");

    public Task<ProjectRow?> DomainByName(string name) => db.One<ProjectRow>($"SELECT * FROM identity_projects WHERE name = {name} AND domain_id IS NULL");

    public Task<ProjectRow?> ByName(string domain, string name) => db.One<ProjectRow>($"SELECT * FROM identity_projects WHERE domain_id = {domain} AND name = {name}");

    public Task<List<ProjectRow>> Many(IReadOnlyList<string> ids) => db.Query<ProjectRow>($"SELECT * FROM identity_projects WHERE id IN {ids}");

    public Task<Page<ProjectRow>> List(ListSql list) => db.Page<ProjectRow>(list);

    /// <summary>Parents from the nearest to the domain.</summary>
    public async Task<IReadOnlyList<string>> Above(ProjectRow project)
    {
        if (project.ParentId is null) return [];
        if (project.ParentId == project.DomainId) return [project.ParentId];
        return await db.Query<string>($"""
            WITH RECURSIVE up (id, parent_id, depth) AS (
              SELECT id, parent_id, 0 FROM identity_projects WHERE id = {project.ParentId}
              UNION ALL SELECT p.id, p.parent_id, u.depth + 1 FROM identity_projects p JOIN up u ON p.id = u.parent_id
            ) SELECT id FROM up ORDER BY depth
            """);
    }

    /// <summary>Everything above each of some projects, their domains too.</summary>
    public Task<List<(string Project, string Above)>> AboveEach(IReadOnlyList<string> ids) => db.Query<(string, string)>($"""
        WITH RECURSIVE up (id, above) AS (
          SELECT id, parent_id FROM identity_projects WHERE id IN {ids} AND parent_id IS NOT NULL
          UNION ALL SELECT u.id, p.parent_id FROM identity_projects p JOIN up u ON p.id = u.above WHERE p.parent_id IS NOT NULL
        ) SELECT id, above FROM up
        """);

    /// <summary>Every project below each of some projects or domains.</summary>
    public Task<List<(string Project, string Above)>> BelowEach(IReadOnlyList<string> ids) => db.Query<(string, string)>($"""
        WITH RECURSIVE down (id, above) AS (
          SELECT id, parent_id FROM identity_projects WHERE parent_id IN {ids}
          UNION ALL SELECT p.id, d.above FROM identity_projects p JOIN down d ON p.parent_id = d.id
        ) SELECT id, above FROM down
        """);

    /// <summary>Projects below, the nearest first; without the project itself.</summary>
    public Task<List<ProjectRow>> Below(string id) => db.Query<ProjectRow>($"""
        WITH RECURSIVE down (id, depth) AS (
          SELECT id, 1 FROM identity_projects WHERE parent_id = {id} AND is_domain = FALSE
          UNION ALL SELECT p.id, d.depth + 1 FROM identity_projects p JOIN down d ON p.parent_id = d.id
        ) SELECT p.* FROM identity_projects p JOIN down d ON d.id = p.id ORDER BY d.depth, p.created_at, p.id
        """);

    public Task<List<string>> OfDomain(string domain) => db.Query<string>($"SELECT id FROM identity_projects WHERE domain_id = {domain}");

    public Task Insert(ProjectRow p) => db.Execute($"""
        INSERT INTO identity_projects (id, name, domain_id, parent_id, is_domain, enabled, description, options, extra, created_at)
        VALUES ({p.Id}, {p.Name}, {p.DomainId}, {p.ParentId}, {p.IsDomain}, {p.Enabled}, {p.Description}, {Sql.Json(p.Options)}, {Sql.Json(p.Extra)}, {p.CreatedAt})
        """);

    public Task Update(ProjectRow p) => db.Execute($"""
        UPDATE identity_projects SET name = {p.Name}, enabled = {p.Enabled}, description = {p.Description}, options = {Sql.Json(p.Options)}, extra = {Sql.Json(p.Extra)} WHERE id = {p.Id}
        """);

    public Task Delete(IReadOnlyList<string> ids) => db.Execute($"DELETE FROM identity_projects WHERE id IN {ids}");

    public async Task<ILookup<string, string>> Tags(IReadOnlyList<string> ids) =>
        (await db.Query<(string Project, string Name)>($"SELECT project_id, name FROM identity_project_tags WHERE project_id IN {ids} ORDER BY name")).ToLookup(t => t.Project, t => t.Name, StringComparer.Ordinal);

    public Task<List<string>> TagsOf(string id) => db.Query<string>($"SELECT name FROM identity_project_tags WHERE project_id = {id} ORDER BY name");

    public async Task SetTags(string id, IEnumerable<string> tags)
    {
        await db.Execute($"DELETE FROM identity_project_tags WHERE project_id = {id}");
        foreach (var tag in tags) await AddTag(id, tag);
    }

    public Task AddTag(string id, string tag) => db.Execute($"INSERT INTO identity_project_tags (project_id, name) VALUES ({id}, {tag}) ON CONFLICT DO NOTHING");

    public Task<bool> RemoveTag(string id, string tag) => db.Changed($"DELETE FROM identity_project_tags WHERE project_id = {id} AND name = {tag}");
}
