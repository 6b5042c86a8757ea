using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;

namespace Nephos.Identity.OAuth1;

internal sealed record AccessTokenLinks(string Roles, string Self);

internal sealed record AccessTokenView(string Id, string ConsumerId, string AuthorizingUserId, string ProjectId, DateTimeOffset? ExpiresAt, AccessTokenLinks Links)
{
    public static AccessTokenView Of(AccessTokenRow row, Call call)
    {
        var self = $"{call.ServiceUrl}/v3/users/{row.UserId}/OS-OAUTH1/access_tokens/{row.Id}";
        return new(row.Id, row.ConsumerId, row.UserId, row.ProjectId, row.ExpiresAt, new(self + "/roles", self));
    }
}

/// <summary>/v3/users/{id}/OS-OAUTH1/access_tokens: what a user gave to consumers.</summary>
internal sealed class AccessTokensApi(OAuthTokenTable tokens, Delegation delegation, EpochCache cache, Epoch epoch)
{
    private const string Base = "/users/{user_id}/OS-OAUTH1/access_tokens";

    public void Map(RouteGroup v3)
    {
        v3.Get(Base, List).Guard("identity:list_access_tokens").Fails(400);
        var one = v3.Member(Base + "/{access_token_id}", new MemberOf<AccessTokenRow>(
            async c => await tokens.Access(c["access_token_id"]) is { } row && row.UserId == c["user_id"] ? row : null, _ => Errors.AccessTokenNotFound(), _ => []));
        one.Get("", Show).Guard("identity:get_access_token");
        one.Delete("", Delete).Guard("identity:delete_access_token");
        one.Get("/roles", ListRoles).Guard("identity:list_access_token_roles");
        one.Get("/roles/{role_id}", ShowRole).Guard("identity:get_access_token_role");
    }

    private async Task<Answer> List(Call call)
    {
        await delegation.ForOAuth(call);
        var page = await tokens.List(new Listing(call, "identity_access_tokens").Only($"user_id = {call["user_id"]}").Sql);
        return Listing.Answer(call, "access_tokens", [.. page.Items.Select(t => AccessTokenView.Of(t, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Show(Call call, AccessTokenRow row)
    {
        await delegation.ForOAuth(call);
        return Answer.Json(("access_token", AccessTokenView.Of(row, call)));
    }

    private async Task<Answer> Delete(Call call, AccessTokenRow row)
    {
        await delegation.ForOAuth(call);
        await epoch.Change(Happened.Deleted("OS-OAUTH1:access_token", row.Id), () => tokens.DeleteAccess(row.Id));
        return Answer.Empty;
    }

    private async Task<Answer> ListRoles(Call call, AccessTokenRow row) => Listing.Answer(call, "roles", [.. (await RolesOf(row)).Select(r => RoleView.Of(r, call))]);

    private async Task<Answer> ShowRole(Call call, AccessTokenRow row)
    {
        var role = (await RolesOf(row)).Find(r => r.Id == call["role_id"]) ?? throw Errors.RoleNotFound(call["role_id"]);
        return Answer.Json(("role", RoleView.Of(role, call)));
    }

    private async Task<List<RoleRow>> RolesOf(AccessTokenRow row)
    {
        var graph = await (await cache.Now()).Roles;
        return [.. row.RoleIds.Select(graph.Find).OfType<RoleRow>()];
    }
}
