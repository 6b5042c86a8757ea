using Nephos.Identity.Groups;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Assignments;

/// <summary>/v3/role_assignments.</summary>
internal sealed class RoleAssignmentsApi(AssignmentSearch search, ProjectTable projects, UserTable users, GroupTable groups, EpochCache cache)
{
    public void Map(ServiceApi api, RouteGroup v3) => v3.Get("/role_assignments", List)
        .Guard("identity:list_role_assignments").AlsoGuard(api, "identity:list_role_assignments_for_tree").Target(Targets.Domain).Fails(400, 404);

    private async Task<Answer> List(Call call)
    {
        var query = Query(call);
        if (query.Subtree)
        {
            if (query.Project is null) throw Errors.Invalid("scope.project.id must be specified if include_subtree is also specified");
            var root = await projects.Find(query.Project) ?? throw Errors.ProjectNotFound(query.Project);
            call.Authorize("identity:list_role_assignments_for_tree", new PolicyTarget { ["target.project.id"] = root.Id, ["target.project.domain_id"] = root.DomainId, ["target.domain_id"] = root.DomainId });
        }
        var entries = await search.Find(query);
        if (call.Caller.DomainId is { } domain) entries = await Inside(domain, entries);
        var names = Listing.IsTrue(call.Query["include_names"]) ? await Names(entries) : null;
        return Listing.Answer(call, "role_assignments", [.. entries.Select(e => View(call, e, names))]);
    }

    private static AssignmentQuery Query(Call call)
    {
        string? Asked(string name) => call.Query[name] is { Length: > 0 } value ? value : null;
        var (project, domain, user, group) = (Asked("scope.project.id"), Asked("scope.domain.id"), Asked("user.id"), Asked("group.id"));
        var system = Asked("scope.system") is not null;
        var effective = Listing.IsTrue(call.Query["effective"]);
        bool? inherited = call.Query["scope.OS-INHERIT:inherited_to"] is { } to ? to == "projects" : null;
        if (domain is not null && project is not null) throw Errors.NotSpecified();
        if (domain is not null && system) throw Errors.Invalid("Specify system or domain, not both");
        if (project is not null && system) throw Errors.Invalid("Specify system or project, not both");
        if (user is not null && group is not null) throw Errors.Invalid("Specify a user or group, not both");
        if (effective && group is not null) throw Errors.Invalid("Combining effective and group filter will always result in an empty list.");
        if (effective && inherited is true && domain is not null) throw Errors.Invalid("Combining effective, domain and inherited filters will always result in an empty list.");
        return new(Asked("role.id"), user, group, project, domain, system, inherited, effective, Listing.IsTrue(call.Query["include_subtree"]));
    }

    private async Task<List<AssignmentEntry>> Inside(string domain, List<AssignmentEntry> entries)
    {
        var own = (await projects.Many([.. entries.Where(e => e.TargetKind == "project").Select(e => e.TargetId).Distinct()])).Where(p => p.DomainId == domain).Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        return entries.FindAll(e => e.TargetKind == "domain" && e.TargetId == domain || own.Contains(e.TargetId));
    }

    /// <summary>Names of everything that occurs, with the names of their domains.</summary>
    private async Task<Dictionary<string, NamedView>> Names(List<AssignmentEntry> entries)
    {
        var things = new Dictionary<string, (string Name, string? Domain)>(StringComparer.Ordinal);
        foreach (var user in await users.Many([.. entries.Select(e => e.UserId).OfType<string>().Distinct()])) things[user.Id] = (user.Name, user.DomainId);
        foreach (var group in await groups.Many([.. entries.Where(e => e.Given.ActorKind == "group").Select(e => e.Given.ActorId).Distinct()])) things[group.Id] = (group.Name, group.DomainId);
        foreach (var project in await projects.Many([.. entries.Select(e => e.TargetId).Distinct()])) things[project.Id] = (project.Name, project.DomainId);
        var graph = await (await cache.Now()).Roles;
        foreach (var role in entries.Select(e => e.RoleId).Distinct().Select(graph.Find).OfType<RoleRow>()) things[role.Id] = (role.Name, role.DomainId);
        var domains = (await projects.Many([.. things.Values.Select(t => t.Domain).OfType<string>().Distinct()])).ToDictionary(d => d.Id, d => d.Name, StringComparer.Ordinal);
        return things.ToDictionary(t => t.Key, t => new NamedView(t.Key)
        {
            Name = t.Value.Name, Domain = t.Value.Domain is { } id && domains.TryGetValue(id, out var name) ? new NamedView(id) { Name = name } : null,
        }, StringComparer.Ordinal);
    }

    private static AssignmentView View(Call call, AssignmentEntry entry, Dictionary<string, NamedView>? names)
    {
        NamedView Show(string id) => names?.GetValueOrDefault(id) ?? new NamedView(id);
        var isGroup = entry.UserId is null;
        var scope = entry.TargetKind switch
        {
            "project" => new AssignmentScope { Project = Show(entry.TargetId) },
            "domain" => new AssignmentScope { Domain = Show(entry.TargetId) },
            _ => new AssignmentScope { System = new() { ["all"] = true } },
        };
        return new(entry.IsInherited ? scope with { InheritedTo = "projects" } : scope, Show(entry.RoleId), Links(call, entry))
        {
            User = isGroup ? null : Show(entry.UserId!), Group = isGroup ? Show(entry.Given.ActorId) : null,
        };
    }

    // The link leads to what was given, whatever came of it.
    private static AssignmentLinks Links(Call call, AssignmentEntry entry)
    {
        var (given, v3) = (entry.Given, call.ServiceUrl + "/v3");
        var target = given.TargetKind == AssignmentTable.System ? "/system" : $"/{given.TargetKind}s/{given.TargetId}";
        var path = $"{target}/{given.ActorKind}s/{given.ActorId}/roles/{given.RoleId}";
        return new(given.Inherited ? $"{v3}/OS-INHERIT{path}/inherited_to_projects" : v3 + path)
        {
            Membership = given.ActorKind == "group" && entry.UserId is { } user ? $"{v3}/groups/{given.ActorId}/users/{user}" : null,
            PriorRole = entry.RoleId == given.RoleId ? null : $"{v3}/prior_role/{given.RoleId}/implies/{entry.RoleId}",
        };
    }
}
