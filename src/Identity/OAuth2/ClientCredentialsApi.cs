using System.Text;
using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.Audit;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;

namespace Nephos.Identity.OAuth2;

/// <summary>POST /v3/OS-OAUTH2/token: OAuth 2.0's client credentials grant; the client is an application credential.</summary>
internal sealed class ClientCredentialsApi(Login login)
{
    private sealed record Client(string Id, string Secret);

    private sealed record Refusal(string Error, string ErrorDescription);

    public void Map(RouteGroup v3) => v3.Post("/OS-OAUTH2/token", Issue).Public("The client's secret is the proof.").Audited("authenticate", AuditKinds.User).Raw().Fails(413);

    private async Task<Answer> Issue(Call call)
    {
        if (call.Header("Authorization") is not { Length: > 0 } authorization) return Refused(call, 401, "invalid_client", "OAuth2.0 client authorization is required.");
        var scheme = authorization.Split(' ', 2)[0].ToLowerInvariant();
        if (scheme != "basic") return Refused(call, 401, "invalid_client", $"OAuth2.0 client authorization type {scheme} is not supported.");
        if (Read(authorization) is not { } client) return Refused(call, 401, "invalid_client", "OAuth2.0 client authorization is invalid.");
        var grant = (await call.Form())["grant_type"];
        if (grant is null) return Refused(call, 400, "invalid_request", "The parameter grant_type is required.");
        if (grant != "client_credentials") return Refused(call, 400, "unsupported_grant_type", $"The parameter grant_type {grant} is not supported.");
        var auth = JsonSerializer.SerializeToElement(new { identity = new { methods = (string[])["application_credential"], application_credential = new { id = client.Id, secret = client.Secret } } });
        try
        {
            var (text, facts) = await login.Run(call, auth);
            return Answer.Json(("access_token", text), ("token_type", "Bearer"), ("expires_in", (long)(facts.Token.ExpiresAt - facts.Token.IssuedAt).TotalSeconds)).With("Cache-Control", "no-store");
        }
        catch (MoreFactorsNeeded) { return Refused(call, 401, "invalid_client", Errors.Unauthorized().Message); }
        catch (Fault e) when (e.Kind is FaultKind.Unauthenticated or FaultKind.Invalid)
        {
            return Refused(call, (int)e.Kind, e.Kind == FaultKind.Invalid ? "invalid_request" : "invalid_client", e.Message);
        }
        catch (Fault e)
        {
            return Refused(call, (int)e.Kind, "other_error", "An unknown error occurred and failed to get an OAuth2.0 access token.");
        }
    }

    private static Client? Read(string authorization)
    {
        var bytes = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization["basic".Length..].Trim(), bytes, out var length)) return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return pair is [{ Length: > 0 } id, { Length: > 0 } secret] ? new(id, secret) : null;
    }

    private static Answer Refused(Call call, int status, string error, string why)
    {
        var answer = Answer.JsonValue(new Refusal(error, why)).As(status);
        return status == 401 ? answer.With("WWW-Authenticate", $"Keystone uri=\"{call.ServiceUrl}\"") : answer;
    }
}
