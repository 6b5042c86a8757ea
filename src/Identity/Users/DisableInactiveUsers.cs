using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Convergence;

namespace Nephos.Identity.Users;

/// <summary>Disables users who have been inactive for too long.</summary>
internal sealed class DisableInactiveUsers(Inactivity inactivity, UserTable users, RevocationTable revocations, Epoch epoch) : Loop
{
    public override string Name => "identity.inactive-users";

    public override TimeSpan Period => TimeSpan.FromHours(1);

    public override async Task<object> Run(CancellationToken ct)
    {
        var found = await inactivity.Find();
        foreach (var user in found)
            await epoch.Change(Happened.Updated("user", user.Id), async () =>
            {
                await users.Disable(user.Id);
                await revocations.Revoke("user:" + user.Id);
            });
        return new { disabled = found.Select(u => u.Id) };
    }
}
