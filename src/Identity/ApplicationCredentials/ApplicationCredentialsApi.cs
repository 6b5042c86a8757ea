using System.Buffers.Text;
using System.Security.Cryptography;
using Nephos.Contracts;
using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.ApplicationCredentials;

/// <summary>/v3/users/{id}/application_credentials.</summary>
internal sealed class ApplicationCredentialsApi(IdentityDb db, ApplicationCredentialTable credentials, ChosenRoles chosen, Passwords passwords, Delegation delegation, EpochCache cache, Epoch epoch)
{
    private const string Base = "/users/{user_id}/application_credentials";
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("application_credential", Schema.Object(
        ("name", Shapes.Name), ("description", Shapes.NullableDescription), ("secret", Schema.Of("null", "string")), ("expires_at", Schema.Of("null", "string")), ("roles", Shapes.RoleRefs),
        ("unrestricted", Shapes.Flag),
        ("access_rules", Schema.List(Schema.Object(("path", Schema.Text(0, 225, @"^\/.*")), ("method", Schema.Text(pattern: "^(POST|GET|HEAD|PATCH|PUT|DELETE)$")), ("service", Shapes.Id), ("id", Shapes.Id)).Closed()))).Require("name"));

    public void Map(RouteGroup v3)
    {
        static PolicyTarget Owner(Call call) => new() { ["user_id"] = call["user_id"] };
        v3.Get(Base, List).Guard("identity:list_application_credentials").Target(Owner).Fails(400);
        v3.Post(Base, Create).Guard("identity:create_application_credential").Target(Owner).Body(() => CreateBody).Returns(201).Fails(404, 409);
        // Whose it is says the row, not the path. One that is not there is 404 only for who may ask about that user's.
        var one = v3.Member(Base + "/{application_credential_id}", new MemberOf<ApplicationCredentialRow>(
            async c => await credentials.Find(c["application_credential_id"]) ?? (c.Can("identity:get_application_credential", Owner(c)) ? throw Errors.ApplicationCredentialNotFound(c["application_credential_id"]) : null),
            c => Errors.ApplicationCredentialNotFound(c["application_credential_id"]), c => new() { ["user_id"] = c.UserId }));
        one.Get("", Show).Guard("identity:get_application_credential");
        one.Delete("", Delete).Guard("identity:delete_application_credential");
    }

    private async Task<Answer> List(Call call)
    {
        await delegation.ForApplicationCredentials(call, change: false);
        var page = await credentials.List(new Listing(call, "identity_application_credentials").Texts("name").Only($"user_id = {call["user_id"]}").Sql);
        return Listing.Answer(call, "application_credentials", await Views(call, page.Items), page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Show(Call call, ApplicationCredentialRow row)
    {
        await delegation.ForApplicationCredentials(call, change: false);
        return Answer.Json(("application_credential", (await Views(call, [row]))[0]));
    }

    private async Task<Answer> Create(Call call)
    {
        var token = await delegation.ForApplicationCredentials(call, change: true);
        var given = Fields.In(call.Json, "application_credential");
        if (call.Caller.ProjectId is not { } project) throw Errors.ApplicationCredentialInvalid("Must be scoped to a project.");
        var expires = given.Time("expires_at");
        if (expires <= db.Now) throw Errors.ExpiresInThePast();
        var roles = await Roles(given, token);
        // A secret we made is random and needs no stretching; one that a user chose does.
        var secret = given.Text("secret") is { Length: > 0 } own ? own : null;
        var shown = secret ?? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(64));
        var row = new ApplicationCredentialRow(NewId.Hex(), given.Text("name")!.Trim(), call["user_id"], project, given.Text("description"),
            secret is null ? PasswordHash.OfRandom(shown) : await passwords.Hash(secret), expires, given.Flag("unrestricted", false), given.Has("access_rules"), db.Now);
        try
        {
            await epoch.Change(Happened.Created("application_credential", row.Id), async () => await credentials.Insert(row, roles, await Rules(row.UserId, given)));
        }
        catch (DuplicateKey e) when (e.On("user_id", "name")) { throw Errors.DuplicateEntry("application_credential"); }
        return Answer.Json(("application_credential", (await Views(call, [row]))[0] with { Secret = shown }));
    }

    private async Task<Answer> Delete(Call call, ApplicationCredentialRow row)
    {
        await delegation.ForApplicationCredentials(call, change: true);
        await epoch.Change(Happened.Deleted("application_credential", row.Id), () => credentials.Delete(row.Id));
        return Answer.Empty;
    }

    /// <summary>The roles asked for, which the token must have; without any, all of the token's.</summary>
    private async Task<List<string>> Roles(Fields given, TokenFacts token)
    {
        var ids = await chosen.Ids(given.List("roles"));
        if (ids.Count == 0) return [.. token.Roles.Select(r => r.Id)];
        return ids.TrueForAll(id => token.Roles.Any(r => r.Id == id)) ? ids
            : throw Errors.ApplicationCredentialInvalid("Cannot create an application credential with unassigned role");
    }

    /// <summary>Rules by id, or the user's equal rule, or a new one.</summary>
    private async Task<List<string>> Rules(string user, Fields given)
    {
        var ids = new List<string>();
        foreach (var asked in given.List("access_rules").Select(r => new Fields(r)))
        {
            if (asked.Text("id") is { } id && await credentials.Rule(id) is { } known)
            {
                ids.Add(known.UserId == user ? known.Id : throw Errors.AccessRuleNotFound(id));
                continue;
            }
            if (asked.Text("service") is not { } service || asked.Text("method") is not { } method || asked.Text("path") is not { } path)
                throw asked.Text("id") is { } unknown ? Errors.AccessRuleNotFound(unknown) : Errors.ApplicationCredentialInvalid("An access rule needs a service, a method and a path.");
            var rule = await credentials.SameRule(user, service, method, path);
            if (rule is null) await credentials.InsertRule(rule = new(asked.Text("id") ?? NewId.Hex(), user, service, method, path));
            ids.Add(rule.Id);
        }
        return ids;
    }

    private async Task<IReadOnlyList<ApplicationCredentialView>> Views(Call call, IReadOnlyList<ApplicationCredentialRow> rows)
    {
        var ids = rows.Select(r => r.Id).ToList();
        var graph = await (await cache.Now()).Roles;
        var byCredential = (await credentials.Roles(ids)).ToLookup(r => r.Credential, r => graph.Find(r.Role), StringComparer.Ordinal);
        var rules = (await credentials.Rules(ids)).ToLookup(r => r.Credential, r => new AccessRuleView(r.Id, r.Service, r.Method, r.Path), StringComparer.Ordinal);
        return [.. rows.Select(row => ApplicationCredentialView.Of(row, [.. byCredential[row.Id].OfType<RoleRow>().Select(r => new RoleOfCredential(r.Id, r.Name, r.DomainId, r.Description, r.Options))], [.. rules[row.Id]], call))];
    }
}
