using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.Policies;

internal sealed record PolicyView(string Id, string Type, string Blob, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public static PolicyView Of(PolicyRow row, Call call) => new(row.Id, row.Type, row.Blob, new($"{call.ServiceUrl}/v3/policies/{row.Id}")) { Extra = row.Extra };
}

/// <summary>/v3/policies: texts that operators keep here; nothing in the cloud reads them.</summary>
internal sealed class PoliciesApi(IdentityDb db, PolicyTable policies)
{
    private static readonly string[] Known = ["type", "blob"];
    private static readonly Schema Policy = Schema.Object(("blob", Schema.Of("string")), ("type", Schema.Text(max: 255)));
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("policy", Policy.Require("blob", "type"));
    private static readonly SchemaHistory UpdateBody = Shapes.Enveloped("policy", Shapes.Change(Policy));

    public void Map(RouteGroup v3)
    {
        v3.Get("/policies", List).Guard("identity:list_policies").Fails(400);
        v3.Post("/policies", Create).Guard("identity:create_policy").Body(() => CreateBody).Returns(201);
        var one = v3.Member("/policies/{policy_id}", Member(policies));
        one.Get("", (call, row) => Task.FromResult(Answer.Json(("policy", PolicyView.Of(row, call))))).Guard("identity:get_policy");
        one.Patch("", Update).Guard("identity:update_policy").Body(() => UpdateBody);
        one.Delete("", Delete).Guard("identity:delete_policy");
    }

    public static MemberOf<PolicyRow> Member(PolicyTable policies) => new(c => policies.Find(c["policy_id"]), c => Errors.PolicyNotFound(c["policy_id"]), _ => []);

    private async Task<Answer> List(Call call)
    {
        var page = await policies.List(new Listing(call, "identity_policies").Texts("type").Sql);
        return Listing.Answer(call, "policies", [.. page.Items.Select(p => PolicyView.Of(p, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "policy");
        var row = new PolicyRow(NewId.Hex(), given.Text("type")!, given.Text("blob")!, given.Extra(Known), db.Now);
        await policies.Insert(row);
        return Answer.Json(("policy", PolicyView.Of(row, call)));
    }

    private async Task<Answer> Update(Call call, PolicyRow row)
    {
        var given = Fields.In(call.Json, "policy");
        if (given.Text("id") is { } id && id != row.Id) throw Errors.IdMismatch();
        var changed = row with { Type = given.Text("type") ?? row.Type, Blob = given.Text("blob") ?? row.Blob, Extra = given.Extra(Known, row.Extra) };
        await policies.Update(changed);
        return Answer.Json(("policy", PolicyView.Of(changed, call)));
    }

    private async Task<Answer> Delete(Call call, PolicyRow row)
    {
        await policies.Delete(row.Id);
        return Answer.Empty;
    }
}
