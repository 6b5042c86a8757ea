using System.Security.Cryptography;
using Nephos.Contracts;
using Nephos.Identity.Assignments;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.OAuth1;

/// <summary>The three steps by which a consumer comes to a user's leave: it asks, the user authorizes, it exchanges.</summary>
internal sealed class OAuthTokensApi(IdentityDb db, IdentityOptions options, OAuthTokenTable tokens, OAuthProof proof, ProjectTable projects, ChosenRoles chosenRoles, ProjectRoles projectRoles,
    Delegation delegation, Sealed box)
{
    private const string Form = "application/x-www-form-urlencoded", Why = "The consumer's signature is the proof.";
    private const string VerifierLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int VerifierLength = 8;
    private static readonly SchemaHistory AuthorizeBody = SchemaHistory.Of(Schema.Object(("roles", Shapes.RoleRefs)));

    public void Map(RouteGroup v3)
    {
        v3.Post("/OS-OAUTH1/request_token", Ask).Public(Why).Returns(201).Fails(401, 404);
        v3.Post("/OS-OAUTH1/access_token", Exchange).Public(Why).Returns(201).Fails(401, 404);
        v3.Member("/OS-OAUTH1/authorize/{request_token_id}", new MemberOf<RequestTokenRow>(c => tokens.Request(c["request_token_id"]), _ => Errors.RequestTokenNotFound(), _ => []))
            .Put("", Authorize).Guard("identity:authorize_request_token").Body(() => AuthorizeBody).Fails(404);
    }

    private async Task<Answer> Ask(Call call)
    {
        var signed = SignedRequest.Of(call);
        var project = call.Header("Requested-Project-Id") is { Length: > 0 } id ? id : throw Errors.Missing("Requested-Project-Id", "request");
        var consumer = await proof.Consumer(signed);
        call.Initiator = new(consumer.Id);
        await proof.Require(signed, consumer, "");
        if (await projects.Find(project) is null) throw Errors.ProjectNotFound(project);
        var secret = NewId.Hex();
        var row = new RequestTokenRow(NewId.Hex(), consumer.Id, project, box.Seal(secret), After(options.RequestTokenLifetime), null, null, []);
        call.TargetIds = [row.Id];
        await db.InTransaction(() => tokens.Insert(row));
        return Shown(row.Id, secret, row.ExpiresAt);
    }

    private async Task<Answer> Authorize(Call call, RequestTokenRow asked)
    {
        var token = await delegation.ForOAuth(call);
        if (asked.ExpiresAt < db.Now) throw Errors.Unauthorized();
        var chosen = await chosenRoles.Ids(new Fields(call.Json).List("roles"));
        // Only what the user has there can be lent.
        var project = await projects.Find(asked.ProjectId) ?? throw Errors.Unauthorized();
        var have = await projectRoles.Of(token.Token.UserId, project);
        if (!chosen.TrueForAll(id => have.Any(r => r.Id == id))) throw Errors.Unauthorized();
        var verifier = new string(RandomNumberGenerator.GetItems<char>(VerifierLetters, VerifierLength));
        await tokens.Authorize(asked.Id, token.Token.UserId, verifier, chosen);
        return Answer.Json(("token", new Dictionary<string, string> { ["oauth_verifier"] = verifier }));
    }

    private async Task<Answer> Exchange(Call call)
    {
        var signed = SignedRequest.Of(call);
        var (consumerId, verifier) = (signed.Consumer, signed.Verifier);
        var asked = await tokens.Request(signed.Token) ?? throw Errors.RequestTokenNotFound();
        if (asked.ExpiresAt < db.Now || asked.ConsumerId != consumerId) throw Errors.Unauthorized();
        (call.Initiator, call.TargetIds) = (new(consumerId), [asked.Id]);
        await proof.Require(signed, await proof.Consumer(signed), box.OpenText(asked.SealedSecret));
        if (asked.UserId is null || asked.Verifier is null || !FixedTime.Equal(asked.Verifier, verifier)) throw Errors.Unauthorized();
        var secret = NewId.Hex();
        var row = new AccessTokenRow(NewId.Hex(), consumerId, asked.ProjectId, asked.UserId, box.Seal(secret), After(options.AccessTokenLifetime), asked.RoleIds, db.Now);
        await db.InTransaction(async () =>
        {
            if (!await tokens.TakeRequest(asked.Id)) throw Errors.RequestTokenNotFound();
            await tokens.Insert(row);
        });
        return Shown(row.Id, secret, row.ExpiresAt);
    }

    private DateTimeOffset? After(TimeSpan lifetime) => lifetime > TimeSpan.Zero ? db.Now + lifetime : null;

    private static Answer Shown(string id, string secret, DateTimeOffset? expires) =>
        Answer.Plain(Form, $"oauth_token={id}&oauth_token_secret={secret}" + (expires is { } at ? "&oauth_expires_at=" + Wire.Microseconds(at) : ""));
}
