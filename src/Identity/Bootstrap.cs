using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.Assignments;
using Nephos.Identity.Catalog;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;

namespace Nephos.Identity;

/// <summary>Makes an empty identity usable.</summary>
internal sealed class Bootstrap(IdentityDb db, ProjectTable projects, UserTable users, RoleTable roles, AssignmentTable assignments, CatalogTable catalog, Passwords passwords, Epoch epoch) : IIdentityBootstrap
{
    private const string Default = "default", Admin = "admin";
    // Each implies the next.
    private static readonly string[] Chain = ["admin", "manager", "member", "reader"];
    // upstream makes its own roles immutable, so that nobody renames what every policy names.
    private static readonly Dictionary<string, JsonElement> Immutable = new() { ["immutable"] = JsonSerializer.SerializeToElement(true) };

    async Task IIdentityBootstrap.Bootstrap(IdentityBootstrap wanted, CancellationToken ct)
    {
        // Outside the transaction: it takes time.
        var hash = await users.ByName(Default, Admin) is null ? await passwords.Hash(wanted.AdminPassword.Reveal()) : null;
        await epoch.Change(async () =>
        {
            if (await projects.Domain(Default) is null)
                await projects.Insert(new ProjectRow(Default, "Default", null, null, true, true, "The default domain", [], [], db.Now));
            var byName = await Roles();
            var project = await Project();
            var user = await User(hash);
            foreach (var (kind, target) in ((string, string)[])[("project", project), ("domain", Default), (AssignmentTable.System, AssignmentTable.System)])
                await assignments.Add(new(kind, target, "user", user, byName[Admin], false));
            await Catalog(wanted);
        });
    }

    private async Task<Dictionary<string, string>> Roles()
    {
        var byName = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in (string[])[.. Chain, "service"])
        {
            if (await roles.ByName(name) is [var known, ..]) { byName[name] = known.Id; continue; }
            var role = new RoleRow(NewId.Hex(), name, null, null, Immutable, [], db.Now);
            await roles.Insert(role);
            byName[name] = role.Id;
        }
        // An older name for member that users' scripts still give: whoever has it is a member.
        if (await roles.ByName("_member_") is [])
        {
            var alias = new RoleRow(NewId.Hex(), "_member_", null, null, [], [], db.Now);
            await roles.Insert(alias);
            await roles.Imply(alias.Id, byName["member"]);
        }
        for (var i = 1; i < Chain.Length; i++) await roles.Imply(byName[Chain[i - 1]], byName[Chain[i]]);
        return byName;
    }

    private async Task<string> Project()
    {
        if (await projects.ByName(Default, Admin) is { } known) return known.Id;
        var project = new ProjectRow(NewId.Hex(), Admin, Default, Default, false, true, "Bootstrap project for initializing the cloud.", [], [], db.Now);
        await projects.Insert(project);
        return project.Id;
    }

    private async Task<string> User(string? hash)
    {
        if (await users.ByName(Default, Admin) is { } known) return known.Id;
        var user = new UserRow(NewId.Hex(), Admin, Default, true, null, hash, null, [], [], db.Now);
        await users.Insert(user);
        return user.Id;
    }

    private async Task Catalog(IdentityBootstrap wanted)
    {
        if (await catalog.Region(wanted.Region) is null) await catalog.Insert(new RegionRow(wanted.Region, "", null, [], db.Now));
        foreach (var asked in wanted.Services)
        {
            var service = await catalog.ServiceOf(asked.Type, asked.Name);
            if (service is null) await catalog.Insert(service = new ServiceRow(NewId.Hex(), asked.Type, asked.Name, true, [], db.Now));
            foreach (var kind in (string[])["public", "internal", "admin"])
                if (!await catalog.HasEndpoint(service.Id, kind, wanted.Region))
                    await catalog.Insert(new EndpointRow(NewId.Hex(), service.Id, kind, wanted.Region, asked.Url, true, [], db.Now));
        }
    }
}
