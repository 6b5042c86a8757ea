using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Projects;

/// <summary>The four tag filters of the API working group, comma-separated: all of, any of, not all of, none of.</summary>
internal static class ProjectTags
{
    public static void Filter(Call call, Listing list)
    {
        foreach (var (filter, value) in call.Query.Pairs)
        {
            if (filter is not ("tags" or "tags-any" or "not-tags" or "not-tags-any")) continue;
            var tags = value.Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct().ToList();
            var matching = (SqlText)$"SELECT COUNT(*) FROM identity_project_tags t WHERE t.project_id = identity_projects.id AND t.name IN {tags}";
            list.Only(filter switch
            {
                "tags" => $"({matching}) = {tags.Count}",
                "tags-any" => $"({matching}) > 0",
                "not-tags" => $"({matching}) < {tags.Count}",
                _ => $"({matching}) = 0",
            });
        }
    }
}
