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
    TrustTable trusts, LimitTable limits, RoleTable roles, RevocationTable revocations, RemoveUser removeUser)
{
    public async Task Projects(IReadOnlyList<string> ids)
    {
        await assignments.RemoveTargets(ids);
        await credentials.DeleteOfProjects(ids);
        await trusts.DeleteOfProjects(ids);
        await users.ForgetDefaultProjects(ids);
        await limits.DeleteOfProjects(ids);
        await projects.Delete(ids);
        await revocations.Revoke(ids.Select(id => "project:" + id));
    }

    public async Task Domain(string domain)
    {
        foreach (var user in await users.OfDomain(domain)) await removeUser.Run(user);
        foreach (var group in await groups.OfDomain(domain))
        {
            await assignments.RemoveActor("group", group);
            await groups.Delete(group);
        }
        await Projects(await projects.OfDomain(domain));
        await roles.DeleteOfDomain(domain);
        await limits.DeleteOfDomain(domain);
        await Projects([domain]);
        await revocations.Revoke("domain:" + domain);
    }
}
