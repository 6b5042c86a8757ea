using System.Text.Json.Nodes;
using Nephos.Client;
using Nephos.Contracts;

namespace Nephos.Seed;

/// <summary>The project and the user <c>demo</c>.</summary>
static class SeedProjects
{
    public static async Task Run(CloudClient cloud, Secret demoPassword, CancellationToken ct)
    {
        var project = await Ensure(cloud, "projects", "project", "demo", new JsonObject { ["domain_id"] = "default", ["description"] = "For trying things out" }, ct);
        var user = await Ensure(cloud, "users", "user", "demo", new JsonObject { ["domain_id"] = "default", ["password"] = demoPassword.Reveal(), ["default_project_id"] = project }, ct);
        await Assign(cloud, project, user, "member", ct);
        var admin = (await cloud.Find("identity/v3/users?name=admin&domain_id=default", "users", _ => true, ct))!["id"]!.GetValue<string>();
        await Assign(cloud, project, admin, "admin", ct);
    }

    static async Task Assign(CloudClient cloud, string project, string user, string role, CancellationToken ct)
    {
        var id = (await cloud.Find($"identity/v3/roles?name={role}", "roles", _ => true, ct))!["id"]!.GetValue<string>();
        await cloud.Put($"identity/v3/projects/{project}/users/{user}/roles/{id}", null, ct);
    }

    static async Task<string> Ensure(CloudClient cloud, string list, string kind, string name, JsonObject body, CancellationToken ct)
    {
        var found = await cloud.Find($"identity/v3/{list}?name={name}", list, _ => true, ct);
        if (found is null)
        {
            body["name"] = name;
            found = (await cloud.Post($"identity/v3/{list}", new JsonObject { [kind] = body }, ct))[kind]!.AsObject();
        }
        return found["id"]!.GetValue<string>();
    }
}
