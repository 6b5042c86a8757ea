using Nephos.Contracts;

namespace Nephos.Compute;

/// <summary>Every failure a user of Compute can see, in nova's words.</summary>
internal static class Errors
{
    // Lists
    public static Fault MarkerNotFound(string marker) => Fault.Invalid($"marker [{marker}] not found", "MarkerNotFound");
    public static Fault BadLimit(string text) => Fault.Invalid($"limit must be an integer, not '{text}'");
    public static Fault BadSortKey(string key) => Fault.Invalid($"Sort key supplied is invalid: {key}");
    public static Fault BadPublicFilter(string text) => Fault.Invalid($"Invalid is_public filter [{text}]");
    public static Fault BadNumberFilter(string name, string text) => Fault.Invalid($"Invalid {name} filter [{text}]");
    public static Fault BadFilter(string name) => Fault.Invalid($"Invalid filter field: {name}.");
    public static Fault BadStatus() => Fault.Invalid("Invalid status value");
    public static Fault SinceAfterBefore() => Fault.Invalid("The value of changes-since must be less than or equal to changes-before.");
    public static Fault DeletedForAdmins() => Fault.Forbidden("Only administrators may list deleted instances");
    public static Fault SortForAdmins() => Fault.Forbidden("Only administrators can sort servers by ('host', 'node')");
    public static Fault BodyAndUriMismatch() => Fault.Invalid("Request body and URI mismatch");

    // Flavors
    public static Fault FlavorNotFound(string id) => Fault.NotFound($"Flavor {id} could not be found.", "FlavorNotFound");
    public static Fault NoSuchFlavor(string id) => Fault.Invalid($"Flavor {id} could not be found.", "FlavorNotFound");
    public static Fault FlavorNameTaken(string name) => Fault.Conflict($"Flavor with name {name} already exists.");
    public static Fault FlavorIdTaken(string id) => Fault.Conflict($"Flavor with ID {id} already exists.");
    public static Fault NoExtraSpec(string id, string key) => Fault.NotFound($"Flavor {id} has no extra specs with key {key}.");
    public static Fault BadExtraSpec(string sentence) => Fault.Invalid(sentence);
    public static Fault NoAccessListOfPublic() => Fault.NotFound("Access list not available for public flavors.");
    public static Fault AccessToPublic() => Fault.Conflict("Can not add access to a public flavor.");
    public static Fault AccessExists(string id, string project) => Fault.Conflict($"Flavor access already exists for flavor {id} and project {project} combination.");
    public static Fault AccessNotFound(string id, string project) => Fault.NotFound($"Flavor access not found for {id} / {project} combination.");
    public static Fault NoSuchProject(string project) => Fault.Invalid($"Project ID {project} is not a valid project.");

    // Key pairs
    public static Fault KeyPairNotFound(string name, string user) => Fault.NotFound($"Keypair {name} not found for user {user}", "KeypairNotFound");
    public static Fault KeyPairExists(string name) => Fault.Conflict($"Key pair '{name}' already exists.");
    public static Fault BadKeyPair(string reason) => Fault.Invalid($"Keypair data is invalid: {reason}");
    public static Fault TooManyKeyPairs() => Fault.Forbidden("Quota exceeded, too many key pairs.");

    // Lists of servers
    public static Fault NotABoolean(string name, string text) => Fault.Invalid($"Invalid input received: Unrecognized value '{text}' of {name}, acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'");
    public static Fault BadSortDirection(string text) => Fault.Invalid($"Invalid input received: Unknown sort direction, must be one of: asc, desc, not {text}");

    // Servers
    public static Fault ServerNotFound(string id) => Fault.NotFound($"Instance {id} could not be found.", "InstanceNotFound");
    public static Fault InvalidState(string action, Guid server, string attribute, string state) =>
        Fault.Conflict($"Cannot '{action}' instance {server} while it is in {attribute} {state}", "InstanceInvalidState");
    public static Fault NeverActive(string action) => Fault.Conflict($"Cannot '{action}' an instance which has never been active", "InstanceInvalidState");
    public static Fault Locked(Guid server) => Fault.Conflict($"Instance {server} is locked", "InstanceIsLocked");
    public static Fault NotReady(Guid server) => Fault.Conflict($"Instance {server} is not ready", "InstanceNotReady");
    public static Fault Busy(Guid server) => Fault.Conflict($"Instance {server} is being worked on by another request", "InstanceInvalidState");
    public static Fault CountOrder() => Fault.Invalid("min_count must be <= max_count");
    public static Fault NoImage() => Fault.Invalid("Missing imageRef attribute");
    public static Fault ImageNotFound() => Fault.Invalid("Can not find requested image");
    public static Fault ImageNotActive(Guid image) => Fault.Invalid($"Image {image} is not active.");
    public static Fault ImageUnacceptable(Guid image, string why) => Fault.Invalid($"Image {image} is unacceptable: {why}");
    public static Fault FlavorMemoryTooSmall() => Fault.Invalid("Flavor's memory is too small for requested image.");
    public static Fault FlavorDiskTooSmall(long flavor, long image) => Fault.Invalid($"Flavor's disk is too small for requested image. Flavor disk is {flavor} bytes, image is {image} bytes.");
    public static Fault FlavorDiskBelowMinimum(long flavor, long minimum) => Fault.Invalid($"Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is {flavor} bytes, minimum size is {minimum} bytes.");
    public static Fault ZeroDiskFlavor() => Fault.Forbidden("Only volume-backed servers are allowed for flavors with zero disk.");
    public static Fault NoVolumes(string id) => Fault.Invalid($"Block Device Mapping is Invalid: failed to get volume {id}.");
    public static Fault NoVolumeSnapshots(string id) => Fault.Invalid($"Block Device Mapping is Invalid: failed to get snapshot {id}.");
    public static Fault NoVolumeFromImage() => Fault.Invalid("Block Device Mapping is Invalid: this cloud has no volumes to make of images.");
    public static Fault BadDevices(string why) => Fault.Invalid($"Block Device Mapping is Invalid: {why}");
    public static Fault TooLargeEphemeral() => Fault.Invalid("Ephemeral disks requested are larger than the instance type allows. If no size is given in one block device mapping, flavor ephemeral size will be used.");
    public static Fault TooLargeSwap() => Fault.Invalid("Swap drive requested is larger than instance type allows.");
    public static Fault BadKeyName() => Fault.Invalid("Invalid key_name provided.");
    public static Fault GroupNotFound(string name) => Fault.Invalid($"Security group {name} not found.", "SecurityGroupNotFound");
    public static Fault ServerGroupNotFound(string id) => Fault.Invalid($"Instance group {id} could not be found.");
    public static Fault NoSuchHost(string host) => Fault.Invalid($"Compute host {host} could not be found.");
    public static Fault HostTwice() => Fault.Invalid("One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are mutually exclusive.");
    public static Fault BadZone(string zone) => Fault.Invalid($"Invalid input received: Unable to parse availability_zone {zone}");
    public static Fault NoSuchZone() => Fault.Invalid("The requested availability zone is not available");
    public static Fault NoTrustedCertificates() => Fault.Invalid("Certificate validation failed: this cloud does not validate image signatures.");
    public static Fault HostNameForMany() => Fault.Invalid("Unable to allocate a single hostname to multiple instances");
    public static Fault TooManyMetadata(long allowed) => Fault.Forbidden($"Maximum number of metadata items exceeds {allowed}");
    public static Fault TooManyFiles() => Fault.Forbidden("Personality file limit exceeded");
    public static Fault FilePathTooLong(long allowed) => Fault.Forbidden($"Personality file path exceeds maximum {allowed}");
    public static Fault FileTooLarge(long allowed) => Fault.Forbidden($"Personality file content exceeds maximum {allowed}");
    public static Fault QuotaExceeded(string resources, string asked, string used, string allowed) =>
        Fault.Forbidden($"Quota exceeded for {resources}: Requested {asked}, but already used {used} of {allowed} {resources}", "TooManyInstances");
    public static Fault NoValidHost(string why, string hosts) => new(FaultKind.Internal, "NoValidHost", $"No valid host was found. {why}") { AdminDetail = hosts };
    public static Fault BuildFailed(string why, string host) => new(FaultKind.Internal, "BuildAbortException", $"Build of the server failed: {why}") { AdminDetail = $"{host}: {why}" };
    public static Fault PowerFailed(string why) => new(FaultKind.Internal, "InstancePowerOnFailure", why);

    // Networks of servers
    public static Fault NetworkAmbiguous() => Fault.Conflict("Multiple possible networks found, use a Network ID to be more specific.", "NetworkAmbiguous");
    public static Fault NetworkNotFound(Guid id) => Fault.Invalid($"Network {id} could not be found.");
    public static Fault NetworkWithoutId() => Fault.Invalid("Bad networks format: network uuid is not in proper format (None)");
    public static Fault BadNetworkId(string id) => Fault.Invalid($"Bad networks format: network uuid is not in proper format ({id})");
    public static Fault NetworkWithoutSubnet(Guid id) => Fault.Invalid($"Network {id} requires a subnet in order to boot instances on.");
    public static Fault ExternalNetwork(Guid id) => Fault.Forbidden($"It is not allowed to create an interface on external network {id}");
    public static Fault NoAutomaticNetwork(string project, string why) => Fault.Invalid($"Unable to automatically allocate a network for project {project}: {why}");
    public static Fault AddressWithPort(string address, string port) => Fault.Invalid($"Specified Fixed IP '{address}' cannot be used with port '{port}': the two cannot be specified together.");
    public static Fault AddressForMany() => Fault.Invalid("Failed to launch instances: Multiple instances cannot have one fixed IP.");
    public static Fault PortForMany() => Fault.Invalid("Failed to launch instances: Multiple instances cannot have one port.");
    public static Fault PortInUse(Guid port) => Fault.Conflict($"Port {port} is still in use.", "PortInUse");
    public static Fault PortNotFound(Guid port) => Fault.Invalid($"Port id {port} could not be found.");
    public static Fault PortWithoutAddress(Guid port) => Fault.Invalid($"Port {port} requires a FixedIP in order to be used.");

    // Aggregates
    public static Fault AggregateNotFound(string id) => Fault.NotFound($"Aggregate {id} could not be found.");
    public static Fault AggregateNameTaken(string name) => Fault.Conflict($"Aggregate {name} already exists.");

    // Parts of servers
    public static Fault NoProject() => Fault.Forbidden("A server belongs to a project: ask with a token of one.");
    public static Fault MetadataNotFound() => Fault.NotFound("Metadata item was not found");
    public static Fault TagNotFound(Guid server, string tag) => Fault.NotFound($"Server {server} has no tag '{tag}'");
    public static Fault TagTooLong(string tag) => Fault.Invalid($"Tag '{tag}' is too long. Maximum length of a tag is 60");
    public static Fault BadTag(string tag) => Fault.Invalid($"Tag '{tag}' is invalid. It must be a string without characters '/' and ','. Validation error message: '{tag}' does not match '^[^,/]*$'");
    public static Fault TooManyTags() => Fault.Invalid("The number of tags exceeded the per-server limit 50");

    // Actions
    public static Fault NoConsole(Guid server) => Fault.NotFound($"Unable to get console log of instance {server}: it has never run on its host.");
    public static Fault EmptyGroupName() => Fault.Invalid("Security group name cannot be empty");
    public static Fault SecurityGroupNotFound(string name, string project) => Fault.NotFound($"Security group {name} not found for project {project}.", "SecurityGroupNotFound");
    public static Fault GroupNotOnServer(string name, Guid server) => Fault.NotFound($"Security group {name} not associated with the instance {server}");
    public static Fault NoPortsForGroups(Guid server) => Fault.Invalid($"Network requires port_security_enabled and subnet associated in order to apply security groups: instance {server} has no ports.");
    public static Fault ActionNotFound(string id) => Fault.NotFound($"Action {id} not found");

    // Hosts
    public static Fault InvalidUuid(string id) => Fault.Invalid($"Invalid uuid {id}");
    public static Fault NotAnInteger(string name, string text) => Fault.Invalid($"Invalid input received: {name} must be an integer, not '{text}'");
    public static Fault HypervisorNotFound(string id) => Fault.NotFound($"Hypervisor with ID '{id}' could not be found.");
    public static Fault NoHypervisorMatching(string pattern) => Fault.NotFound($"No hypervisor matching '{pattern}' could be found.");
    public static Fault NoPagingWithPattern() => Fault.Invalid("Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.");
    public static Fault HostIsDown(string host) => Fault.Invalid($"Compute service of {host} is unavailable at this time.");
    public static Fault NotSupported() => new(FaultKind.NotImplemented, "NotImplemented", "The requested functionality is not supported.");
    public static Fault HostNotFound(string host) => Fault.NotFound($"Compute host {host} could not be found.");
    public static Fault UnknownServiceAction() => Fault.NotFound("Unknown action");
    public static Fault OnlyComputeServices(string binary) => Fault.Invalid($"Updating a {binary} service is not supported. Only nova-compute services can be updated.");
    public static Fault NoSuchService(string host, string binary) => Fault.NotFound($"Could not find binary {binary} on host {host}.");
    public static Fault ServiceNotFound(string id) => Fault.NotFound($"Service {id} not found.");
    public static Fault MissingForcedDown() => Fault.Invalid("Missing forced_down field");
    public static Fault MissingReason() => Fault.Invalid("Missing disabled reason field");
    public static Fault NoServiceUpdates() => Fault.Invalid("No updates were requested. Fields 'status' or 'forced_down' should be specified.");
    public static Fault ReasonWithoutDisabled() => Fault.Invalid("Specifying disabled_reason requires status be 'disabled'.");
    public static Fault ServiceHasServers() => Fault.Conflict("Unable to delete compute service that is hosting instances. Migrate or delete the instances first.");
    public static Fault AggregateHasHosts(long id) => Fault.Invalid($"Unable to perform action 'delete' on aggregate {id}. Reason: Host aggregate is not empty.");
    public static Fault HostInAggregate(long id, string host) => Fault.Conflict($"Aggregate {id} already has host {host}.");
    public static Fault HostInOtherZone(long id, string host) => Fault.Conflict($"Unable to perform action 'add_host_to_aggregate' on aggregate {id}. Reason: Host {host} already in another availability zone.");
    public static Fault CannotRemoveHost(long id, string host) => Fault.NotFound($"Cannot remove host {host} in aggregate {id}");

    // Groups of servers, quotas
    public static Fault GroupOfServersNotFound(string id) => Fault.NotFound($"Instance group {id} could not be found.");
    public static Fault RulesWithoutAntiAffinity() => Fault.Invalid("Only anti-affinity policy supports rules.");
    public static Fault TooManyServerGroups() => Fault.Forbidden("Quota exceeded, too many server groups.");
    public static Fault NoNetworkQuota() => Fault.Invalid("The networks quota has been removed");
    public static Fault QuotaBelowUse(string name, long limit, long used) => Fault.Invalid($"Quota limit {limit} for {name} must be greater than or equal to already used and reserved {used}.");

    // Cards, images, the rest
    public static Fault InterfaceNotFound(Guid server, string port) => Fault.NotFound($"Instance {server} does not have a port with id {port}");
    public static Fault NetworkAndPort() => Fault.Invalid("Must not input both network_id and port_id");
    public static Fault AddressWithoutNetwork() => Fault.Invalid("Must input network_id when request IP address");
    public static Fault NoNetworkToAttach() => Fault.Invalid("There is no network to attach: name one by net_id.");
    public static Fault AttachFailed(string why) => new(FaultKind.Internal, "InterfaceAttachFailed", $"Failed to attach network adapter device to the server: {why}");
    public static Fault DetachFailed(string why) => new(FaultKind.Internal, "PortDetachFailed", $"Failed to detach network adapter device from the server: {why}");
    public static Fault NotOnNetwork(Guid server, string network) => Fault.NotFound($"Instance {server} is not connected to network {network}");
    public static Fault NotOnNamedNetwork() => Fault.NotFound("Instance is not a member of specified network");
    public static Fault AddressNotOnServer(string address, Guid server) => Fault.Invalid($"Fixed IP {address} is not associated with instance {server}");
    public static Fault MigrationNotFound(string id, Guid server) => Fault.NotFound($"In-progress live migration {id} is not found for server {server}.");
    public static Fault NoSuchResource() => Fault.NotFound("The resource could not be found.");
    public static Fault BadTime(string text) => Fault.Invalid($"Invalid datetime string: {text}");
    public static Fault BadAuditTime(string text) => Fault.Invalid($"Invalid timestamp for date {text}");
    public static Fault BadPeriod() => Fault.Invalid("Invalid start time. The start time cannot occur after the end time.");

    // Security groups as nova's proxies
    public static Fault GroupIdNotUuid() => Fault.Invalid("Security group id should be uuid");
    public static Fault NoSuchGroup(string id) => Fault.NotFound($"Security group {id} not found.", "SecurityGroupNotFound");
    public static Fault RuleNotFound(string id) => Fault.NotFound($"Security group rule {id} not found.");
    public static Fault EmptyBody() => Fault.Invalid("The request body can't be empty");
    public static Fault MissingParameter(string name) => Fault.Invalid($"Missing parameter {name}");
    public static Fault TooLong(string name) => Fault.Invalid($"Invalid input received: {name} has more than 255 characters.");
    public static Fault NotAText(string name) => Fault.Invalid($"Invalid input received: {name} is not a string or unicode");
    public static Fault NotEnoughForRule() => Fault.Invalid("Not enough parameters to build a valid rule.");
    public static Fault BadPorts(string from, string to, string why = "Valid TCP ports should be integers") => Fault.Invalid($"Invalid port range {from}:{to}. {why}");
    public static Fault BadProtocol(string protocol) => Fault.Invalid($"Invalid IP protocol {protocol}");
    public static Fault BadCidr(string cidr) => Fault.Invalid($"Invalid cidr {cidr}.");
    public static Fault GroupQuota(string why) => Fault.Forbidden(why);
    public static Fault RefusedByNetwork(string why) => Fault.Invalid(why);
    public static Fault NoServersOfEvents() => Fault.NotFound("No instances found for any event");

    // Images as nova's proxies
    public static Fault NoSuchImage() => Fault.NotFound("Image not found.");
    public static Fault ImageChangedMeanwhile(Guid id) => Fault.Conflict($"Image {id} is being changed by others. Try again.", "ImageChangedMeanwhile");
    public static Fault NoImageMetadata() => Fault.NotFound("Invalid metadata key");
    public static Fault TooMuchImageMetadata() => Fault.Forbidden("Image metadata limit exceeded");

    // Floating addresses and networks as nova's proxies
    public static Fault FloatingNotFound(string id) => Fault.NotFound($"Floating IP not found for ID {id}");
    public static Fault NoFloatingAt() => Fault.NotFound("floating IP not found");
    public static Fault FloatingAmbiguous(string address) => Fault.Conflict($"Multiple floating IPs are found for address {address}.");
    public static Fault FloatingNotOnServer(string address, Guid server) => Fault.Conflict($"Floating IP {address} is not associated with instance {server}.");
    public static Fault FloatingRefused(string address, string inside, Guid server, string why) => Fault.Invalid($"Unable to associate floating IP {address} to fixed IP {inside} for instance {server}. Error: {why}");
    public static Fault NoFixedAddress() => Fault.Invalid("No fixed IPs associated to instance");
    public static Fault NoFixedIpv4(string address, Guid server) => Fault.Invalid($"Unable to associate floating IP {address} to any fixed IPs for instance {server}. Instance has no fixed IPv4 addresses to associate.");
    public static Fault FixedAddressNotOnServer() => Fault.Invalid("Specified fixed address not assigned to instance");
    public static Fault PoolNotFound() => Fault.NotFound("Floating IP pool not found.");
    public static Fault PoolAmbiguous(string? name) => Fault.Invalid(name is null ? "Name the pool: there are several." : $"Multiple floating IP pools matches found for name '{name}'");
    public static Fault FloatingQuota(string? pool) => Fault.Forbidden(pool is null ? "IP allocation over quota." : $"IP allocation over quota in pool {pool}.");
    public static Fault NoFloatingLeft(string? pool) => Fault.NotFound(pool is null ? "No more floating IPs available." : $"No more floating IPs in pool {pool}.");
    public static Fault NoSuchNetwork() => Fault.NotFound("Network not found");
}
