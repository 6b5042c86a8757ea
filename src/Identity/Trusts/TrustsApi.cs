using Nephos.Contracts;
using Nephos.Identity.Assignments;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Trusts;

/// <summary>/v3/OS-TRUST/trusts: leave for somebody else to act with some of one's roles.</summary>
internal sealed class TrustsApi(IdentityDb db, TrustTable trusts, UserTable users, ProjectTable projects, ChosenRoles chosenRoles, ProjectRoles projectRoles, Delegation delegation, Redelegation redelegation, EpochCache cache, Epoch epoch)
{
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("trust", Schema.Object(
        ("trustor_user_id", Shapes.ExternalId), ("trustee_user_id", Shapes.ExternalId), ("impersonation", Shapes.Flag), ("project_id", Shapes.Id.OrNull()),
        ("remaining_uses", Schema.Of("integer", "null").Set("minimum", 1L)), ("expires_at", Schema.Of("null", "string")), ("allow_redelegation", Schema.Of("boolean", "null")),
        ("redelegation_count", Schema.Of("integer", "null").Set("minimum", 0L)), ("roles", Shapes.RoleRefs)).Require("trustor_user_id", "trustee_user_id", "impersonation"));

    public void Map(ServiceApi api, RouteGroup v3)
    {
        var group = v3.Group("/OS-TRUST");
        // Who may list depends on the filter; the handler asks.
        group.Get("/trusts", List).Guard("identity:list_trusts_for_trustor").Target(Listed).AlsoGuard(api, "identity:list_trusts_for_trustee").AlsoGuard(api, "identity:list_trusts").Fails(400);
        group.Post("/trusts", Create).Guard("identity:create_trust").Target(call => new() { ["target.trust.trustor_user_id"] = DomainOf.Unchecked(call, "trust").Text("trustor_user_id") })
            .Body(() => CreateBody).Returns(201).Fails(404);
        var one = group.Member("/trusts/{trust_id}", new MemberOf<TrustRow>(Load, c => Errors.TrustNotFound(c["trust_id"]), Target));
        one.Get("", Show).Guard("identity:get_trust");
        one.Delete("", Delete).Guard("identity:delete_trust");
        one.Get("/roles", ListRoles).Guard("identity:list_roles_for_trust");
        one.Get("/roles/{role_id}", ShowRole).Guard("identity:get_role_for_trust");
    }

    // A trust that is not there is 404 for everybody, as upstream has it.
    private async Task<TrustRow?> Load(Call call) => await trusts.Find(call["trust_id"]) ?? throw Errors.TrustNotFound(call["trust_id"]);

    private static PolicyTarget Target(TrustRow trust) => new() { ["target.trust.trustor_user_id"] = trust.TrustorUserId, ["target.trust.trustee_user_id"] = trust.TrusteeUserId };

    private static PolicyTarget Listed(Call call) => call.Query["trustor_user_id"] is { Length: > 0 } trustor ? new() { ["target.trust.trustor_user_id"] = trustor }
        : call.Query["trustee_user_id"] is { Length: > 0 } trustee && call.Caller.UserId == trustee ? new() { ["target.trust.trustor_user_id"] = trustee } : [];

    private async Task<Answer> List(Call call)
    {
        var (trustor, trustee) = (call.Query["trustor_user_id"], call.Query["trustee_user_id"]);
        var conditions = new List<SqlText>();
        if (trustor is { Length: > 0 }) conditions.Add($"trustor_user_id = {trustor}");
        else if (trustee is { Length: > 0 })
        {
            call.Authorize("identity:list_trusts_for_trustee", new PolicyTarget { ["target.trust.trustee_user_id"] = trustee });
            conditions.Add($"trustee_user_id = {trustee}");
        }
        else call.Authorize("identity:list_trusts", []);
        await delegation.ForTrusts(call);
        return Listing.Answer(call, "trusts", [.. (await trusts.List(conditions)).Select(t => TrustView.Of(t, null, call))]);
    }

    private async Task<Answer> Create(Call call)
    {
        var token = await delegation.ForTrusts(call);
        var given = Fields.In(call.Json, "trust");
        var project = given.Text("project_id");
        if (project is not null && !given.List("roles").Any()) throw Errors.ForbiddenAction("At least one role should be specified");
        var trustor = given.Text("trustor_user_id")!;
        if (call.Caller.UserId != trustor) throw Errors.ForbiddenAction("The authenticated user should match the trustor");
        var trustee = given.Text("trustee_user_id")!;
        if (await users.Find(trustee) is null) throw Errors.UserNotFound(trustee);
        var graph = await (await cache.Now()).Roles;
        var chosen = await chosenRoles.Ids(given.List("roles"));
        await RequireRoles(project, token.Trust is null ? trustor : (await redelegation.First(token.Trust.Id)).TrustorUserId, chosen);
        var expires = given.Time("expires_at");
        if (expires <= db.Now) throw Errors.ExpiresInThePast();
        var wanted = new TrustRow(NewId.Hex(), trustor, trustee, project, given.Flag("impersonation", false), expires, null, given.Number("remaining_uses"), null, 0, db.Now);
        var trust = await redelegation.Check(wanted, chosen, given.Flag("allow_redelegation", false), given.Number("redelegation_count"), token.Trust?.Id);
        await epoch.Change(Happened.Created("OS-TRUST:trust", trust.Id), () => trusts.Insert(trust, chosen));
        return Answer.Json(("trust", TrustView.Of(trust, [.. chosen.Select(graph.Find).OfType<RoleRow>()], call)));
    }

    private async Task<Answer> Show(Call call, TrustRow trust)
    {
        await delegation.ForTrusts(call);
        return Answer.Json(("trust", TrustView.Of(trust, await RolesOf(trust), call)));
    }

    private async Task<Answer> Delete(Call call, TrustRow trust)
    {
        await delegation.ForTrusts(call);
        await epoch.Change(Happened.Deleted("OS-TRUST:trust", trust.Id), () => trusts.Delete(trust.Id));
        return Answer.Empty;
    }

    private async Task<Answer> ListRoles(Call call, TrustRow trust)
    {
        await delegation.ForTrusts(call);
        return Answer.Json(("roles", (await RolesOf(trust)).Select(r => RoleView.Of(r, call))), ("links", TrustView.RoleLinks(trust, call)));
    }

    private async Task<Answer> ShowRole(Call call, TrustRow trust)
    {
        await delegation.ForTrusts(call);
        var role = (await RolesOf(trust)).Find(r => r.Id == call["role_id"]) ?? throw Errors.RoleNotFound(call["role_id"]);
        return Answer.Json(("role", RoleView.Of(role, call)));
    }

    private async Task<List<RoleRow>> RolesOf(TrustRow trust)
    {
        var graph = await (await cache.Now()).Roles;
        return [.. (await trusts.Roles(trust.Id)).Select(graph.Find).OfType<RoleRow>()];
    }

    private async Task RequireRoles(string? project, string trustor, List<string> chosen)
    {
        var have = project is null ? [] : await projectRoles.Of(trustor, await projects.Find(project) ?? throw Errors.ProjectNotFound(project));
        if (chosen.Find(id => have.All(r => r.Id != id)) is { } missing) throw Errors.RoleNotFound(missing);
    }
}
