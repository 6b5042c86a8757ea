using System.Globalization;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.OAuth1;

/// <summary>A request with OAuth parameters in its <c>Authorization</c> header.</summary>
internal sealed class SignedRequest
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private const int MaxNonce = 64;
    private readonly List<KeyValuePair<string, string>> _oauth;
    private readonly Call _call;

    private SignedRequest(Call call, List<KeyValuePair<string, string>> oauth) => (_call, _oauth) = (call, oauth);

    public string Consumer => this["oauth_consumer_key"];
    public string Token => this["oauth_token"];
    public string Verifier => this["oauth_verifier"];

    /// <summary>A parameter.</summary>
    /// <exception cref="Fault">When it is not there.</exception>
    private string this[string name] => Find(name) is { Length: > 0 } value ? value : throw Errors.Missing(name, "request");

    /// <exception cref="Fault">Without such a header.</exception>
    public static SignedRequest Of(Call call)
    {
        if (call.Header("Authorization") is not { } header || !header.StartsWith("OAuth ", StringComparison.OrdinalIgnoreCase)) throw Errors.Missing("Authorization: OAuth", "headers");
        var oauth = new List<KeyValuePair<string, string>>();
        foreach (var part in header[6..].Split(','))
            if (part.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value] && name is not "realm")
                oauth.Add(new(Uri.UnescapeDataString(name), Uri.UnescapeDataString(value.Trim('"'))));
        return new(call, oauth);
    }

    /// <summary>Checks everything about the request but its signature.</summary>
    /// <returns>When it was signed, and the nonce.</returns>
    public (long SignedAt, string Nonce) Check(DateTimeOffset now)
    {
        if (_oauth.DistinctBy(p => p.Key).Count() != _oauth.Count) throw Errors.OAuth("invalid_request", "Duplicate OAuth1 entries.");
        if (Find("oauth_signature") is null || Find("oauth_consumer_key") is null || Find("oauth_nonce") is not { Length: > 0 and <= MaxNonce } nonce
            || Find("oauth_timestamp") is not { } stamp || Find("oauth_signature_method") is not { } method) throw Errors.OAuth("invalid_request", "Missing mandatory OAuth parameters.");
        if (!OAuthSignature.Methods.Contains(method)) throw Errors.OAuth("invalid_signature_method", $"Invalid signature, {method} not in {string.Join(", ", OAuthSignature.Methods)}.");
        if (Find("oauth_version") is not (null or "1.0")) throw Errors.OAuth("invalid_request", "Invalid OAuth version.");
        if (!long.TryParse(stamp, NumberStyles.None, CultureInfo.InvariantCulture, out var signedAt)) throw Errors.OAuth("invalid_request", "Timestamp must be an integer.");
        if (Math.Abs(now.ToUnixTimeSeconds() - signedAt) > Lifetime.TotalSeconds) throw Errors.OAuth("invalid_request", $"Timestamp given is invalid, differ from allowed by over {Lifetime.TotalSeconds} seconds.");
        return (signedAt, nonce);
    }

    public bool IsSignedWith(string consumerSecret, string tokenSecret)
    {
        var text = OAuthSignature.BaseString(_call.Method, _call.ServiceUrl + _call.Path, [.. _oauth, .. _call.Query.Pairs]);
        var right = Convert.ToBase64String(OAuthSignature.Of(this["oauth_signature_method"], text, consumerSecret, tokenSecret));
        return FixedTime.Equal(right, this["oauth_signature"]);
    }

    /// <summary>Nonces are of no use any more when they were signed before this.</summary>
    public static long ForgetBefore(DateTimeOffset now) => (now - Lifetime).ToUnixTimeSeconds();

    private string? Find(string name) => _oauth.Find(p => p.Key == name).Value;
}
