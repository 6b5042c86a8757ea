using Nephos.Contracts;

namespace Nephos.Identity.Projects;

/// <summary>What a project is called by the API that changes it: /v3/domains shows those that act as domains under their own name, and knows fewer attributes.</summary>
/// <param name="Name">In events and refusals.</param>
/// <param name="Known">Attributes that are no extra ones.</param>
/// <param name="Taken">Refuses a name that another has.</param>
internal sealed record ProjectKind(string Name, string[] Known, Func<ProjectRow, Fault> Taken)
{
    public static ProjectKind Project { get; } = new("project", ["name", "domain_id", "parent_id", "is_domain", "enabled", "description", "tags", "options", "parents", "subtree"],
        project => Errors.Conflict("project", project.DomainId is null
            ? $"it is not permitted to have two projects acting as domains with the same name: {project.Name}"
            : $"it is not permitted to have two projects with either the same name or same id in the same domain: name is {project.Name}, project id {project.Id}"));

    public static ProjectKind Domain { get; } = new("domain", ["name", "domain_id", "parent_id", "is_domain", "enabled", "description", "tags", "options", "explicit_domain_id"],
        domain => Errors.NameTaken("domain", domain.Name, null));
}
