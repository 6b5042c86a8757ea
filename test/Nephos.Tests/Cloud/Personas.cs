using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Nephos.Client;
using Xunit;

namespace Nephos.Tests.Cloud;

/// <summary>Who asks. <see cref="Admin"/>'s token is for project A, like those of <see cref="Manager"/>, <see cref="Member"/> and <see cref="Reader"/>.</summary>
internal enum Persona
{
    Stranger,
    Other,
    Reader,
    Member,
    Manager,
    Admin,
    /// <summary>Administrator of the whole system.</summary>
    System,
    /// <summary>An auditor of the whole system.</summary>
    SystemReader,
    /// <summary>Administrator of the default domain, which project A is in.</summary>
    DomainAdmin,
    DomainManager,
    DomainReader,
    /// <summary>A service that asks for others.</summary>
    Service,
    /// <summary>Somebody with a token for nothing.</summary>
    Unscoped,
}

/// <summary>Makes two projects, a user for each persona, and tokens, by the public API.</summary>
internal sealed class Personas(CloudClient admin, HttpClient http)
{
    const string Password = "Correct-horse-9", Default = "domains/default";

    /// <summary>Ids of users by persona.</summary>
    public Dictionary<Persona, string> Users { get; } = [];

    public async Task<(IReadOnlyDictionary<Persona, string?> Tokens, string ProjectA, string ProjectB)> Make(CancellationToken ct)
    {
        var (a, b) = (await Project("project-a", ct), await Project("project-b", ct));
        var tokens = new Dictionary<Persona, string?> { [Persona.Stranger] = null };
        foreach (var (persona, role, project) in new[] { (Persona.Other, "member", b), (Persona.Reader, "reader", a), (Persona.Member, "member", a), (Persona.Manager, "manager", a), (Persona.Admin, "admin", a), (Persona.Service, "service", b) })
        {
            var user = await User(persona.ToString(), ct);
            await Assign($"projects/{project}", user, role, ct);
            tokens[persona] = await Token(user, new JsonObject { ["project"] = new JsonObject { ["id"] = project } }, ct);
        }
        foreach (var (persona, role, scope) in new[] { (Persona.System, "admin", "system"), (Persona.SystemReader, "reader", "system"), (Persona.DomainAdmin, "admin", Default), (Persona.DomainManager, "manager", Default), (Persona.DomainReader, "reader", Default) })
        {
            var user = await User(persona.ToString(), ct);
            await Assign(scope, user, role, ct);
            tokens[persona] = await Token(user, scope == Default ? new JsonObject { ["domain"] = new JsonObject { ["id"] = "default" } } : new JsonObject { ["system"] = new JsonObject { ["all"] = true } }, ct);
        }
        tokens[Persona.Unscoped] = await Token(await User("unscoped", ct), null, ct);
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

    public async Task<string> Token(string user, JsonObject? scope, CancellationToken ct)
    {
        var body = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = new JsonObject { ["id"] = user, ["password"] = Password } } },
                ["scope"] = scope is null ? "unscoped" : scope,
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
