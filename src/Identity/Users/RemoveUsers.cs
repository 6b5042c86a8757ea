using Nephos.Identity.ApplicationCredentials;
using Nephos.Identity.Assignments;
using Nephos.Identity.Credentials;
using Nephos.Identity.Tokens;
using Nephos.Identity.Trusts;

namespace Nephos.Identity.Users;

/// <summary>Removes users and all that is theirs here; inside a transaction.</summary>
internal sealed class RemoveUsers(ApplicationCredentialTable applicationCredentials, UserTable users, AssignmentTable assignments, CredentialTable credentials, TrustTable trusts, RevocationTable revocations)
{
    public async Task One(string user)
    {
        await All([user]);
        await revocations.Revoke("user:" + user);
    }

    /// <summary>With their domain, whose revocation is theirs too.</summary>
    public async Task All(IReadOnlyList<string> ids)
    {
        await assignments.RemoveActors("user", ids);
        await credentials.DeleteOfUsers(ids);
        await trusts.DeleteOfUsers(ids);
        // Rules are named by credentials: those first, both go with the user.
        await applicationCredentials.DeleteOfUsers(ids);
        await users.Delete(ids);
    }
}
