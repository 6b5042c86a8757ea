using Nephos.Identity.ApplicationCredentials;
using Nephos.Identity.Assignments;
using Nephos.Identity.Credentials;
using Nephos.Identity.Tokens;
using Nephos.Identity.Trusts;

namespace Nephos.Identity.Users;

/// <summary>Removes a user and all that is the user's here; inside a transaction.</summary>
internal sealed class RemoveUser(ApplicationCredentialTable applicationCredentials, UserTable users, AssignmentTable assignments, CredentialTable credentials, TrustTable trusts, RevocationTable revocations)
{
    public async Task Run(string user)
    {
        await assignments.RemoveActor("user", user);
        await credentials.DeleteOfUser(user);
        await trusts.DeleteOfUser(user);
        // Rules are named by credentials: those first, both go with the user.
        await applicationCredentials.DeleteOfUser(user);
        await users.Delete(user);
        await revocations.Revoke("user:" + user);
    }
}
