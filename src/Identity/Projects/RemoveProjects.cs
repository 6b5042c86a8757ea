using Nephos.Identity.Assignments;
using Nephos.Identity.Credentials;
using Nephos.Identity.Groups;
using Nephos.Identity.Limits;
using Nephos.Identity.Roles;
using Nephos.Identity.Tokens;
using Nephos.Identity.Trusts;
using Nephos.Identity.Users;

namespace Nephos.Identity.Projects;

/// <summary>Removes projects and domains with all that hangs on them here; inside a transaction.</summary>
internal sealed class RemoveProjects(ProjectTable projects, UserTable users, GroupTable groups, AssignmentTable assignments, CredentialTable credentials,
    TrustTable trusts, LimitTable limits, RoleTable roles, RevocationTable revocations, RemoveUsers removeUsers)
{
    public async Task Project(string id)
    {
        await All([id]);
        await revocations.Revoke("project:" + id);
    }

    public async Task Domain(string domain)
    {
        await removeUsers.All(await users.OfDomain(domain));
        var itsGroups = await groups.OfDomain(domain);
        await assignments.RemoveActors("group", itsGroups);
        await groups.Delete(itsGroups);
        await All(await projects.OfDomain(domain));
        await roles.DeleteOfDomain(domain);
        await limits.DeleteOfDomain(domain);
        await All([domain]);
        await revocations.Revoke("domain:" + domain);
    }

    private async Task All(IReadOnlyList<string> ids)
    {
        await assignments.RemoveTargets(ids);
        await credentials.DeleteOfProjects(ids);
        await trusts.DeleteOfProjects(ids);
        await users.ForgetDefaultProjects(ids);
        await limits.DeleteOfProjects(ids);
        await projects.Delete(ids);
    }
}
