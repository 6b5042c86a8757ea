using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;

namespace Nephos.Identity.ApplicationCredentials;

/// <summary>/v3/users/{id}/access_rules: the rules that a user's application credentials were made with.</summary>
internal sealed class AccessRulesApi(ApplicationCredentialTable credentials, UserTable users, Delegation delegation)
{
    public void Map(RouteGroup v3)
    {
        var user = v3.Member("/users/{user_id}", UsersApi.Member(users));
        user.Get("/access_rules", List).Guard("identity:list_access_rules").Fails(400);
        user.Get("/access_rules/{access_rule_id}", Show).Guard("identity:get_access_rule");
        user.Delete("/access_rules/{access_rule_id}", Delete).Guard("identity:delete_access_rule");
    }

    private async Task<Answer> List(Call call, UserRow user)
    {
        await delegation.ForApplicationCredentials(call, change: false);
        var list = new Listing(call, "identity_access_rules", ordered: "id").Texts("service", "path", "method").Only($"user_id = {user.Id}");
        var page = await credentials.ListRules(list.Sql);
        return Listing.Answer(call, "access_rules", [.. page.Items.Select(r => View(call, r))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Show(Call call, UserRow user)
    {
        await delegation.ForApplicationCredentials(call, change: false);
        return Answer.Json(("access_rule", View(call, await Find(call, user))));
    }

    private async Task<Answer> Delete(Call call, UserRow user)
    {
        await delegation.ForApplicationCredentials(call, change: false);
        var rule = await Find(call, user);
        return await credentials.DeleteRule(rule.Id) ? Answer.Empty
            : throw Errors.ForbiddenAction($"May not delete access rule in use");
    }

    private async Task<AccessRuleRow> Find(Call call, UserRow user) =>
        await credentials.Rule(call["access_rule_id"]) is { } rule && rule.UserId == user.Id ? rule : throw Errors.AccessRuleNotFound(call["access_rule_id"]);

    private static AccessRuleView View(Call call, AccessRuleRow rule) =>
        new(rule.Id, rule.Service, rule.Method, rule.Path) { Links = new($"{call.ServiceUrl}/v3/users/{rule.UserId}/access_rules/{rule.Id}") };
}
