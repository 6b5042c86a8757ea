using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Identity.ApplicationCredentials;
using Nephos.Identity.Assignments;
using Nephos.Identity.Audit;
using Nephos.Identity.Catalog;
using Nephos.Identity.Credentials;
using Nephos.Identity.DomainConfigs;
using Nephos.Identity.EndpointFilters;
using Nephos.Identity.Groups;
using Nephos.Identity.Limits;
using Nephos.Identity.OAuth1;
using Nephos.Identity.OAuth2;
using Nephos.Identity.Policies;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Trusts;
using Nephos.Identity.Users;
using Nephos.Identity.Versions;
using Nephos.Kernel.Api;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using static Nephos.Identity.VersionTwo.VersionTwo;

namespace Nephos.Identity;

/// <summary>The doors of identity (keystone, v3.14 and v2.0).</summary>
public static class IdentityService
{
    /// <summary>Registers identity.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services, IdentityOptions options) => services
        .AddServiceData<IdentityDb>().AddAudit()
        .AddSingleton(options).AddSingleton<Sealed>()
        .AddSingleton<UserTable>().AddSingleton<ProjectTable>().AddSingleton<GroupTable>().AddSingleton<RoleTable>().AddSingleton<AssignmentTable>().AddSingleton<CatalogTable>()
        .AddSingleton<CredentialTable>().AddSingleton<ApplicationCredentialTable>().AddSingleton<TrustTable>().AddSingleton<RevocationTable>()
        .AddSingleton<UserChanges>().AddSingleton<ProjectChanges>().AddSingleton<RoleChanges>().AddSingleton<AssignmentChanges>().AddSingleton<CatalogChanges>()
        .AddSingleton<AdminToken>().AddVersionTwo()
        .AddSingleton<Passwords>().AddSingleton<OldPasswordTable>().AddSingleton<FailedLoginTable>().AddSingleton<NewPasswords>().AddSingleton<Lockout>().AddSingleton<Inactivity>().AddSingleton<PasswordProof>()
        .AddLoop<DisableInactiveUsers>().AddSingleton<UsedCodeTable>().AddSingleton<OneTimeCodes>().AddSingleton<UserScopes>().AddSingleton<ProjectRoles>().AddSingleton<ProjectTree>().AddSingleton<RemoveUsers>().AddSingleton<RemoveProjects>()
        .AddSingleton<Epoch>().AddSingleton<EpochCache>().AddSingleton<TokenKeyTable>().AddSingleton<TokenKeys>().AddLoop<KeyRotation>().AddSingleton<TokenResolver>().AddSingleton<TokenService>()
        .AddSingleton<DomainOptionTable>().AddSingleton<EndpointFilterTable>().AddSingleton<EndpointFilter>()
        .AddSingleton<LimitTable>().AddSingleton<PolicyTable>().AddSingleton<AssignmentSearch>().AddSingleton<Redelegation>().AddSingleton<TrustUse>().AddSingleton<Delegation>().AddSingleton<ChosenRoles>()
        .AddSingleton<ConsumerTable>().AddSingleton<OAuthTokenTable>().AddSingleton<OAuthProof>().AddSingleton<KeyTokens>().AddSingleton<PolicyAssociationTable>()
        .AddSingleton<ScopeLookup>().AddSingleton<Receipts>().AddSingleton<LimitHierarchy>().AddSingleton<UserProof>().AddSingleton<Login>()
        .AddSingleton<TokensApi>().AddSingleton<AuthScopesApi>().AddSingleton<UsersApi>().AddSingleton<GroupsApi>().AddSingleton<ProjectsApi>().AddSingleton<TagsApi>().AddSingleton<DomainsApi>()
        .AddSingleton<RolesApi>().AddSingleton<ImpliedRolesApi>().AddSingleton<GrantsApi>().AddSingleton<SystemGrantsApi>()
        .AddSingleton<RoleAssignmentsApi>().AddSingleton<ApplicationCredentialsApi>().AddSingleton<AccessRulesApi>().AddSingleton<TrustsApi>()
        .AddSingleton<CredentialsApi>().AddSingleton<Ec2CredentialsApi>().AddSingleton<Ec2TokensApi>().AddSingleton<RegisteredLimitsApi>().AddSingleton<LimitsApi>().AddSingleton<PoliciesApi>()
        .AddSingleton<RevocationEventsApi>().AddSingleton<DomainConfigApi>().AddSingleton<EndpointGroupsApi>().AddSingleton<ProjectEndpointsApi>()
        .AddSingleton<ConsumersApi>().AddSingleton<OAuthTokensApi>().AddSingleton<AccessTokensApi>().AddSingleton<ClientCredentialsApi>().AddSingleton<S3TokensApi>().AddSingleton<PolicyAssociationsApi>()
        .AddSingleton<RegionsApi>().AddSingleton<ServicesApi>().AddSingleton<EndpointsApi>()
        .AddSingleton<ITokens>(s => s.GetRequiredService<TokenService>())
        .AddSingleton<IIdentity, IdentityContract>()
        .AddSingleton<IIdentityBootstrap, Bootstrap>()
        .AddSingleton<SealedTable>().AddSingleton<IStateKeys, StateKeys>();

    /// <summary>Mounts the API.</summary>
    public static void MapIdentity(this IServiceProvider services)
    {
        var api = new ServiceApi
        {
            Type = "identity",
            ClassicPorts = [5000, 35357],
            Face = new KeystoneFace(),
            Order = CheckOrder.LoadPolicyBody,
            HeadAsGet = true,
            Times = TimeStyle.Microseconds,
            OwnCaller = services.GetRequiredService<AdminToken>().Caller,
            SegmentsInLogs = SegmentsInLogs,
            AuditKind = AuditKinds.Service,
            AuditKinds = AuditKinds.All,
        };
        IdentityRules.Share(api);
        VersionsApi.Map(api);
        var v3 = api.Group("/v3");
        services.GetRequiredService<TokensApi>().Map(v3);
        services.GetRequiredService<AuthScopesApi>().Map(v3);
        services.GetRequiredService<UsersApi>().Map(v3);
        services.GetRequiredService<GroupsApi>().Map(v3);
        services.GetRequiredService<ProjectsApi>().Map(v3);
        services.GetRequiredService<TagsApi>().Map(v3);
        services.GetRequiredService<DomainsApi>().Map(v3);
        services.GetRequiredService<RolesApi>().Map(api, v3);
        services.GetRequiredService<ImpliedRolesApi>().Map(v3);
        services.GetRequiredService<GrantsApi>().Map(v3);
        services.GetRequiredService<SystemGrantsApi>().Map(v3);
        services.GetRequiredService<RegionsApi>().Map(v3);
        services.GetRequiredService<ServicesApi>().Map(v3);
        services.GetRequiredService<EndpointsApi>().Map(v3);
        services.GetRequiredService<RoleAssignmentsApi>().Map(api, v3);
        services.GetRequiredService<ApplicationCredentialsApi>().Map(v3);
        services.GetRequiredService<AccessRulesApi>().Map(v3);
        services.GetRequiredService<TrustsApi>().Map(api, v3);
        services.GetRequiredService<CredentialsApi>().Map(v3);
        services.GetRequiredService<Ec2CredentialsApi>().Map(v3, made: 201);
        services.GetRequiredService<Ec2TokensApi>().Map(v3);
        services.GetRequiredService<RegisteredLimitsApi>().Map(v3);
        services.GetRequiredService<LimitsApi>().Map(v3);
        services.GetRequiredService<PoliciesApi>().Map(v3);
        services.GetRequiredService<RevocationEventsApi>().Map(v3);
        services.GetRequiredService<DomainConfigApi>().Map(v3);
        services.GetRequiredService<EndpointGroupsApi>().Map(v3);
        services.GetRequiredService<ProjectEndpointsApi>().Map(v3);
        services.GetRequiredService<ConsumersApi>().Map(v3);
        services.GetRequiredService<OAuthTokensApi>().Map(v3);
        services.GetRequiredService<AccessTokensApi>().Map(v3);
        services.GetRequiredService<ClientCredentialsApi>().Map(v3);
        services.GetRequiredService<S3TokensApi>().Map(v3);
        services.GetRequiredService<PolicyAssociationsApi>().Map(v3);
        services.GetRequiredService<AuditApi>().Map(v3);
        PkiApi.Map(v3);
        services.MapVersionTwo(api);
        services.GetRequiredService<Gateway>().Mount(api);
    }
}
