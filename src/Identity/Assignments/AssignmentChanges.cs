using Nephos.Identity.ApplicationCredentials;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;

namespace Nephos.Identity.Assignments;

/// <summary>What both versions of the API do to assignments.</summary>
internal sealed class AssignmentChanges(AssignmentTable assignments, ApplicationCredentialTable credentials, Epoch epoch)
{
    public Task Add(AssignmentRow row) => epoch.Change(Happened.Created("role_assignment", row.RoleId), () => assignments.Add(row));

    /// <summary>False if it was not there.</summary>
    public Task<bool> Remove(AssignmentRow row) => epoch.Change(Happened.Deleted("role_assignment", row.RoleId), () => Take(row));

    /// <summary>The same inside another change.</summary>
    public async Task<bool> Take(AssignmentRow row)
    {
        if (!await assignments.Remove(row)) return false;
        // upstream: without a role on the project the user's application credentials for it are gone, and do not come back with the role.
        if (row is { ActorKind: "user", TargetKind: "project" }) await credentials.DeleteOfProject(row.ActorId, row.TargetId);
        return true;
    }
}
