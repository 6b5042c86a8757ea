using System.Text.Json.Nodes;
using Nephos.Contracts;
using Nephos.Identity.Assignments;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Projects;

/// <summary>Questions about the tree of projects: where a new one may stand, what is above and below.</summary>
internal sealed class ProjectTree(ProjectTable projects, UserScopes scopes, IdentityOptions options)
{
    /// <summary>Checks the place of a new project; the domain it belongs to.</summary>
    public async Task<string> Place(string domain, string? parentId)
    {
        // keystone turns these two into 400: the body is wrong, not the path.
        if (await projects.Domain(domain) is null) throw Fault.Invalid($"Could not find domain: {domain}.");
        if (parentId is null || parentId == domain) return await projects.Domain(domain) is { Enabled: true } ? domain : throw Errors.ParentDisabled(domain);
        var parent = await projects.Find(parentId) ?? throw Fault.Invalid($"Could not find project: {parentId}.");
        if ((parent.IsDomain ? parent.Id : parent.DomainId) != domain) throw Fault.Invalid("Cannot create project, since its parent is in another domain: a project and its parent share the domain.");
        if (!parent.Enabled) throw Errors.ParentDisabled(parent.Id);
        var above = await projects.Above(parent);
        // With strict limits a domain and its projects are all the levels there are.
        return above.Count < (options.StrictLimits ? 1 : options.MaxProjectDepth) ? domain : throw Errors.TooDeep(parent.Id);
    }

    /// <summary>A project may be disabled when nothing enabled is below it, and enabled when nothing disabled is above it.</summary>
    public async Task CheckEnabling(ProjectRow changed)
    {
        if (!changed.Enabled)
        {
            if ((await projects.Below(changed.Id)).Exists(p => p.Enabled)) throw Errors.EnabledChildren(changed.Id);
            return;
        }
        var above = await projects.Many([.. await projects.Above(changed)]);
        if (above.Exists(p => !p.Enabled && !p.IsDomain)) throw Errors.DisabledParent(changed.Id);
    }

    /// <summary>Parents the caller has a role on.</summary>
    public async Task<IReadOnlyList<object>> Parents(Call call, ProjectRow project)
    {
        var order = await projects.Above(project);
        var rows = (await projects.Many([.. order])).ToDictionary(p => p.Id, StringComparer.Ordinal);
        return await Visible(call, [.. order.Where(rows.ContainsKey).Select(id => rows[id])]);
    }

    /// <summary>Projects below that the caller has a role on.</summary>
    public async Task<IReadOnlyList<object>> Children(Call call, ProjectRow project) => await Visible(call, await projects.Below(project.Id));

    /// <summary><c>{"parent": {"grandparent": null}}</c>, or null at the top.</summary>
    public async Task<JsonNode?> ParentIds(ProjectRow project)
    {
        JsonNode? tree = null;
        foreach (var id in (await projects.Above(project)).Reverse()) tree = new JsonObject { [id] = tree };
        return tree;
    }

    /// <summary>The ids below as a tree; null for a leaf.</summary>
    public async Task<JsonNode?> ChildIds(ProjectRow project)
    {
        var children = (await projects.Below(project.Id)).ToLookup(p => p.ParentId, p => p.Id, StringComparer.Ordinal);
        JsonNode? Of(string id) => children[id].Any() ? new JsonObject(children[id].Select(c => new KeyValuePair<string, JsonNode?>(c, Of(c)))) : null;
        return Of(project.Id);
    }

    private async Task<IReadOnlyList<object>> Visible(Call call, List<ProjectRow> rows)
    {
        var mine = (await scopes.Projects(call.Caller.UserId)).ToHashSet(StringComparer.Ordinal);
        rows.RemoveAll(p => !mine.Contains(p.Id));
        var tags = await projects.Tags([.. rows.Select(p => p.Id)]);
        return [.. rows.Select(p => (object)new Dictionary<string, object> { ["project"] = ProjectView.Of(p, tags[p.Id], call) })];
    }
}
