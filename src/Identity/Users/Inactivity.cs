namespace Nephos.Identity.Users;

/// <summary>Who has not logged in for too long, if the operator minds.</summary>
internal sealed class Inactivity(IdentityDb db, IdentityOptions options, UserTable users)
{
    private readonly int? _days = options.Compliance.InactiveDays;

    public bool IsInactive(UserRow user) => _days is { } days && !user.HasOption("ignore_user_inactivity") && Today - (user.LastActiveAt ?? user.CreatedAt).UtcDateTime.Date >= TimeSpan.FromDays(days);

    /// <summary>Remembers a login; written once a day.</summary>
    public Task Saw(UserRow user) => _days is null || user.LastActiveAt?.UtcDateTime.Date == Today ? Task.CompletedTask : users.Saw(user.Id);

    /// <summary>Enabled users who are inactive now.</summary>
    public async Task<List<UserRow>> Find() => _days is { } days ? [.. (await users.NotSeenSince(new DateTimeOffset(Today.AddDays(1 - days), TimeSpan.Zero))).Where(IsInactive)] : [];

    private DateTime Today => db.Now.UtcDateTime.Date;
}
