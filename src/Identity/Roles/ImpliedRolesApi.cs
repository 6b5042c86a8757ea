using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Roles;

/// <summary>Which roles bring others with them: /v3/roles/{id}/implies and /v3/role_inferences.</summary>
internal sealed class ImpliedRolesApi(RoleTable roles, Epoch epoch, EpochCache cache)
{
    private sealed record Rule(RoleRow? Prior, RoleRow? Implied);

    public void Map(RouteGroup v3)
    {
        v3.Get("/role_inferences", ListAll).Guard("identity:list_role_inference_rules");
        v3.Member("/roles/{prior_role_id}", RolesApi.Member(roles, "prior_role_id")).Get("/implies", List).Guard("identity:list_implied_roles");
        var rule = v3.Member("/roles/{prior_role_id}/implies/{implied_role_id}", new MemberOf<Rule>(
            async c => new(await roles.Find(c["prior_role_id"]), await roles.Find(c["implied_role_id"])), c => Errors.RoleNotFound(c["prior_role_id"]), _ => []));
        rule.Get("", Show).Guard("identity:get_implied_role");
        rule.Head("", Check).Guard("identity:check_implied_role").Returns(204);
        rule.Put("", Create).Guard("identity:create_implied_role").Returns(201);
        rule.Delete("", Delete).Guard("identity:delete_implied_role");
    }

    private async Task<Answer> ListAll(Call call)
    {
        var graph = await (await cache.Now()).Roles;
        var rules = graph.Rules.Where(r => graph.Find(r.Key) is not null).Select(r => new InferenceView(RoleRef.Of(graph.Find(r.Key)!, call), Refs(graph, r, call)));
        return Answer.Json(("role_inferences", rules));
    }

    private async Task<Answer> List(Call call, RoleRow prior)
    {
        var graph = await (await cache.Now()).Roles;
        return Answer.Json(("role_inference", new InferenceView(RoleRef.Of(prior, call), Refs(graph, graph.ImpliedBy(prior.Id), call))), ("links", new SelfLink(call.ServiceUrl + call.Path)));
    }

    private async Task<Answer> Show(Call call, Rule rule)
    {
        var (prior, implied) = await Existing(call, rule);
        return Shown(call, prior, implied);
    }

    private async Task<Answer> Check(Call call, Rule rule)
    {
        await Existing(call, rule);
        return Answer.Empty;
    }

    private async Task<Answer> Create(Call call, Rule rule)
    {
        var (prior, implied) = Both(call, rule);
        // upstream's prohibited_implied_role: nobody becomes an administrator by the way.
        if (implied.Name == "admin") throw Errors.CannotImply(implied.Id);
        if (prior.DomainId is null && implied.DomainId is not null) throw Errors.Forbidden();
        await epoch.Change(() => roles.Imply(prior.Id, implied.Id));
        return Shown(call, prior, implied);
    }

    private async Task<Answer> Delete(Call call, Rule rule)
    {
        var (prior, implied) = Both(call, rule);
        return await epoch.Change(() => roles.Unimply(prior.Id, implied.Id)) ? Answer.Empty : throw Errors.ImpliedRoleNotFound(prior.Id, implied.Id);
    }

    private async Task<(RoleRow Prior, RoleRow Implied)> Existing(Call call, Rule rule)
    {
        var (prior, implied) = Both(call, rule);
        return (await (await cache.Now()).Roles).ImpliedBy(prior.Id).Contains(implied.Id) ? (prior, implied) : throw Errors.ImpliedRoleNotFound(prior.Id, implied.Id);
    }

    private static (RoleRow Prior, RoleRow Implied) Both(Call call, Rule rule) =>
        (rule.Prior ?? throw Errors.RoleNotFound(call["prior_role_id"]), rule.Implied ?? throw Errors.RoleNotFound(call["implied_role_id"]));

    private static Answer Shown(Call call, RoleRow prior, RoleRow implied) =>
        Answer.Json(("role_inference", new InferenceView(RoleRef.Of(prior, call), RoleRef.Of(implied, call))), ("links", new SelfLink(call.ServiceUrl + call.Path)));

    private static List<RoleRef> Refs(RoleGraph graph, IEnumerable<string> ids, Call call) => [.. ids.Select(graph.Find).OfType<RoleRow>().Select(r => RoleRef.Of(r, call))];
}
