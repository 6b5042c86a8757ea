using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Identity.Shared;

namespace Nephos.Identity;

/// <summary>
/// The token with which an empty identity can be filled, if the operator sets one (<c>admin_token</c>). Whoever knows it is an administrator
/// of the system, here and in no other service.
/// </summary>
internal sealed class AdminToken
{
    private readonly string? _token;

    private static readonly Caller Administrator = new()
    {
        UserId = "admin_token", UserName = "admin_token", UserDomainId = "default", Roles = ["admin"], IsSystem = true, ExpiresAt = DateTimeOffset.MaxValue,
    };

    public AdminToken(IdentityOptions options, ILogger<AdminToken> log)
    {
        _token = options.AdminToken?.Reveal();
        if (_token is not null) log.LogWarning("identity.conf sets admin_token: whoever knows it may do anything in identity. Remove it when there is an administrator.");
    }

    /// <summary>The caller with this token, if it is the one.</summary>
    public Caller? Caller(string token) => _token is not null && FixedTime.Equal(token, _token) ? Administrator : null;
}
