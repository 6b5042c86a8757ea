using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Nephos.Client;
using Xunit;

namespace Nephos.Tests.Cloud;

/// <summary>Who asks. <see cref="Admin"/>'s token is for project A, like those of <see cref="Member"/> and <see cref="Reader"/>.</summary>
internal enum Persona
{
    Stranger,
    Other,
    Reader,
    Member,
    Admin,
    /// <summary>Administrator of the whole system.</summary>
    System,
}

/// <summary>Makes two projects, a user for each persona, and tokens, by the public API.</summary>
internal sealed class Personas(CloudClient admin, HttpClient http)
{
    const string Password = "Correct-horse-9";

    /// <summary>Ids of users by persona.</summary>
    public Dictionary<Persona, string> Users { get; } = [];

    public async Task<(IReadOnlyDictionary<Persona, string?> Tokens, string ProjectA, string ProjectB)> Make(CancellationToken ct)
    {
        var (a, b) = (await Project("project-a", ct), await Project("project-b", ct));
        var tokens = new Dictionary<Persona, string?> { [Persona.Stranger] = null };
        foreach (var (persona, role, project) in new[] { (Persona.Other, "member", b), (Persona.Reader, "reader", a), (Persona.Member, "member", a), (Persona.Admin, "admin", a) })
        {
            var user = await User(persona.ToString(), ct);
            await Assign($"projects/{project}", user, role, ct);
            tokens[persona] = await Token(user, new JsonObject { ["project"] = new JsonObject { ["id"] = project } }, ct);
        }
        var system = await User("system", ct);
        await Assign("system", system, "admin", ct);
        tokens[Persona.System] = await Token(system, new JsonObject { ["system"] = new JsonObject { ["all"] = true } }, ct);
        return (tokens, a, b);

        async Task<string> User(string name, CancellationToken ct)
        {
            var made = await admin.Post("identity/v3/users", new JsonObject { ["user"] = new JsonObject { ["name"] = "persona-" + name, ["password"] = Password } }, ct);
            return Users[Enum.Parse<Persona>(name, ignoreCase: true)] = Id(made, "user");
        }
    }

    public async Task Assign(string scope, string user, string role, CancellationToken ct)
    {
        var id = (await admin.Find($"identity/v3/roles?name={role}", "roles", _ => true, ct))!["id"]!.GetValue<string>();
        await admin.Put($"identity/v3/{scope}/users/{user}/roles/{id}", null, ct);
    }

    public async Task<string> Token(string user, JsonObject scope, CancellationToken ct)
    {
        var body = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = new JsonObject { ["id"] = user, ["password"] = Password } } },
                ["scope"] = scope,
            },
        };
        using var response = await http.PostAsJsonAsync("identity/v3/auth/tokens", body, ct);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(ct));
        return response.Headers.GetValues("X-Subject-Token").First();
    }

    async Task<string> Project(string name, CancellationToken ct) =>
        Id(await admin.Post("identity/v3/projects", new JsonObject { ["project"] = new JsonObject { ["name"] = name } }, ct), "project");

    public static string Id(JsonObject made, string kind) => made[kind]!["id"]!.GetValue<string>();
}
