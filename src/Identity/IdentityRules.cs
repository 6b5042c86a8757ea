using Nephos.Kernel.Api;

namespace Nephos.Identity;

/// <summary>A rule of identity: its default and the scopes of tokens it is for (null: any).</summary>
internal sealed record IdentityRule(string Text, string[]? Scopes, string Description);

/// <summary>Every rule of identity with upstream's newest default, so that a route needs to say only the name.</summary>
internal static class IdentityRules
{
    private const string AdminRequired = "rule:admin_required";
    private const string AdminOrSystemReader = "rule:admin_required or (role:reader and system_scope:all)";
    private const string Anyone = "";
    private static readonly string[] All = ["system", "domain", "project"];
    private static readonly string[] SystemProject = ["system", "project"];
    private static readonly string[] ProjectOnly = ["project"];

    private static readonly Dictionary<string, IdentityRule> Rules = new(StringComparer.Ordinal)
    {
        ["identity:list_audit_events"] = new(AdminOrSystemReader, SystemProject, "List what was done, by whom, and what came of it"),
        ["identity:get_access_rule"] = new("(role:reader and system_scope:all) or user_id:%(target.user.id)s", SystemProject, "Show access rule"),
        ["identity:list_access_rules"] = new("(role:reader and system_scope:all) or user_id:%(target.user.id)s", SystemProject, "List access rules"),
        ["identity:delete_access_rule"] = new("(role:admin and system_scope:all) or user_id:%(target.user.id)s", SystemProject, "Delete access rule"),
        ["identity:authorize_request_token"] = new(AdminRequired, ProjectOnly, "Authorize request token"),
        ["identity:get_access_token"] = new(AdminRequired, ProjectOnly, "Show access token"),
        ["identity:get_access_token_role"] = new(AdminRequired, ProjectOnly, "Show role of access token"),
        ["identity:list_access_tokens"] = new(AdminRequired, ProjectOnly, "List access tokens"),
        ["identity:list_access_token_roles"] = new(AdminRequired, ProjectOnly, "List roles of access token"),
        ["identity:delete_access_token"] = new(AdminRequired, ProjectOnly, "Delete access token"),
        ["identity:get_application_credential"] = new("(rule:admin_required) or (role:reader and system_scope:all) or rule:owner", SystemProject, "Show application credential"),
        ["identity:list_application_credentials"] = new("(rule:admin_required) or (role:reader and system_scope:all) or rule:owner", SystemProject, "List application credentials"),
        ["identity:create_application_credential"] = new("user_id:%(user_id)s", ProjectOnly, "Create application credential"),
        ["identity:delete_application_credential"] = new("rule:admin_or_owner", SystemProject, "Delete application credential"),
        ["identity:get_auth_catalog"] = new(Anyone, null, "Show auth catalog"),
        ["identity:get_auth_projects"] = new(Anyone, null, "Show auth projects"),
        ["identity:get_auth_domains"] = new(Anyone, null, "Show auth domains"),
        ["identity:get_auth_system"] = new(Anyone, null, "Show auth system"),
        ["identity:get_consumer"] = new(AdminOrSystemReader, SystemProject, "Show consumer"),
        ["identity:list_consumers"] = new(AdminOrSystemReader, SystemProject, "List consumers"),
        ["identity:create_consumer"] = new(AdminRequired, SystemProject, "Create consumer"),
        ["identity:update_consumer"] = new(AdminRequired, SystemProject, "Change consumer"),
        ["identity:delete_consumer"] = new(AdminRequired, SystemProject, "Delete consumer"),
        ["identity:get_credential"] = new("(rule:admin_required) or (role:reader and system_scope:all) or user_id:%(target.credential.user_id)s", All, "Show credential"),
        ["identity:list_credentials"] = new("(rule:admin_required) or (role:reader and system_scope:all) or user_id:%(target.credential.user_id)s", All, "List credentials"),
        ["identity:create_credential"] = new("(rule:admin_required) or user_id:%(target.credential.user_id)s", All, "Create credential"),
        ["identity:update_credential"] = new("(rule:admin_required) or user_id:%(target.credential.user_id)s", All, "Change credential"),
        ["identity:delete_credential"] = new("(rule:admin_required) or user_id:%(target.credential.user_id)s", All, "Delete credential"),
        ["identity:get_domain"] = new("rule:admin_required or (role:reader and system_scope:all) or token.domain.id:%(target.domain.id)s or token.project.domain.id:%(target.domain.id)s", All, "Show domain"),
        ["identity:list_domains"] = new("rule:admin_required or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.domain.id)s)", All, "List domains"),
        ["identity:create_domain"] = new(AdminRequired, SystemProject, "Create domain"),
        ["identity:update_domain"] = new(AdminRequired, SystemProject, "Change domain"),
        ["identity:delete_domain"] = new(AdminRequired, SystemProject, "Delete domain"),
        ["identity:create_domain_config"] = new(AdminRequired, SystemProject, "Create domain config"),
        ["identity:get_domain_config"] = new(AdminOrSystemReader, SystemProject, "Show domain config"),
        ["identity:get_security_compliance_domain_config"] = new(Anyone, All, "Show security compliance domain config"),
        ["identity:update_domain_config"] = new(AdminRequired, SystemProject, "Change domain config"),
        ["identity:delete_domain_config"] = new(AdminRequired, SystemProject, "Delete domain config"),
        ["identity:get_domain_config_default"] = new(AdminOrSystemReader, SystemProject, "Show domain config default"),
        ["identity:ec2_get_credential"] = new("(rule:admin_required) or (role:reader and system_scope:all) or user_id:%(target.credential.user_id)s", SystemProject, "ec2 get credential"),
        ["identity:ec2_list_credentials"] = new("(rule:admin_required) or (role:reader and system_scope:all) or rule:owner", SystemProject, "ec2 list credentials"),
        ["identity:ec2_create_credential"] = new("(rule:admin_required) or (role:member and user_id:%(target.credential.user_id)s)", SystemProject, "ec2 create credential"),
        ["identity:ec2_delete_credential"] = new("(rule:admin_required) or (role:member and user_id:%(target.credential.user_id)s)", SystemProject, "ec2 delete credential"),
        ["identity:ec2tokens_validate"] = new("rule:service_or_admin", All, "ec2tokens validate"),
        ["identity:s3tokens_validate"] = new("rule:service_or_admin", All, "s3tokens validate"),
        ["identity:get_endpoint"] = new(AdminOrSystemReader, SystemProject, "Show endpoint"),
        ["identity:list_endpoints"] = new(AdminOrSystemReader, SystemProject, "List endpoints"),
        ["identity:create_endpoint"] = new(AdminRequired, SystemProject, "Create endpoint"),
        ["identity:update_endpoint"] = new(AdminRequired, SystemProject, "Change endpoint"),
        ["identity:delete_endpoint"] = new(AdminRequired, SystemProject, "Delete endpoint"),
        ["identity:create_endpoint_group"] = new(AdminRequired, SystemProject, "Create endpoint group"),
        ["identity:list_endpoint_groups"] = new(AdminOrSystemReader, SystemProject, "List endpoint groups"),
        ["identity:get_endpoint_group"] = new(AdminOrSystemReader, SystemProject, "Show endpoint group"),
        ["identity:update_endpoint_group"] = new(AdminRequired, SystemProject, "Change endpoint group"),
        ["identity:delete_endpoint_group"] = new(AdminRequired, SystemProject, "Delete endpoint group"),
        ["identity:list_projects_associated_with_endpoint_group"] = new(AdminOrSystemReader, SystemProject, "List projects associated with endpoint group"),
        ["identity:list_endpoints_associated_with_endpoint_group"] = new(AdminOrSystemReader, SystemProject, "List endpoints associated with endpoint group"),
        ["identity:get_endpoint_group_in_project"] = new(AdminOrSystemReader, SystemProject, "Show endpoint group in project"),
        ["identity:list_endpoint_groups_for_project"] = new(AdminOrSystemReader, SystemProject, "List endpoint groups for project"),
        ["identity:add_endpoint_group_to_project"] = new(AdminRequired, SystemProject, "Add endpoint group to project"),
        ["identity:remove_endpoint_group_from_project"] = new(AdminRequired, SystemProject, "Remove endpoint group from project"),
        ["identity:check_grant"] = new("(rule:admin_required) or ((role:reader and system_scope:all) or ((role:reader and domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:reader and domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and (domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s))", All, "Check grant"),
        ["identity:list_grants"] = new("(rule:admin_required) or ((role:reader and system_scope:all) or (role:reader and domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:reader and domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s))", All, "List grants"),
        ["identity:create_grant"] = new("(rule:admin_required) or ((role:admin and domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:admin and domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and (domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s) or ((role:manager and domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:manager and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and rule:domain_managed_target_role", All, "Create grant"),
        ["identity:revoke_grant"] = new("(rule:admin_required) or ((role:admin and domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:admin and domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and (domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s) or ((role:manager and domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:manager and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and rule:domain_managed_target_role", All, "Revoke grant"),
        ["identity:list_system_grants_for_user"] = new(AdminOrSystemReader, SystemProject, "List system grants for user"),
        ["identity:check_system_grant_for_user"] = new(AdminOrSystemReader, SystemProject, "Check system grant for user"),
        ["identity:create_system_grant_for_user"] = new(AdminRequired, SystemProject, "Create system grant for user"),
        ["identity:revoke_system_grant_for_user"] = new(AdminRequired, SystemProject, "Revoke system grant for user"),
        ["identity:list_system_grants_for_group"] = new(AdminOrSystemReader, SystemProject, "List system grants for group"),
        ["identity:check_system_grant_for_group"] = new(AdminOrSystemReader, SystemProject, "Check system grant for group"),
        ["identity:create_system_grant_for_group"] = new(AdminRequired, SystemProject, "Create system grant for group"),
        ["identity:revoke_system_grant_for_group"] = new(AdminRequired, SystemProject, "Revoke system grant for group"),
        ["identity:get_group"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.group.domain_id)s)", All, "Show group"),
        ["identity:list_groups"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.group.domain_id)s)", All, "List groups"),
        ["identity:list_groups_for_user"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.user.domain_id)s) or user_id:%(user_id)s", All, "List groups for user"),
        ["identity:create_group"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s)", All, "Create group"),
        ["identity:update_group"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s)", All, "Change group"),
        ["identity:delete_group"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s)", All, "Delete group"),
        ["identity:list_users_in_group"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.group.domain_id)s)", All, "List users in group"),
        ["identity:remove_user_from_group"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)", All, "Remove user from group"),
        ["identity:check_user_in_group"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)", All, "Check user in group"),
        ["identity:add_user_to_group"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)", All, "Add user to group"),
        ["identity:get_implied_role"] = new(AdminOrSystemReader, SystemProject, "Show implied role"),
        ["identity:list_implied_roles"] = new(AdminOrSystemReader, SystemProject, "List implied roles"),
        ["identity:create_implied_role"] = new(AdminRequired, SystemProject, "Create implied role"),
        ["identity:delete_implied_role"] = new(AdminRequired, SystemProject, "Delete implied role"),
        ["identity:list_role_inference_rules"] = new(AdminOrSystemReader, SystemProject, "List role inference rules"),
        ["identity:check_implied_role"] = new(AdminOrSystemReader, SystemProject, "Check implied role"),
        ["identity:get_limit_model"] = new(Anyone, All, "Show limit model"),
        ["identity:get_limit"] = new("rule:admin_required or (role:reader and system_scope:all) or (domain_id:%(target.limit.domain.id)s or domain_id:%(target.limit.project.domain_id)s) or (project_id:%(target.limit.project_id)s and not None:%(target.limit.project_id)s)", All, "Show limit"),
        ["identity:list_limits"] = new(Anyone, All, "List limits"),
        ["identity:create_limits"] = new(AdminRequired, SystemProject, "Create limits"),
        ["identity:update_limit"] = new(AdminRequired, SystemProject, "Change limit"),
        ["identity:delete_limit"] = new(AdminRequired, SystemProject, "Delete limit"),
        ["identity:get_policy"] = new(AdminOrSystemReader, SystemProject, "Show policy"),
        ["identity:list_policies"] = new(AdminOrSystemReader, SystemProject, "List policies"),
        ["identity:create_policy"] = new(AdminRequired, SystemProject, "Create policy"),
        ["identity:update_policy"] = new(AdminRequired, SystemProject, "Change policy"),
        ["identity:delete_policy"] = new(AdminRequired, SystemProject, "Delete policy"),
        ["identity:create_policy_association_for_endpoint"] = new(AdminRequired, SystemProject, "Associate a policy with an endpoint"),
        ["identity:check_policy_association_for_endpoint"] = new(AdminOrSystemReader, SystemProject, "Check the association of a policy with an endpoint"),
        ["identity:delete_policy_association_for_endpoint"] = new(AdminRequired, SystemProject, "End the association of a policy with an endpoint"),
        ["identity:create_policy_association_for_service"] = new(AdminRequired, SystemProject, "Associate a policy with a service"),
        ["identity:check_policy_association_for_service"] = new(AdminOrSystemReader, SystemProject, "Check the association of a policy with a service"),
        ["identity:delete_policy_association_for_service"] = new(AdminRequired, SystemProject, "End the association of a policy with a service"),
        ["identity:create_policy_association_for_region_and_service"] = new(AdminRequired, SystemProject, "Associate a policy with a service in a region"),
        ["identity:check_policy_association_for_region_and_service"] = new(AdminOrSystemReader, SystemProject, "Check the association of a policy with a service in a region"),
        ["identity:delete_policy_association_for_region_and_service"] = new(AdminRequired, SystemProject, "End the association of a policy with a service in a region"),
        ["identity:get_policy_for_endpoint"] = new(AdminOrSystemReader, SystemProject, "Show the policy of an endpoint"),
        ["identity:list_endpoints_for_policy"] = new(AdminOrSystemReader, SystemProject, "List endpoints of a policy"),
        ["identity:get_project"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) or project_id:%(target.project.id)s", All, "Show project"),
        ["identity:list_projects"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.domain_id)s)", All, "List projects"),
        ["identity:list_user_projects"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s", All, "List user projects"),
        ["identity:create_project"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)", All, "Create project"),
        ["identity:update_project"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)", All, "Change project"),
        ["identity:delete_project"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)", All, "Delete project"),
        ["identity:list_project_tags"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) or project_id:%(target.project.id)s", All, "List project tags"),
        ["identity:get_project_tag"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) or project_id:%(target.project.id)s", All, "Show project tag"),
        ["identity:update_project_tags"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)", All, "Change project tags"),
        ["identity:create_project_tag"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)", All, "Create project tag"),
        ["identity:delete_project_tags"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)", All, "Delete project tags"),
        ["identity:delete_project_tag"] = new("(rule:admin_required) or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)", All, "Delete project tag"),
        ["identity:list_projects_for_endpoint"] = new(AdminOrSystemReader, SystemProject, "List projects for endpoint"),
        ["identity:add_endpoint_to_project"] = new(AdminRequired, SystemProject, "Add endpoint to project"),
        ["identity:check_endpoint_in_project"] = new(AdminOrSystemReader, SystemProject, "Check endpoint in project"),
        ["identity:list_endpoints_for_project"] = new(AdminOrSystemReader, SystemProject, "List endpoints for project"),
        ["identity:remove_endpoint_from_project"] = new(AdminRequired, SystemProject, "Remove endpoint from project"),
        ["identity:get_region"] = new(Anyone, All, "Show region"),
        ["identity:list_regions"] = new(Anyone, All, "List regions"),
        ["identity:create_region"] = new(AdminRequired, SystemProject, "Create region"),
        ["identity:update_region"] = new(AdminRequired, SystemProject, "Change region"),
        ["identity:delete_region"] = new(AdminRequired, SystemProject, "Delete region"),
        ["identity:get_registered_limit"] = new(Anyone, All, "Show registered limit"),
        ["identity:list_registered_limits"] = new(Anyone, All, "List registered limits"),
        ["identity:create_registered_limits"] = new(AdminRequired, SystemProject, "Create registered limits"),
        ["identity:update_registered_limit"] = new(AdminRequired, SystemProject, "Change registered limit"),
        ["identity:delete_registered_limit"] = new(AdminRequired, SystemProject, "Delete registered limit"),
        ["identity:list_revoke_events"] = new("rule:service_or_admin", SystemProject, "List revoke events"),
        ["identity:get_role"] = new("(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and rule:domain_managed_target_role)", All, "Show role"),
        ["identity:list_roles"] = new("(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and not domain_id:None)", All, "List roles"),
        ["identity:create_role"] = new(AdminRequired, SystemProject, "Create role"),
        ["identity:update_role"] = new(AdminRequired, SystemProject, "Change role"),
        ["identity:delete_role"] = new(AdminRequired, SystemProject, "Delete role"),
        ["identity:get_domain_role"] = new(AdminOrSystemReader, SystemProject, "Show domain role"),
        ["identity:list_domain_roles"] = new(AdminOrSystemReader, SystemProject, "List domain roles"),
        ["identity:create_domain_role"] = new(AdminRequired, SystemProject, "Create domain role"),
        ["identity:update_domain_role"] = new(AdminRequired, SystemProject, "Change domain role"),
        ["identity:delete_domain_role"] = new(AdminRequired, SystemProject, "Delete domain role"),
        ["identity:list_role_assignments"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.domain_id)s)", All, "List role assignments"),
        ["identity:list_role_assignments_for_tree"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.domain_id)s)", All, "List role assignments for tree"),
        ["identity:get_service"] = new(AdminOrSystemReader, SystemProject, "Show service"),
        ["identity:list_services"] = new(AdminOrSystemReader, SystemProject, "List services"),
        ["identity:create_service"] = new(AdminRequired, SystemProject, "Create service"),
        ["identity:update_service"] = new(AdminRequired, SystemProject, "Change service"),
        ["identity:delete_service"] = new(AdminRequired, SystemProject, "Delete service"),
        ["identity:check_token"] = new("rule:admin_required or (role:reader and system_scope:all) or rule:token_subject", All, "Check token"),
        ["identity:validate_token"] = new("rule:admin_required or (role:reader and system_scope:all) or rule:service_role or rule:token_subject", All, "Validate token"),
        ["identity:revoke_token"] = new("rule:admin_required or rule:token_subject", All, "Revoke token"),
        ["identity:create_trust"] = new("user_id:%(target.trust.trustor_user_id)s", ProjectOnly, "Create trust"),
        ["identity:list_trusts"] = new(AdminOrSystemReader, SystemProject, "List trusts"),
        ["identity:list_trusts_for_trustor"] = new("(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustor_user_id)s)", SystemProject, "List trusts for trustor"),
        ["identity:list_trusts_for_trustee"] = new("(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustee_user_id)s)", SystemProject, "List trusts for trustee"),
        ["identity:list_roles_for_trust"] = new("(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)", SystemProject, "List roles for trust"),
        ["identity:get_role_for_trust"] = new("(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)", SystemProject, "Show role for trust"),
        ["identity:delete_trust"] = new("rule:admin_required or user_id:%(target.trust.trustor_user_id)s", SystemProject, "Delete trust"),
        ["identity:get_trust"] = new("(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)", SystemProject, "Show trust"),
        ["identity:get_user"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s", All, "Show user"),
        ["identity:list_users"] = new("(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.domain_id)s)", All, "List users"),
        ["identity:list_projects_for_user"] = new(Anyone, null, "List projects for user"),
        ["identity:list_domains_for_user"] = new(Anyone, null, "List domains for user"),
        ["identity:create_user"] = new("(rule:admin_required) or (role:manager and token.domain.id:%(target.user.domain_id)s)", All, "Create user"),
        ["identity:update_user"] = new("(rule:admin_required) or (role:manager and token.domain.id:%(target.user.domain_id)s)", All, "Change user"),
        ["identity:delete_user"] = new("(rule:admin_required) or (role:manager and token.domain.id:%(target.user.domain_id)s)", All, "Delete user"),
    };

    /// <summary>Guards a route with a rule of the table.</summary>
    public static Route Guard(this Route route, string name)
    {
        var rule = Rules[name];
        route.Policy(name, rule.Text, rule.Description);
        return rule.Scopes is null ? route : route.Scopes(rule.Scopes);
    }

    /// <summary>A rule of the table that the handler asks about.</summary>
    public static Route AlsoGuard(this Route route, ServiceApi api, string name)
    {
        var rule = Rules[name];
        route.Also(name, rule.Text, rule.Description);
        if (rule.Scopes is not null) api.Policies.Restrict(name, rule.Scopes);
        return route;
    }

    /// <summary>Rules that others refer to.</summary>
    public static void Share(ServiceApi api)
    {
        api.SharedRule("admin_required", "role:admin or is_admin:1", "Administrators");
        api.SharedRule("service_role", "role:service", "Services of the cloud");
        api.SharedRule("service_or_admin", "rule:admin_required or rule:service_role", "Services and administrators");
        api.SharedRule("owner", "user_id:%(user_id)s", "The user it belongs to");
        api.SharedRule("admin_or_owner", "rule:admin_required or rule:owner", "The user it belongs to, and administrators");
        api.SharedRule("token_subject", "user_id:%(target.token.user_id)s", "The user of the token asked about");
        api.SharedRule("admin_or_token_subject", "rule:admin_required or rule:token_subject", "The user of the token asked about, and administrators");
        api.SharedRule("service_admin_or_token_subject", "rule:service_or_admin or rule:token_subject", "The user of the token asked about, services and administrators");
        api.SharedRule("domain_managed_target_role", "'manager':%(target.role.name)s or 'member':%(target.role.name)s or 'reader':%(target.role.name)s", "Roles that managers of a domain may give");
    }
}
