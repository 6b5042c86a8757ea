using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.Tokens;

/// <summary>Writes the body of token answers.</summary>
internal static class TokenDocument
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="facts">The token.</param>
    /// <param name="root">Root of the cloud's URLs, or null to leave the catalog out.</param>
    public static byte[] Write(TokenFacts facts, string? root)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteStartObject("token");
            Head(json, facts);
            Scope(json, facts);
            Delegation(json, facts);
            if (facts.IsScoped)
            {
                json.WriteStartArray("roles");
                foreach (var role in facts.Roles) Named(json, role);
                json.WriteEndArray();
                if (root is not null)
                {
                    json.WritePropertyName("catalog");
                    facts.Catalog.Write(json, root, facts.Project?.Id, facts.User.Id);
                }
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Head(Utf8JsonWriter json, TokenFacts facts)
    {
        var token = facts.Token;
        json.WriteStartArray("methods");
        foreach (var method in token.Methods) json.WriteStringValue(method);
        json.WriteEndArray();
        json.WriteStartObject("user");
        Domain(json, facts.UserDomain);
        json.WriteString("id", facts.User.Id);
        json.WriteString("name", facts.User.Name);
        json.WriteString("password_expires_at", facts.PasswordExpiresAt is { } expires ? Wire.NoZone(expires) : null);
        json.WriteEndObject();
        json.WriteStartArray("audit_ids");
        json.WriteStringValue(token.AuditId);
        if (token.ParentAuditId is { } parent) json.WriteStringValue(parent);
        json.WriteEndArray();
        json.WriteString("expires_at", Wire.Microseconds(Whole(token.ExpiresAt)));
        json.WriteString("issued_at", Wire.Microseconds(Whole(token.IssuedAt)));
    }

    private static void Scope(Utf8JsonWriter json, TokenFacts facts)
    {
        if (facts.Project is { } project)
        {
            json.WriteStartObject("project");
            Domain(json, facts.ProjectDomain);
            json.WriteString("id", project.Id);
            json.WriteString("name", project.Name);
            json.WriteEndObject();
            json.WriteBoolean("is_domain", facts.IsDomainProject);
        }
        else if (facts.Domain is { } domain)
        {
            Domain(json, domain);
        }
        else if (facts.IsSystem)
        {
            json.WriteStartObject("system");
            json.WriteBoolean("all", true);
            json.WriteEndObject();
        }
    }

    private static void Delegation(Utf8JsonWriter json, TokenFacts facts)
    {
        if (facts.Trust is { } trust)
        {
            json.WriteStartObject("OS-TRUST:trust");
            json.WriteString("id", trust.Id);
            json.WriteStartObject("trustee_user");
            json.WriteString("id", trust.TrusteeId);
            json.WriteEndObject();
            json.WriteStartObject("trustor_user");
            json.WriteString("id", trust.TrustorId);
            json.WriteEndObject();
            json.WriteBoolean("impersonation", trust.Impersonation);
            json.WriteEndObject();
        }
        if (facts.AccessToken is { } lent)
        {
            json.WriteStartObject("OS-OAUTH1");
            json.WriteString("access_token_id", lent.Id);
            json.WriteString("consumer_id", lent.ConsumerId);
            json.WriteEndObject();
        }
        if (facts.ApplicationCredential is not { } credential) return;
        json.WriteStartObject("application_credential");
        json.WriteString("id", credential.Id);
        json.WriteString("name", credential.Name);
        json.WriteBoolean("restricted", !credential.Unrestricted);
        if (credential.AccessRules is { } rules)
        {
            json.WriteStartArray("access_rules");
            foreach (var rule in rules)
            {
                json.WriteStartObject();
                json.WriteString("path", rule.Path);
                json.WriteString("method", rule.Method);
                json.WriteString("service", rule.Service);
                json.WriteString("id", rule.Id);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Domain(Utf8JsonWriter json, Named? domain)
    {
        json.WritePropertyName("domain");
        if (domain is null) json.WriteNullValue();
        else Named(json, domain);
    }

    private static void Named(Utf8JsonWriter json, Named thing)
    {
        json.WriteStartObject();
        json.WriteString("id", thing.Id);
        json.WriteString("name", thing.Name);
        json.WriteEndObject();
    }

    // keystone's tokens know whole seconds.
    private static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
