using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Credentials;

internal sealed record CredentialView(string Id, string UserId, string? ProjectId, string Type, string Blob, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }
}

/// <summary>/v3/credentials.</summary>
internal sealed class CredentialsApi(IdentityDb db, CredentialTable credentials, Sealed box, Delegation delegation)
{
    private static readonly string[] Known = ["user_id", "project_id", "type", "blob"];
    private static readonly string[] Common = ["blob", "type", "user_id"];
    private static readonly Schema Credential = Schema.Object(("blob", Schema.Of("string")), ("project_id", Schema.Of("string").OrNull()), ("type", Schema.Of("string")), ("user_id", Schema.Of("string")));
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("credential", Credential.Set("oneOf", new[]
    {
        Schema.Any.Set("title", "ec2 credential requires project_id").Require([.. Common, "project_id"]).Add("type", Schema.Enum("ec2")),
        Schema.Any.Set("title", "non-ec2 credential does not require project_id").Require(Common).Add("type", Schema.Any.Set("not", Schema.Enum("ec2"))),
    }));
    private static readonly SchemaHistory UpdateBody = Shapes.Enveloped("credential", Credential.Set("minProperties", 1));

    public void Map(RouteGroup v3)
    {
        v3.Get("/credentials", List).Guard("identity:list_credentials").Target(call => new() { ["target.credential.user_id"] = call.Caller.UserId }).Fails(400);
        v3.Post("/credentials", Create).Guard("identity:create_credential").Target(call => new() { ["target.credential.user_id"] = DomainOf.Unchecked(call, "credential").Text("user_id") })
            .Body(() => CreateBody).Returns(201).Fails(409);
        var one = v3.Member("/credentials/{credential_id}", new MemberOf<CredentialRow>(c => credentials.Find(c["credential_id"]), c => Errors.CredentialNotFound(c["credential_id"]), Target));
        one.Get("", Show).Guard("identity:get_credential");
        one.Patch("", Update).Guard("identity:update_credential").Body(() => UpdateBody);
        one.Delete("", Delete).Guard("identity:delete_credential");
    }

    public static PolicyTarget Target(CredentialRow row) => new() { ["target.credential.user_id"] = row.UserId, ["target.credential.project_id"] = row.ProjectId };

    private async Task<Answer> List(Call call)
    {
        await delegation.RefuseForCredentials(call);
        var page = await credentials.List(new Listing(call, "identity_credentials").Texts("user_id", "type").Sql);
        // Whoever may list sees only what they may see one by one.
        var own = page.Items.Where(c => call.Api.Policies.Allows("identity:get_credential", call.Caller, Target(c)));
        return Listing.Answer(call, "credentials", [.. own.Select(c => View(call, c))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Show(Call call, CredentialRow row)
    {
        await delegation.RefuseForCredentials(call);
        return Answer.Json(("credential", View(call, row)));
    }

    private async Task<Answer> Create(Call call)
    {
        await delegation.RefuseForCredentials(call);
        var given = Fields.In(call.Json, "credential");
        var (type, blob) = (given.Text("type")!, given.Text("blob")!);
        var id = type.Equals("ec2", StringComparison.OrdinalIgnoreCase) ? Ec2Keys.IdOf(Keys(blob).Access) : NewId.Hex();
        var row = new CredentialRow(id, given.Text("user_id")!, given.Text("project_id"), type, box.Seal(blob), given.Extra(Known), db.Now);
        CheckLengths(row);
        try { await credentials.Insert(row); }
        catch (DuplicateKey) { throw Errors.IdTaken("credential", id); }
        return Answer.Json(("credential", View(call, row)));
    }

    private async Task<Answer> Update(Call call, CredentialRow row)
    {
        await delegation.RefuseForCredentials(call);
        var given = Fields.In(call.Json, "credential");
        if (given.Text("id") is { } id && id != row.Id) throw Errors.IdMismatch();
        if (given.Text("blob") is { } blob && row.Type.Equals("ec2", StringComparison.OrdinalIgnoreCase))
        {
            // The scope such keys were made with stays.
            var (before, after) = (Keys(box.OpenText(row.SealedBlob)), Keys(blob));
            if (before.TrustId != after.TrustId) throw Errors.Invalid("trust_id can not be updated for credential");
            if (before.AppCredId != after.AppCredId) throw Errors.Invalid("app_cred_id can not be updated for credential");
        }
        var changed = row with
        {
            UserId = given.Text("user_id") ?? row.UserId,
            ProjectId = given.Text("project_id", row.ProjectId),
            Type = given.Text("type") ?? row.Type,
            SealedBlob = given.Text("blob") is { } fresh ? box.Seal(fresh) : row.SealedBlob,
            Extra = given.Extra(Known, row.Extra),
        };
        // It must not change hands to someone the caller could not write for.
        call.Authorize("identity:update_credential", Target(changed));
        CheckLengths(changed);
        await credentials.Update(changed);
        return Answer.Json(("credential", View(call, changed)));
    }

    private async Task<Answer> Delete(Call call, CredentialRow row)
    {
        await delegation.RefuseForCredentials(call);
        await credentials.Delete(row.Id);
        return Answer.Empty;
    }

    // What is indexed must fit an index.
    private static void CheckLengths(CredentialRow row)
    {
        if (row.UserId.Length > 64) throw Errors.TooLong(row.UserId, "user_id", 64);
        if (row.ProjectId is { Length: > 64 } project) throw Errors.TooLong(project, "project_id", 64);
        if (row.Type.Length > 255) throw Errors.TooLong(row.Type, "type", 255);
    }

    private static Ec2Keys Keys(string blob)
    {
        try { using var _ = JsonDocument.Parse(blob); }
        catch (JsonException) { throw Errors.Invalid("Invalid blob in credential"); }
        return Ec2Keys.Read(blob) ?? throw Errors.Missing("access", "credential");
    }

    private CredentialView View(Call call, CredentialRow row) =>
        new(row.Id, row.UserId, row.ProjectId, row.Type, box.OpenText(row.SealedBlob), new($"{call.ServiceUrl}/v3/credentials/{row.Id}")) { Extra = row.Extra };
}
