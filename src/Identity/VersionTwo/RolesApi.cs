using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.VersionTwo;

/// <summary>/v2.0/OS-KSADM/roles.</summary>
internal sealed class RolesApi(RoleTable roles, RoleChanges changes)
{
    public void Map(RouteGroup v2)
    {
        v2.Get("/OS-KSADM/roles", List).Guard("identity:list_roles").Fails(400);
        v2.Post("/OS-KSADM/roles", Create).Guard("identity:create_role").Body(() => Bodies.Role).Fails(409);
        var one = v2.Member("/OS-KSADM/roles/{role_id}", new MemberOf<RoleRow>(c => roles.OfVersionTwo(c["role_id"]), c => Errors.RoleNotFound(c["role_id"]), Roles.RolesApi.Target));
        one.Get("", (_, role) => Task.FromResult(Shown(role))).Guard("identity:get_role");
        one.Delete("", Delete).Guard("identity:delete_role");
    }

    private async Task<Answer> List(Call call)
    {
        var page = await roles.List(new Listing(call, "identity_roles").Only($"domain_id IS NULL").Sql);
        return Answer.Json(("roles", page.Items.Select(RoleView.Of)), ("roles_links", Array.Empty<object>()));
    }

    private async Task<Answer> Create(Call call) => Shown(await changes.Create(BodyOfThree.Role(Fields.In(call.Json, "role"))));

    private async Task<Answer> Delete(Call call, RoleRow role)
    {
        await changes.Delete(role);
        return Answer.Empty;
    }

    private static Answer Shown(RoleRow role) => Answer.Json(("role", RoleView.Of(role)));
}
