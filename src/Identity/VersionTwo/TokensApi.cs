using System.Text.Json.Nodes;
using Nephos.Contracts;
using Nephos.Identity.Audit;
using Nephos.Identity.Credentials;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.VersionTwo;

/// <summary>/v2.0/tokens, and a user's own password. The tokens are v3's own.</summary>
internal sealed class TokensApi(Login login, Ec2TokensApi keys, TokenService tokens, UserTable users, UserChanges changes, ProjectTable projects, RevocationTable revocations, Epoch epoch)
{
    public void Map(RouteGroup v2)
    {
        v2.Post("/tokens", Issue).Public("This is where tokens come from.").Audited("authenticate", AuditKinds.User).Body(() => Bodies.Token).Fails(401, 403, 404);
        var one = v2.Member("/tokens/{token_id}", new MemberOf<TokenFacts>(Load, c => Errors.TokenNotFound(c["token_id"]),
            t => new PolicyTarget { ["target.token.user_id"] = t.User.Id }));
        v2.Post("/ec2tokens", FromKeys).Guard("identity:ec2tokens_validate").Audited("authenticate", AuditKinds.User).Fails(400, 401, 404);
        one.Get("", Validate).Guard("identity:validate_token");
        one.Head("", Validate).Guard("identity:check_token");
        one.Delete("", Revoke).Guard("identity:revoke_token");
        v2.Patch("/OS-KSCRUD/users/{user_id}", ChangePassword).Public("Whoever knows the old password may change it, also when it has expired.").Audited("update/password", AuditKinds.User).Body(() => Bodies.OwnPassword).Fails(401, 403);
        one.Get("/endpoints", Endpoints).Guard("identity:validate_token");
    }

    // Who asks here does not know access rules, and would take the token for one that may do anything.
    private async Task<TokenFacts?> Load(Call call) =>
        await tokens.Find(call["token_id"]) is { } facts && (facts.ApplicationCredential?.AccessRules is null || call.Method == "DELETE") ? facts : null;

    private async Task<Answer> Issue(Call call)
    {
        var auth = Fields.In(call.Json, "auth");
        var (text, facts) = await LoggedIn(call, auth);
        RequireOldWorld(facts);
        // A trust is for one tenant: a request for another one must not get it.
        if (facts.Trust is not null && (auth.Text("tenantId") is { } id && id != facts.Project?.Id || auth.Text("tenantName") is { } name && name != facts.Project?.Name)) throw Errors.Forbidden();
        return await Shown(call, text, facts);
    }

    private async Task<Answer> FromKeys(Call call)
    {
        var (text, facts) = await keys.Issue(call);
        RequireOldWorld(facts);
        return await Shown(call, text, facts);
    }

    /// <summary>Ends the tokens before and gives a new one of the same scope.</summary>
    private async Task<Answer> ChangePassword(Call call)
    {
        var facts = call.Token is { } token ? await tokens.Find(token) : null;
        if (facts is null) throw Errors.Unauthorized();
        call.Proves(facts);
        if (facts.User.Id != call["user_id"]) throw Errors.Forbidden();
        var given = Fields.In(call.Json, "user");
        await changes.ChoosePassword(await users.OfVersionTwo(facts.User.Id), given);
        var auth = new JsonObject { ["passwordCredentials"] = new JsonObject { ["userId"] = facts.User.Id, ["password"] = given.Text("password") }, ["tenantId"] = facts.Project?.Id };
        var (text, fresh) = await LoggedIn(call, BodyOfThree.Fields(auth));
        return await Shown(call, text, fresh);
    }

    private async Task<(string Text, TokenFacts Facts)> LoggedIn(Call call, Fields auth)
    {
        try { return await login.Run(call, BodyOfThree.Fields(OfThree(auth)).Json); }
        // Nobody can prove a second factor here.
        catch (MoreFactorsNeeded) { throw Errors.Unauthorized(); }
        catch (Fault f) when (f.Name == Errors.UnknownToken) { throw Errors.Unauthorized(); }
    }

    private async Task<Answer> Validate(Call call, TokenFacts facts)
    {
        RequireOldWorld(facts);
        if (call.Query["belongsTo"] is { } tenant && tenant != facts.Project?.Id) throw Errors.Unauthorized();
        return await Shown(call, call["token_id"], facts);
    }

    private async Task<Answer> Shown(Call call, string text, TokenFacts facts) =>
        Answer.Json(("access", AccessDocument.Of(facts, text, facts.Project is { } project ? await projects.Find(project.Id) : null, call.Urls.Root))).With("Vary", "X-Auth-Token");

    private Task<Answer> Endpoints(Call call, TokenFacts facts)
    {
        RequireOldWorld(facts);
        return Task.FromResult(Answer.Json(("endpoints", AccessDocument.Endpoints(facts, call.Urls.Root)), ("endpoints_links", Array.Empty<object>())));
    }

    private async Task<Answer> Revoke(Call call, TokenFacts facts)
    {
        call.TargetIds = [facts.Token.AuditId];
        await epoch.Change(() => revocations.Revoke("audit:" + facts.Token.AuditId));
        return Answer.Empty;
    }

    // Whoever knows no domains must not take a name of another domain for one of the default one, or a domain's token for none.
    private static void RequireOldWorld(TokenFacts facts)
    {
        if (facts.UserDomain.Id != VersionTwo.Domain || facts.Domain is not null || facts.IsSystem || facts.Project is not null && facts.ProjectDomain?.Id != VersionTwo.Domain) throw Errors.Unauthorized();
    }

    private static JsonObject OfThree(Fields auth) => new() { ["identity"] = auth.Has("token") ? ByToken(auth.Inner("token")) : ByPassword(auth), ["scope"] = Scope(auth) };

    private static JsonObject ByToken(Fields token) => new()
    {
        ["methods"] = new JsonArray("token"), ["token"] = new JsonObject { ["id"] = token.Text("id") ?? throw Errors.Missing("id", "token") },
    };

    private static JsonObject ByPassword(Fields auth)
    {
        if (!auth.Has("passwordCredentials")) throw Errors.Missing("passwordCredentials", "auth");
        var given = auth.Inner("passwordCredentials");
        var user = new JsonObject { ["password"] = given.Text("password") ?? throw Errors.Missing("password", "passwordCredentials") };
        if (given.Text("userId") is { Length: > 0 } id) user["id"] = id;
        else if (given.Text("username") is { Length: > 0 } name) (user["name"], user["domain"]) = (name, new JsonObject { ["id"] = VersionTwo.Domain });
        else throw Errors.Missing("username or userId", "passwordCredentials");
        return new() { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = user } };
    }

    private static JsonNode Scope(Fields auth)
    {
        if (auth.Text("trust_id") is { } trust) return new JsonObject { ["OS-TRUST:trust"] = new JsonObject { ["id"] = trust } };
        if (auth.Text("tenantName") is { Length: > 0 } name) return new JsonObject { ["project"] = new JsonObject { ["name"] = name, ["domain"] = new JsonObject { ["id"] = VersionTwo.Domain } } };
        if (auth.Text("tenantId") is { Length: > 0 } id) return new JsonObject { ["project"] = new JsonObject { ["id"] = id } };
        return "unscoped";
    }
}
