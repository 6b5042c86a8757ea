using Nephos.Contracts;

namespace Nephos.Identity;

/// <summary>Every failure of Identity that a user can see; the sentences are keystone's.</summary>
internal static class Errors
{
    private const string ClientError = "The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.";

    public static Fault Unauthorized() => new(FaultKind.Unauthenticated, "Unauthorized", "The request you have made requires authentication.");
    public static Fault Missing(string attribute, string target) => Fault.Invalid($"Expecting to find {attribute} in {target}. {ClientError}");
    public static Fault Invalid(string message) => Fault.Invalid(message);
    public static Fault ForbiddenAction(string action) => Fault.Forbidden($"You are not authorized to perform the requested action: {action}.");
    public static Fault Forbidden() => Fault.Forbidden("You are not authorized to perform the requested action.");
    public static Fault NotFound(string what, string id) => Fault.NotFound($"Could not find {what}: {id}.");
    public static Fault UserNotFound(string id) => NotFound("user", id);
    public static Fault GroupNotFound(string id) => NotFound("group", id);
    public static Fault ProjectNotFound(string id) => NotFound("project", id);
    public static Fault DomainNotFound(string id) => NotFound("domain", id);
    public static Fault RoleNotFound(string id) => NotFound("role", id);
    public static Fault RegionNotFound(string id) => NotFound("region", id);
    public static Fault ServiceNotFound(string id) => NotFound("service", id);
    public static Fault EndpointNotFound(string id) => NotFound("endpoint", id);
    public static Fault CredentialNotFound(string id) => NotFound("credential", id);
    public static Fault TrustNotFound(string id) => NotFound("trust", id);
    public static Fault PolicyNotFound(string id) => NotFound("policy", id);
    public static Fault TokenNotFound(string id) => NotFound("token", id);
    /// <summary>One to log in with. What was sent is not repeated: it may be somebody's.</summary>
    public static Fault TokenUnknown() => new(FaultKind.NotFound, UnknownToken, "This token is unknown, has expired or was revoked.");

    /// <summary>The name of that failure.</summary>
    public const string UnknownToken = "TokenNotFound";

    public static Fault TagNotFound(string tag) => NotFound("project tag", tag);
    public static Fault ApplicationCredentialNotFound(string id) => Fault.NotFound($"Could not find Application Credential: {id}.");
    public static Fault AccessRuleNotFound(string id) => Fault.NotFound($"Could not find Access Rule: {id}.");
    public static Fault RegisteredLimitNotFound(string id) => Fault.NotFound($"Could not find registered limit for {id}.");
    public static Fault LimitNotFound(string id) => Fault.NotFound($"Could not find limit for {id}.");
    public static Fault EndpointGroupNotFound(string id) => Fault.NotFound($"Could not find Endpoint Group: {id}.");
    public static Fault ImpliedRoleNotFound(string prior, string implied) => Fault.NotFound($"{prior} does not imply {implied}.");
    public static Fault AssignmentNotFound(string role, string actor, string target) =>
        Fault.NotFound($"Could not find role assignment with role: {role}, user or group: {actor}, project, domain, or system: {target}.");
    public static Fault UserNotInGroup(string user, string group) => Fault.NotFound($"User '{user}' not found in group '{group}'");

    public static Fault Conflict(string type, string details) => Fault.Conflict($"Conflict occurred attempting to store {type} - {details}.");
    public static Fault NameTaken(string type, string name, string? domain) => Conflict(type, domain is null
        ? $"Duplicate entry found with name {name}" : $"Duplicate entry found with name {name} at domain ID {domain}");
    public static Fault IdTaken(string type, string id) => Conflict(type, $"Duplicate entry found with ID {id}");
    public static Fault GoneMeanwhile() => Fault.Conflict("Something this refers to was deleted meanwhile, or is still referred to. Look again and try again.");
    public static Fault DuplicateEntry(string type) => Conflict(type, "Duplicate Entry");

    public static Fault Immutable(string type, string id) => Fault.Forbidden($"Unable to update immutable {type} resource: `{id}. Set resource option \"immutable\" to false first.");
    public static Fault ImmutableDelete(string type, string id) => Fault.Forbidden($"Unable to delete immutable {type} resource: `{id}. Set resource option \"immutable\" to false first.");
    public static Fault IdMismatch() => Fault.Invalid("Cannot change ID");
    public static Fault DomainnessMismatch() => Fault.Invalid("A project cannot become a domain, nor a domain a project: is_domain stays as it is.");
    public static Fault DomainMismatch() => Fault.Invalid("Cannot change Domain ID");
    public static Fault BadTime() => Fault.Invalid($"Timestamp not in expected format. {ClientError}");
    public static Fault ExpiresInThePast() => Fault.Invalid($"The 'expires_at' must not be before now. {ClientError}");
    public static Fault DomainStillEnabled() => Fault.Forbidden("Cannot delete a domain that is enabled, please disable it first.");
    public static Fault DefaultDomain() => Fault.Forbidden("The default domain cannot be deleted.");
    public static Fault HasChildren(string id) => Fault.Forbidden($"Cannot delete the project {id} since it is not a leaf in the hierarchy. Use the cascade option if you want to delete a whole subtree.");
    public static Fault EnabledChildren(string id) => Fault.Forbidden($"Cannot disable project {id} since its subtree contains enabled projects.");
    public static Fault DisabledParent(string id) => Fault.Forbidden($"Cannot enable project {id} since it has disabled parents");
    public static Fault ParentDisabled(string id) => Fault.Invalid($"Cannot create project, the parent ({id}) is disabled.");
    public static Fault TooDeep(string id) => Fault.Forbidden($"Max hierarchy depth reached for {id} branch.");
    public static Fault CannotChange(string attribute) => Fault.Forbidden($"Update of `{attribute}` is not allowed.");
    public static Fault PasswordTooLong(int size) => Fault.Forbidden($"The password length must be less than or equal to {size}. The server could not comply with the request because the password is invalid.");
    public static Fault PasswordLocked() => Fault.Invalid("You cannot change your password at this time due to password policy disallowing password changes. Please contact your administrator to reset your password.");
    public static Fault PasswordExpired(string user) => new(FaultKind.Unauthenticated, "Unauthorized", $"The password is expired and needs to be changed for user: {user}.");
    public static Fault PasswordRefused(string? description) => Fault.Invalid($"The password does not match the requirements: {description ?? "None"}.");
    public static Fault PasswordUsedBefore(int count) => Fault.Invalid($"The new password cannot be identical to a previous password. The total number which includes the new password must be unique is {count}.");
    public static Fault PasswordTooYoung(int days, int left) => Fault.Invalid("You cannot change your password at this time due to the minimum password age. Once you change your password, "
        + $"it must be used for {days} day(s) before it can be changed. Please try again in {left} day(s) or contact your administrator to reset your password.");
    public static Fault CircularRegion(string parent) => Fault.Invalid($"The specified parent region {parent} would create a circular region hierarchy.");
    public static Fault RegionInUse(string id) => Fault.Forbidden($"Unable to delete region {id} because it or its child regions have associated endpoints.");
    public static Fault BadEndpointUrl(string url) => Fault.Invalid($"Cannot create an endpoint with an invalid URL: {url}.");
    public static Fault CannotImply(string role) => Fault.Forbidden($"{role} cannot be an implied roles.");
    public static Fault RoleDomainMismatch(string project, string role) => Fault.Forbidden($"Project {project} must be in the same domain as the role {role} being assigned.");
    public static Fault AmbiguousRole(string name) => Fault.Invalid($"There are multiple role entities named '{name}'. Please use ID instead of names to resolve the ambiguity.");
    public static Fault TooLong(string text, string column, int length) => Fault.Invalid($"String length exceeded. The length of string '{text}' exceeds the limit of column {column}(CHAR({length})).");
    public static Fault ApplicationCredentialInvalid(string detail) => Fault.Invalid($"Invalid application credential: {detail}");
    public static Fault NoRegisteredLimit() => Fault.Forbidden("Unable to create a limit that has no corresponding registered limit.");
    public static Fault RegisteredLimitInUse(string id) => Fault.Forbidden($"Unable to update or delete registered limit {id} because there are project limits associated with it.");
    public static Fault Busy() => Fault.Unavailable("Too many passwords are being checked now. Try again later.", "TooManyLogins");
    public static Fault DomainConfigInvalid(string reason) => Fault.Forbidden($"Invalid domain specific configuration: {reason}.");
    public static Fault DomainConfigNotFound(string what, string domain) => Fault.NotFound($"Could not find {what} in domain configuration for domain {domain}.");
    public static Fault EndpointNotInProject(string endpoint, string project) => Fault.NotFound($"Endpoint {endpoint} not found in project {project}");
    public static Fault EndpointGroupNotInProject() => Fault.NotFound("Endpoint Group Project Association not found");
    public static Fault PolicyAssociationNotFound() => Fault.NotFound("Could not find policy association.");
    public static Fault ReceiptNotFound(string receipt) => new(FaultKind.Unauthenticated, "Unauthorized", $"Could not find auth receipt: {receipt}.");
    public static Fault LimitInvalid(string reason) => Fault.Forbidden($"Invalid resource limit: {reason}.");
    public static Fault ConsumerNotFound() => Fault.NotFound("Consumer not found");
    public static Fault RequestTokenNotFound() => Fault.NotFound("Request token not found");
    public static Fault AccessTokenNotFound() => Fault.NotFound("Access token not found");
    public static Fault OAuth(string error, string detail) => Fault.Invalid($"Validation failed with errors: {error}, detail message is: {detail}.");
    public static Fault MarkerNotFound(string marker) => Fault.Invalid($"Marker {marker} could not be found.");
    public static Fault NotSpecified() => Fault.Invalid("Specify a domain or project, not both");
}
