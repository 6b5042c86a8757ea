using Nephos.Identity.Shared;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.Projects;

internal static class ProjectSchemas
{
    public static readonly Schema Tag = Schema.Text(1, 255, "^[^,/]*$");
    public static readonly Schema TagList = Schema.List(Tag, max: 80, unique: true);

    private static readonly Schema Project = Schema.Object(
        ("description", Shapes.NullableDescription), ("domain_id", Shapes.Id.OrNull()), ("enabled", Shapes.Flag), ("is_domain", Shapes.Flag),
        ("parent_id", Shapes.Id.OrNull()), ("name", Shapes.ShortName), ("tags", TagList), ("options", Shapes.Immutable));

    private static readonly Schema Domain = Schema.Object(
        ("description", Shapes.NullableDescription), ("enabled", Shapes.Flag), ("name", Shapes.ShortName), ("tags", TagList), ("options", Shapes.Immutable));

    public static SchemaHistory CreateProject { get; } = Shapes.Enveloped("project", Project.Require("name"));
    public static SchemaHistory UpdateProject { get; } = Shapes.Enveloped("project", Shapes.Change(Project));
    public static SchemaHistory CreateDomain { get; } = Shapes.Enveloped("domain", Domain.Require("name"));
    public static SchemaHistory UpdateDomain { get; } = Shapes.Enveloped("domain", Shapes.Change(Domain));
    public static SchemaHistory Tags { get; } = Shapes.Enveloped("tags", TagList);
}
