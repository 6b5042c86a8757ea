namespace Nephos.Identity.Users;

/// <summary>Whether somebody is who they say, by the password. A stranger learns nothing: not that a user exists, is locked or disabled.</summary>
internal sealed class PasswordProof(IdentityDb db, UserTable users, Passwords passwords, Lockout lockout, Inactivity inactivity)
{
    /// <param name="user">Null for one who does not exist, which takes the same time.</param>
    /// <param name="password">As given.</param>
    /// <param name="evenExpired">True where the password is about to be changed.</param>
    /// <exception cref="Contracts.Fault">401.</exception>
    public async Task<UserRow> Require(UserRow? user, string password, bool evenExpired = false)
    {
        var locked = user is not null && await lockout.IsLocked(user);
        var right = await passwords.Check(password, locked ? null : user?.PasswordHash);
        if (user is null || locked) throw Errors.Unauthorized();
        if (!right)
        {
            await lockout.Failed(user);
            throw Errors.Unauthorized();
        }
        // Others may have failed while this one was being checked: guesses at the same time are guesses too.
        if (!user.Enabled || inactivity.IsInactive(user) || await lockout.IsLocked(user)) throw Errors.Unauthorized();
        if (!evenExpired && user.PasswordExpiresAt <= db.Now && !user.HasOption("ignore_password_expiry")) throw Errors.PasswordExpired(user.Id);
        await inactivity.Saw(user);
        if (!passwords.IsCurrent(user.PasswordHash!)) await users.Rehash(user.Id, user.PasswordHash!, await passwords.Hash(password));
        return user;
    }
}
