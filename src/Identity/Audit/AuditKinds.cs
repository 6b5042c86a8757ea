using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Kernel.Convergence;

namespace Nephos.Identity.Audit;

/// <summary>What keystone's events call its things.</summary>
internal static class AuditKinds
{
    public const string Service = "service/security", User = "service/security/account/user", Token = "data/security/token", Credential = "data/security/credential";
    private const string Project = "data/security/project", Role = "data/security/role", Trust = "data/security/trust", Consumer = "data/security/account";

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["users"] = "data/security/account/user",
        ["users/credentials/OS-EC2"] = Credential,
        ["users/application_credentials"] = Credential,
        ["users/OS-OAUTH1/access_tokens"] = Credential,
        ["groups"] = "data/security/group",
        ["groups/users"] = "data/security/account/user",
        ["projects"] = Project,
        ["tenants"] = Project,
        ["domains"] = "data/security/domain",
        ["roles"] = Role,
        ["OS-KSADM/roles"] = Role,
        ["projects/users/roles"] = Role,
        ["projects/groups/roles"] = Role,
        ["domains/users/roles"] = Role,
        ["domains/groups/roles"] = Role,
        ["system/users/roles"] = Role,
        ["system/groups/roles"] = Role,
        ["tenants/users/roles/OS-KSADM"] = Role,
        ["regions"] = "data/security/region",
        ["services"] = "data/security/service",
        ["OS-KSADM/services"] = "data/security/service",
        ["endpoints"] = "data/security/endpoint",
        ["policies"] = "data/security/policy",
        ["credentials"] = Credential,
        ["OS-TRUST/trusts"] = Trust,
        ["OS-OAUTH1/consumers"] = Consumer,
        ["OS-OAUTH1/request_token"] = Credential,
        ["OS-OAUTH1/access_token"] = Credential,
        ["OS-OAUTH1/authorize"] = Credential,
        ["auth/tokens"] = Token,
        ["tokens"] = Token,
    };

    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AuditTable>().AddSingleton<AuditTrail>().AddSingleton<IAuditTrail>(s => s.GetRequiredService<AuditTrail>())
        .AddHostedService(s => s.GetRequiredService<AuditTrail>()).AddLoop<AuditPurge>().AddSingleton<AuditApi>();
}
