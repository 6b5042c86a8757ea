using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Nephos.Identity.Shared;

namespace Nephos.Identity.Credentials;

/// <summary>What the blob of an EC2 credential holds. Its id is the hash of the access key, so that it is found by the key.</summary>
internal sealed record Ec2Keys(string Access, string? Secret, string? TrustId = null, string? AppCredId = null)
{
    public static string IdOf(string access) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(access)));

    /// <summary>Reads a blob; null if it is no object with an access key.</summary>
    public static Ec2Keys? Read(string blob)
    {
        try
        {
            using var document = JsonDocument.Parse(blob);
            var fields = new Fields(document.RootElement);
            return fields.Text("access") is { } access ? new(access, fields.Text("secret"), fields.Text("trust_id"), fields.Text("app_cred_id")) : null;
        }
        catch (JsonException) { return null; }
    }
}
