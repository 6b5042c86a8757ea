using Nephos.Contracts;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Credentials;

internal sealed record Ec2View(string UserId, string? TenantId, string Access, string? Secret, string? TrustId, SelfLink Links);

/// <summary>/v3/users/{id}/credentials/OS-EC2: access and secret keys, made and kept as credentials of type ec2.</summary>
internal sealed class Ec2CredentialsApi(IdentityDb db, CredentialTable credentials, UserTable users, ProjectTable projects, Sealed box, Delegation delegation)
{
    private const string Base = "/users/{user_id}/credentials/OS-EC2";
    private static readonly SchemaHistory CreateBody = SchemaHistory.Of(Schema.Object(("tenant_id", Schema.Of("string"))).Require("tenant_id"));

    /// <param name="version">Of the API: both have it.</param>
    /// <param name="made">Status of success.</param>
    public void Map(RouteGroup version, int made)
    {
        version.Get(Base, List).Guard("identity:ec2_list_credentials").Target(call => new() { ["user_id"] = call["user_id"] }).Fails(404);
        version.Post(Base, Create).Guard("identity:ec2_create_credential").Target(call => new() { ["target.credential.user_id"] = call["user_id"] }).Body(() => CreateBody).Returns(made).Fails(404);
        var one = version.Member(Base + "/{credential_id}", new MemberOf<CredentialRow>(
            async c => await credentials.Find(Ec2Keys.IdOf(c["credential_id"])) is { Type: "ec2" } row && row.UserId == c["user_id"]
                // As upstream: what is not there is 404 for everybody.
                ? row : throw Errors.CredentialNotFound(Ec2Keys.IdOf(c["credential_id"])), c => Errors.CredentialNotFound(Ec2Keys.IdOf(c["credential_id"])), CredentialsApi.Target));
        one.Get("", Show).Guard("identity:ec2_get_credential");
        one.Delete("", Delete).Guard("identity:ec2_delete_credential");
    }

    private async Task<Answer> List(Call call)
    {
        await delegation.RefuseForCredentials(call);
        if (await users.Find(call["user_id"]) is not { } user) throw Errors.UserNotFound(call["user_id"]);
        return Listing.Answer(call, "credentials", [.. (await credentials.OfUser(user.Id, "ec2")).Select(c => View(call, c))]);
    }

    private async Task<Answer> Create(Call call)
    {
        var facts = await delegation.Of(call);
        await delegation.RefuseForCredentials(call);
        if (await users.Find(call["user_id"]) is not { } user) throw Errors.UserNotFound(call["user_id"]);
        var tenant = call.Json.GetProperty("tenant_id").GetString()!;
        if (await projects.Find(tenant) is null) throw Errors.ProjectNotFound(tenant);
        var keys = new Ec2Keys(NewId.Hex(), NewId.Hex(), facts.Trust?.Id);
        var row = new CredentialRow(Ec2Keys.IdOf(keys.Access), user.Id, tenant, "ec2", box.Seal(StoredJson.Write(keys)), [], db.Now);
        await credentials.Insert(row);
        return Answer.Json(("credential", View(call, row)));
    }

    private async Task<Answer> Show(Call call, CredentialRow row)
    {
        await delegation.RefuseForCredentials(call);
        return Answer.Json(("credential", View(call, row)));
    }

    private async Task<Answer> Delete(Call call, CredentialRow row)
    {
        await delegation.RefuseForCredentials(call);
        await credentials.Delete(row.Id);
        return Answer.Empty;
    }

    private Ec2View View(Call call, CredentialRow row)
    {
        var keys = Ec2Keys.Read(box.OpenText(row.SealedBlob))!;
        return new(row.UserId, row.ProjectId, keys.Access, keys.Secret, keys.TrustId, new($"{call.ServiceUrl}/v3/users/{row.UserId}/credentials/OS-EC2/{keys.Access}"));
    }
}
