using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Kernel.Convergence;

namespace Nephos.Identity.Audit;

/// <summary>What keystone's events call its things.</summary>
internal static class AuditKinds
{
    public const string Service = "service/security", User = "service/security/account/user", Token = "data/security/token", Credential = "data/security/credential";
    public const string Granted = "create/role_assignment", Revoked = "delete/role_assignment";
    private const string Group = "data/security/group", Project = "data/security/project", Role = "data/security/role", Trust = "data/security/trust", Consumer = "data/security/account";

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["users"] = "data/security/account/user",
        ["users/credentials/OS-EC2"] = Credential,
        ["users/application_credentials"] = Credential,
        ["users/OS-OAUTH1/access_tokens"] = Credential,
        ["groups"] = Group,
        ["projects"] = Project,
        ["tenants"] = Project,
        ["domains"] = "data/security/domain",
        ["roles"] = Role,
        ["OS-KSADM/roles"] = Role,
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

    /// <summary>Who is given a role: a user or a group.</summary>
    public static string Of(string actor) => actor == "user" ? User : Group;

    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AuditTable>().AddSingleton<AuditTrail>().AddSingleton<IAuditTrail>(s => s.GetRequiredService<AuditTrail>())
        .AddHostedService(s => s.GetRequiredService<AuditTrail>()).AddLoop<AuditPurge>().AddSingleton<AuditApi>();
}
