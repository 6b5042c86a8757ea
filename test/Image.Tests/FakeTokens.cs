using Nephos.Contracts;

namespace Nephos.Image.Tests;

/// <summary>A token is <c>project:role,role</c>.</summary>
internal sealed class FakeTokens : ITokens
{
    public ValueTask<Caller?> Validate(string token, CancellationToken ct)
    {
        var parts = token.Split(':');
        return new(parts.Length != 2 ? null : new Caller
        {
            UserId = "u-" + parts[0], UserName = parts[0], UserDomainId = "default", ProjectId = parts[0], ProjectName = parts[0], ProjectDomainId = "default",
            Roles = parts[1].Split(','), ExpiresAt = DateTimeOffset.MaxValue,
        });
    }
}
