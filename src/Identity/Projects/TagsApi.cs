using System.Text.Json;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.Projects;

/// <summary>/v3/projects/{id}/tags.</summary>
internal sealed class TagsApi(IdentityDb db, ProjectTable projects)
{
    private const int Most = 80;

    public void Map(RouteGroup v3)
    {
        var project = v3.Member("/projects/{project_id}", ProjectsApi.Member(projects));
        project.Get("/tags", List).Guard("identity:list_project_tags");
        project.Put("/tags", Replace).Guard("identity:update_project_tags").Body(() => ProjectSchemas.Tags);
        project.Delete("/tags", Clear).Guard("identity:delete_project_tags");
        project.Get("/tags/{tag}", Check).Guard("identity:get_project_tag").Returns(204);
        project.Put("/tags/{tag}", Add).Guard("identity:create_project_tag").Returns(201).Fails(400);
        project.Delete("/tags/{tag}", Remove).Guard("identity:delete_project_tag");
    }

    private async Task<Answer> List(Call call, ProjectRow project) => Shown(call, await projects.TagsOf(project.Id));

    private async Task<Answer> Replace(Call call, ProjectRow project)
    {
        var tags = call.Json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!).ToList();
        await db.InTransaction(() => projects.SetTags(project.Id, tags));
        return Shown(call, tags);
    }

    private async Task<Answer> Clear(Call call, ProjectRow project)
    {
        await db.InTransaction(() => projects.SetTags(project.Id, []));
        return Answer.Empty;
    }

    private async Task<Answer> Check(Call call, ProjectRow project) =>
        (await projects.TagsOf(project.Id)).Contains(call["tag"]) ? Answer.Empty : throw Errors.TagNotFound(call["tag"]);

    private async Task<Answer> Add(Call call, ProjectRow project)
    {
        var tag = call["tag"];
        if (Validator.FirstError(ProjectSchemas.Tag, JsonSerializer.SerializeToElement(tag)) is { } error) throw Errors.Invalid(error.Verbose());
        var tags = await projects.TagsOf(project.Id);
        if (!tags.Contains(tag) && tags.Count >= Most)
            throw Errors.Invalid(Validator.FirstError(ProjectSchemas.TagList, JsonSerializer.SerializeToElement(tags.Append(tag)))!.Verbose());
        await projects.AddTag(project.Id, tag);
        return Answer.Empty.With("Location", $"{call.ServiceUrl}/v3/projects/{project.Id}/tags/{Uri.EscapeDataString(tag)}");
    }

    private async Task<Answer> Remove(Call call, ProjectRow project) =>
        await projects.RemoveTag(project.Id, call["tag"]) ? Answer.Empty : throw Errors.TagNotFound(call["tag"]);

    private static Answer Shown(Call call, IReadOnlyList<string> tags) => Answer.Json(("links", new SelfLink(call.ServiceUrl + call.Path)), ("tags", tags));
}
