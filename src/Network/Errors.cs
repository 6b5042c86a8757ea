using Nephos.Contracts;

namespace Nephos.Network;

/// <summary>Every failure a user of Network can see. Names are upstream's exception types: clients read them.</summary>
internal static class Errors
{
    // Requests
    public static Fault BadRequest(string message) => new(FaultKind.Invalid, "HTTPBadRequest", message);
    public static Fault InvalidInput(string message) => new(FaultKind.Invalid, "InvalidInput", $"Invalid input for operation: {message}.");
    public static Fault BadOperation(string resource, string message) => new(FaultKind.Invalid, "BadRequest", $"Bad {resource} request: {message}.");
    public static Fault NotAllowed(string rules) => new(FaultKind.Forbidden, "PolicyNotAuthorized", $"{rules} is disallowed by policy");
    public static Fault NotYourNetwork(string project, string resource) => new(FaultKind.Forbidden, "HTTPForbidden", $"Tenant {project} not allowed to create {resource} on this network");
    public static Fault OverQuota(string resource) => new(FaultKind.Conflict, "OverQuota", $"Quota exceeded for resources: ['{resource}'].");
    public static Fault Revision(long expected, long current) => new(FaultKind.PreconditionFailed, "RevisionNumberConstraintFailed", $"Constrained to {expected}, but current revision is {current}");
    public static Fault UnknownPath() => new(FaultKind.NotFound, "HTTPNotFound", "The resource could not be found.");
    public static Fault AdminRequired(string reason) => new(FaultKind.Forbidden, "AdminRequired", $"User does not have admin privileges: {reason}.");
    public static Fault UnknownExtension(string alias) => new(FaultKind.NotFound, "HTTPNotFound", $"Extension with alias {alias} does not exist");
    public static Fault Retry() => Fault.Conflict("Somebody else was faster again and again. Try once more.", "RetryRequest");

    // Networks
    public static Fault NetworkNotFound(object id) => new(FaultKind.NotFound, "NetworkNotFound", $"Network {id} could not be found.");
    public static Fault NetworkInUse(Guid id, string reason) => Fault.Conflict($"Unable to complete operation on network {id}. {reason}.", "NetworkInUse");
    public static Fault NetworkHasPorts(Guid id) => NetworkInUse(id, "There are one or more ports still in use on the network");
    public static Fault SharedByOthers(string name) => Fault.Conflict($"Unable to reconfigure sharing settings for network {name}. Multiple tenants are using it.", "InvalidSharedSetting");
    public static Fault NoNetworkAvailable() => Fault.Unavailable("Unable to create the network. No tenant network is available for allocation.", "NoNetworkAvailable");
    public static Fault VlanInUse(long id, string physical) => Fault.Conflict($"Unable to create the network. The VLAN {id} on physical network {physical} is in use.", "VlanIdInUse");
    public static Fault TunnelInUse(long id) => Fault.Conflict($"Unable to create the network. The tunnel ID {id} is in use.", "TunnelIdInUse");
    public static Fault FlatInUse(string physical) => Fault.Conflict($"Unable to create the flat network. Physical network {physical} is in use.", "FlatNetworkInUse");
    public static Fault ExternalInUse(Guid id) => Fault.Conflict($"External network {id} cannot be updated to be made non-external, since it has existing gateway ports.", "ExternalNetworkInUse");
    public static Fault NotExternal(Guid id) => BadOperation("floatingip", $"Network {id} is not a valid external network");
    public static Fault ZoneNotFound(string zone) => new(FaultKind.NotFound, "AvailabilityZoneNotFound", $"AvailabilityZone {zone} could not be found.");
    public static Fault DefaultExternalExists(Guid id) => Fault.Conflict($"A default external network already exists: {id}.", "DefaultExternalNetworkExists");

    // Subnets, pools, scopes
    public static Fault SubnetNotFound(object id) => new(FaultKind.NotFound, "SubnetNotFound", $"Subnet {id} could not be found.");
    public static Fault SubnetInUse(Guid id, string reason) => Fault.Conflict($"Unable to complete operation on subnet {id}: {reason}.", "SubnetInUse");
    public static Fault SubnetHasPorts(Guid id) => SubnetInUse(id, "One or more ports have an IP allocation from this subnet");
    public static Fault Overlap(string cidr, Guid network, string other, Guid subnet) =>
        InvalidInput($"Requested subnet with cidr: {cidr} for network: {network} overlaps with another subnet ({other}, {subnet})");
    public static Fault InvalidPool(object pool) => new(FaultKind.Invalid, "InvalidAllocationPool", $"The allocation pool {pool} is not valid.");
    public static Fault PoolsOverlap(object one, object other, object cidr) => Fault.Conflict($"Found overlapping allocation pools: {one} {other} for subnet {cidr}.", "OverlappingAllocationPools");
    public static Fault PoolOutside(object pool, object cidr) => new(FaultKind.Invalid, "OutOfBoundsAllocationPool", $"The allocation pool {pool} spans beyond the subnet cidr {cidr}.");
    public static Fault GatewayInPool(object gateway, object pool) => Fault.Conflict($"Gateway ip {gateway} conflicts with allocation pool {pool}.", "GatewayConflictWithAllocationPools");
    public static Fault GatewayInUse(string gateway, Guid port) => Fault.Conflict($"Current gateway ip {gateway} already in use by port {port}. Unable to update.", "GatewayIpInUse");
    public static Fault TooManyDns(Guid subnet, int limit) => new(FaultKind.Invalid, "DNSNameServersExhausted", $"Unable to complete operation for {subnet}. The number of DNS nameservers exceeds the limit {limit}.");
    public static Fault TooManyRoutes(Guid subnet, int limit) => new(FaultKind.Invalid, "HostRoutesExhausted", $"Unable to complete operation for {subnet}. The number of host routes exceeds the limit {limit}.");
    public static Fault SubnetPoolNotFound(object id) => new(FaultKind.NotFound, "SubnetPoolNotFound", $"Subnet pool {id} could not be found.");
    public static Fault SubnetPoolInUse() => Fault.Conflict("Unable to delete subnet pool: Subnet pool has existing allocations.", "SubnetPoolDeleteError");
    public static Fault EmptyPrefixes() => new(FaultKind.Invalid, "EmptySubnetPoolPrefixList", "Empty subnet pool prefix list.");
    public static Fault MixedPrefixes() => new(FaultKind.Invalid, "PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.");
    public static Fault PrefixBounds(string kind, long length, string baseKind, long baseLength) =>
        new(FaultKind.Invalid, "IllegalSubnetPoolPrefixBounds", $"Illegal prefix bounds: {kind}={length}, {baseKind}={baseLength}.");
    public static Fault PrefixSupport(long length, int version) => new(FaultKind.Invalid, "UnsupportedMinSubnetPoolPrefix", $"Prefix '{length}' not supported in IPv{version} pool.");
    public static Fault PrefixUpdate(string message) => new(FaultKind.Invalid, "IllegalSubnetPoolPrefixUpdate", $"Illegal update to prefixes: {message}.");
    public static Fault SubnetAllocation(string reason) => Fault.Conflict($"Failed to allocate subnet: {reason}.", "SubnetAllocationError");
    public static Fault PrefixTooShort(long asked, long limit) => new(FaultKind.Invalid, "MinPrefixSubnetAllocationError", $"Unable to allocate subnet with prefix length {asked}, minimum allowed prefix is {limit}.");
    public static Fault PrefixTooLong(long asked, long limit) => new(FaultKind.Invalid, "MaxPrefixSubnetAllocationError", $"Unable to allocate subnet with prefix length {asked}, maximum allowed prefix is {limit}.");
    public static Fault PoolQuota() => Fault.Conflict("Per-tenant subnet pool prefix quota exceeded.", "SubnetPoolQuotaExceeded");
    public static Fault PoolAffinity() => new(FaultKind.Invalid, "NetworkSubnetPoolAffinityError", "Subnets hosted on the same network must be allocated from the same subnet pool.");
    public static Fault ScopeNotFound(object id) => new(FaultKind.NotFound, "AddressScopeNotFound", $"Address scope {id} could not be found.");
    public static Fault ScopeInUse(Guid id) => Fault.Conflict($"Unable to complete operation on address scope {id}. There are one or more subnet pools in use on the address scope.", "AddressScopeInUse");
    public static Fault ScopeConflict() => Fault.Conflict("Failed to associate address scope: subnetpools within an address scope must have unique prefixes.", "AddressScopePrefixConflict");
    public static Fault ScopeVersion(object pool, object scope, long version) => new(FaultKind.Invalid, "IllegalSubnetPoolIpVersionAssociationToAddressScope",
        $"Illegal subnetpool association: subnetpool {pool} cannot associate with address scope {scope} because subnetpool ip_version is not {version}.");

    // Ports
    public static Fault PortNotFound(object id) => new(FaultKind.NotFound, "PortNotFound", $"Port {id} could not be found.");
    public static Fault PortInUse(Guid id, Guid network, string device) =>
        Fault.Conflict($"Unable to complete operation on port {id} for network {network}. Port already has an attached device {device}.", "PortInUse");
    public static Fault ServicePort(Guid id, string reason) => Fault.Conflict($"Port {id} cannot be deleted directly via the port API: {reason}.", "ServicePortInUse");
    public static Fault MacInUse(Guid network, string mac) => Fault.Conflict($"Unable to complete operation for network {network}. The mac address {mac} is in use.", "MacAddressInUse");
    public static Fault NotOnNetwork(string address) => new(FaultKind.Invalid, "InvalidIpForNetwork", $"IP address {address} is not a valid IP for any of the subnets on the specified network.");
    public static Fault NotOnSubnet(string address) => new(FaultKind.Invalid, "InvalidIpForSubnet", $"IP address {address} is not a valid IP for the specified subnet.");
    public static Fault AddressInUse(string address, Guid network) =>
        Fault.Conflict($"Unable to complete operation for network {network}. The IP address {address} is in use.", "IpAddressInUse");
    public static Fault AddressTaken(string address, Guid subnet) => Fault.Conflict($"IP address {address} already allocated in subnet {subnet}", "IpAddressAlreadyAllocated");
    public static Fault NoAddresses(Guid network) => Fault.Conflict($"No more IP addresses available on network {network}.", "IpAddressGenerationFailure");
    public static Fault NoExternalAddresses(Guid network) => Fault.Conflict($"Unable to find any IP address on external network {network}.", "ExternalIpAddressExhausted");
    public static Fault PortSecurityNeeded() => Fault.Conflict("Port Security must be enabled in order to have allowed address pairs on a port.", "AddressPairAndPortSecurityRequired");
    public static Fault PortSecurityAndGroups() => Fault.Conflict("Port has security group associated. Cannot disable port security or IP address until security group is removed.", "PortSecurityPortHasSecurityGroup");
    public static Fault PortSecurityNeededForGroups() => Fault.Conflict("Port security must be enabled and port must have an IP address in order to use security groups.", "PortSecurityAndIPRequiredForSecurityGroups");
    public static Fault DuplicatePair(string mac, string address) =>
        new(FaultKind.Invalid, "DuplicateAddressPairInRequest", $"Request contains duplicate address pair: mac_address {mac} ip_address {address}.");
    public static Fault PairWithoutAddress() => new(FaultKind.Invalid, "AllowedAddressPairsMissingIP", "AllowedAddressPair must contain ip_address");
    public static Fault DeviceNotOwned(string device) =>
        Fault.Conflict($"The following device_id {device} is not owned by your tenant or matches another tenants router.", "DeviceIDNotOwnedByTenant");
    public static Fault BoundMac(Guid id, string vif, string old, string mac) =>
        Fault.Conflict($"Unable to complete operation on port {id}, port is already bound, port type: {vif}, old_mac {old}, new_mac {mac}.", "PortBound");
    public static Fault UnsupportedOwner(string operation, string owner, Guid id) =>
        Fault.Conflict($"Operation {operation} is not supported for device_owner {owner} on port {id}.", "UnsupportedPortDeviceOwner");

    // Routers and floating addresses
    public static Fault RouterNotFound(object id) => new(FaultKind.NotFound, "RouterNotFound", $"Router {id} could not be found");
    public static Fault RouterInUse(Guid id, string reason = "still has ports") => Fault.Conflict($"Router {id} {reason}", "RouterInUse");
    public static Fault NoInterface(Guid router, Guid port) => new(FaultKind.NotFound, "RouterInterfaceNotFound", $"Router {router} does not have an interface with id {port}");
    public static Fault NoInterfaceOn(Guid router, Guid subnet) => new(FaultKind.NotFound, "RouterInterfaceNotFoundForSubnet", $"Router {router} has no interface on subnet {subnet}");
    public static Fault InterfaceNeeded(Guid router, Guid subnet, string by) =>
        Fault.Conflict($"Router interface for subnet {subnet} on router {router} cannot be deleted, as it is required by one or more {by}.", by == "routes" ? "RouterInterfaceInUseByRoute" : "RouterInterfaceInUseByFloatingIP");
    public static Fault SubnetMismatch(Guid port, Guid subnet) => Fault.Conflict($"Subnet on port {port} does not match the requested subnet {subnet}.", "SubnetMismatchForPort");
    public static Fault GatewayNeeded(Guid router, Guid network) =>
        Fault.Conflict($"Gateway cannot be updated for router {router}, since a gateway to external network {network} is required by one or more floating IPs.", "RouterExternalGatewayInUseByFloatingIp");
    public static Fault InvalidRoutes(string routes, string reason) => new(FaultKind.Invalid, "InvalidRoutes", $"Invalid format for routes: {routes}, {reason}");
    public static Fault RoutesExhausted(Guid router, int limit) => new(FaultKind.Invalid, "RoutesExhausted", $"Unable to complete operation for {router}. The number of routes exceeds the maximum {limit}.");
    public static Fault FloatingIpNotFound(object id) => new(FaultKind.NotFound, "FloatingIPNotFound", $"Floating IP {id} could not be found");
    public static Fault Unreachable(Guid network, object subnet, Guid port) => new(FaultKind.NotFound, "ExternalGatewayForFloatingIPNotFound",
        $"External network {network} is not reachable from subnet {subnet}.  Therefore, cannot associate Port {port} with a Floating IP.");
    public static Fault AlreadyAssociated(string floating, Guid id, Guid port, string address, Guid network) => Fault.Conflict(
        $"Cannot associate floating IP {floating} ({id}) with port {port} using fixed IP {address}, as that fixed IP already has a floating IP on external network {network}.", "FloatingIPPortAlreadyAssociated");

    // Security groups
    public static Fault GroupNotFound(object id) => new(FaultKind.NotFound, "SecurityGroupNotFound", $"Security group {id} does not exist");
    public static Fault GroupInUse(Guid id, string reason = "in use") => Fault.Conflict($"Security Group {id} {reason}.", "SecurityGroupInUse");
    public static Fault DefaultGroupStays() => Fault.Conflict("Insufficient rights for removing default security group.", "SecurityGroupCannotRemoveDefault");
    public static Fault DefaultGroupKeepsName() => Fault.Conflict("Updating default security group not allowed.", "SecurityGroupCannotUpdateDefault");
    public static Fault DefaultGroupExists() => Fault.Conflict("Default security group already exists.", "SecurityGroupDefaultAlreadyExists");
    public static Fault RuleNotFound(object id) => new(FaultKind.NotFound, "SecurityGroupRuleNotFound", $"Security group rule {id} does not exist");
    public static Fault RuleExists(object id) => Fault.Conflict($"Security group rule already exists. Rule id is {id}.", "SecurityGroupRuleExists");
    public static Fault RuleTwice() => Fault.Conflict("Duplicate Security Group Rule in POST.", "DuplicateSecurityGroupRuleInPost");
    public static Fault RuleInvalid(string name, string message) => new(FaultKind.Invalid, name, message);

    // Sharing, tags, agents, quotas
    public static Fault RbacNotFound(object id) => new(FaultKind.NotFound, "RbacPolicyNotFound", $"RBAC policy of type rbac_policy with ID {id} not found");
    public static Fault RbacExists() => Fault.Conflict("An RBAC policy already exists with those values.", "DuplicateRbacPolicy");
    public static Fault RbacInUse(Guid id, string details) => Fault.Conflict($"RBAC policy on object {id} cannot be removed because other objects depend on it.\nDetails: {details}", "RbacPolicyInUse");
    public static Fault RbacInvalid(object id, string why) => Fault.Conflict($"Failed to create RBAC policy on object {id} because {why}.", "RbacPolicyInitError");
    public static Fault TagNotFound(string tag) => new(FaultKind.NotFound, "TagNotFound", $"Tag {tag} could not be found.");
    public static Fault TagResourceNotFound(string resource, string id) => new(FaultKind.NotFound, "TagResourceNotFound", $"Resource {resource} {id} could not be found.");
    public static Fault AgentNotFound(object id) => new(FaultKind.NotFound, "AgentNotFound", $"Agent {id} could not be found.");
    public static Fault InvalidDhcpAgent(Guid id) => new(FaultKind.NotFound, "InvalidDHCPAgent", $"Agent {id} is not a valid DHCP Agent or has been disabled");
    public static Fault InvalidL3Agent(Guid id) => Fault.Conflict($"Agent {id} is not a L3 Agent or has been disabled", "InvalidL3Agent");
    public static Fault NetworkHosted(Guid network, Guid agent) => Fault.Conflict($"The network {network} has been already hosted by the DHCP Agent {agent}.", "NetworkHostedByDHCPAgent");
    public static Fault NetworkNotHosted(Guid network, Guid agent) => Fault.Conflict($"The network {network} is not hosted by the DHCP agent {agent}.", "NetworkNotHostedByDhcpAgent");
    public static Fault RouterHosted(Guid router, Guid agent) => Fault.Conflict($"The router {router} has been already hosted by the L3 Agent {agent}.", "RouterHostedByL3Agent");
    public static Fault RouterNotHosted(Guid router, Guid agent) => Fault.Conflict($"The router {router} is not hosted by L3 agent {agent}.", "RouterNotHostedByL3Agent");
    public static Fault QuotaNotSet(string project) => new(FaultKind.NotFound, "TenantQuotaNotFound", $"Quota for tenant {project} could not be found.");
    public static Fault UnknownQuota(string names) => new(FaultKind.Invalid, "HTTPBadRequest", $"Unrecognized attribute(s) '{names}'");
    public static Fault NoDefaultExternal() => new(FaultKind.NotFound, "AutoAllocationFailure", "Deployment error: No default router:external network.");
    public static Fault NoDefaultPool() => new(FaultKind.NotFound, "AutoAllocationFailure", "Deployment error: No default subnetpools defined.");
    public static Fault AutoAllocation(string reason) => new(FaultKind.Invalid, "AutoAllocationFailure", $"Unable to provide tenant private network: {reason}.");
}
