namespace Nephos.Network.Discovery;

/// <summary>An extension of the first API that this cloud has.</summary>
internal sealed record Extension(string Alias, string Name, string Updated, string Description)
{
    public IReadOnlyList<string> Links { get; } = [];
}

/// <summary>What this cloud has of upstream's extensions. Clients and Tempest choose by these aliases, so an alias stands here only when all of it works.</summary>
internal static class Extensions
{
    public static IReadOnlyList<Extension> All { get; } =
    [
        new("address-scope", "Address scope", "2015-07-26T10:00:00-00:00", "Address scopes keep the ranges of subnet pools apart."),
        new("agent", "agent", "2013-02-03T10:00:00-00:00", "Nodes seen as agents."),
        new("allowed-address-pairs", "Allowed Address Pairs", "2013-07-23T10:00:00-00:00", "Further source addresses for a port."),
        new("auto-allocated-topology", "Auto Allocated Topology Services", "2016-01-01T00:00:00-00:00", "A ready-made network for a project."),
        new("availability_zone", "Availability Zone", "2015-01-01T10:00:00-00:00", "Availability zones."),
        new("binding", "Port Binding", "2014-02-03T10:00:00-00:00", "Where a port is plugged, and how."),
        new("default-subnetpools", "Default Subnetpools", "2016-02-18T18:00:00-00:00", "Subnet pools used when none is named."),
        new("dhcp_agent_scheduler", "DHCP Agent Scheduler", "2013-02-07T10:00:00-00:00", "Which node runs the DHCP of a network."),
        new("dns-domain-ports", "dns_domain for ports", "2017-04-24T10:00:00-00:00", "DNS domain of a port."),
        new("dns-integration", "DNS Integration", "2015-08-15T18:00:00-00:00", "DNS names of ports."),
        new("empty-string-filtering", "Empty String Filtering Extension", "2018-05-01T10:00:00-00:00", "Filters for empty values."),
        new("ext-gw-mode", "Neutron L3 Configurable external gateway mode", "2013-03-28T10:00:00-00:00", "Source NAT of a router can be turned off."),
        new("external-net", "Neutron external network", "2013-01-14T10:00:00-00:00", "Networks that lead outside."),
        new("extra_dhcp_opt", "Neutron Extra DHCP options", "2013-03-17T12:00:00-00:00", "DHCP options of a port."),
        new("extraroute", "Neutron Extra Route", "2013-02-01T10:00:00-00:00", "Static routes of a router."),
        new("extraroute-atomic", "Atomically add/remove extra routes", "2019-07-10T00:00:00+00:00", "Routes of a router added and removed one by one."),
        new("filter-validation", "Filter parameters validation", "2018-07-04T10:00:00-00:00", "Unknown filters are refused."),
        new("fip-port-details", "Floating IP Port Details Extension", "2018-04-09T10:00:00-00:00", "A floating IP tells of its port."),
        new("ip-substring-filtering", "IP address substring filtering", "2017-11-28T09:00:00-00:00", "Ports found by a part of an address."),
        new("ip_allocation", "IP Allocation", "2016-06-10T23:00:00-00:00", "When a port gets its addresses."),
        new("l3_agent_scheduler", "L3 Agent Scheduler", "2013-02-07T10:00:00-00:00", "Which node runs a router."),
        new("net-mtu", "Network MTU", "2015-03-25T10:00:00-00:00", "MTU of a network."),
        new("net-mtu-writable", "Network MTU (writable)", "2017-07-12T00:00:00-00:00", "MTU of a network can be set."),
        new("network-ip-availability", "Network IP Availability", "2015-09-24T00:00:00-00:00", "Used and free addresses of networks."),
        new("network_availability_zone", "Network Availability Zone", "2015-01-01T10:00:00-00:00", "Availability zones of a network."),
        new("pagination", "Pagination support", "2016-06-12T00:00:00-00:00", "Lists in pages."),
        new("port-security", "Port Security", "2012-07-23T10:00:00-00:00", "Anti-spoofing of a port can be turned off."),
        new("port-security-groups-filtering", "Port filtering on security groups", "2018-01-09T09:00:00-00:00", "Ports found by their security groups."),
        new("project-id", "project_id field enabled", "2016-09-09T09:09:09-09:09", "project_id beside tenant_id."),
        new("provider", "Provider Network", "2012-09-07T10:00:00-00:00", "How a network is carried."),
        new("quota_details", "Quota details management support", "2017-02-10T10:00:00-00:00", "Limits of projects with use."),
        new("quotas", "Quota management support", "2012-07-29T10:00:00-00:00", "Limits of projects."),
        new("rbac-address-scope", "Add address_scope type to RBAC", "2020-02-12T00:00:00-00:00", "Address scopes shared by rbac policies."),
        new("rbac-policies", "RBAC Policies", "2015-06-17T12:15:12-00:00", "Things shared with other projects."),
        new("rbac-security-groups", "Add security_group type to network RBAC", "2019-02-14T00:00:00-00:00", "Security groups shared by rbac policies."),
        new("rbac-subnetpool", "Add subnetpool type to RBAC", "2020-02-05T00:00:00-00:00", "Subnet pools shared by rbac policies."),
        new("revision-if-match", "If-Match constraints based on revision_number", "2016-12-11T00:00:00-00:00", "Changes that depend on a revision."),
        new("router", "Neutron L3 Router", "2012-07-20T10:00:00-00:00", "Routers and floating IPs."),
        new("router_availability_zone", "Router Availability Zone", "2015-01-01T10:00:00-00:00", "Availability zones of a router."),
        new("security-group", "security-group", "2012-10-05T10:00:00-00:00", "Security groups."),
        new("security-groups-normalized-cidr", "Normalized CIDR field for security group rules", "2020-07-28T10:00:00-00:00", "The range of a rule as it is understood."),
        new("security-groups-shared-filtering", "Security group filtering on the shared field", "2021-10-05T09:00:00-00:00", "Security groups found by being shared."),
        new("service-type", "Neutron Service Type Management", "2013-01-20T00:00:00-00:00", "Providers of services."),
        new("sort-key-validation", "Sort keys validation", "2018-07-04T10:00:00-00:00", "Unknown sort keys are refused."),
        new("sorting", "Sorting support", "2016-06-12T00:00:00-00:00", "Lists in an order."),
        new("standard-attr-description", "standard-attr-description", "2016-02-10T10:00:00-00:00", "Descriptions."),
        new("standard-attr-revisions", "Resource revision numbers", "2016-04-11T10:00:00-00:00", "Revision numbers."),
        new("standard-attr-tag", "Tag support for resources with standard attribute: port, subnet, subnetpool, network, router, floatingip, security_group", "2017-01-01T00:00:00-00:00", "Tags."),
        new("standard-attr-timestamp", "Resource timestamps", "2016-09-12T10:00:00-00:00", "Times of creation and change."),
        new("stateful-security-group", "Stateful security group", "2019-11-26T09:00:00-00:00", "Security groups with or without connection tracking."),
        new("subnet-dns-publish-fixed-ip", "Subnet DNS publish fixed IP", "2019-05-24T10:00:00-00:00", "Subnets whose addresses are published in DNS."),
        new("subnet-service-types", "Subnet service types", "2016-03-15T18:00:00-00:00", "Subnets for certain device owners."),
        new("subnet_allocation", "Subnet Allocation", "2015-03-30T10:00:00-00:00", "Subnets from subnet pools."),
        new("subnetpool-prefix-ops", "Subnet Pool Prefix Operations", "2019-02-08T10:00:00-00:00", "Prefixes of a subnet pool added and removed."),
        new("tag-ports-during-bulk-creation", "Tag Ports During Bulk Creation", "2019-12-29T19:00:00-00:00", "Tags of ports when they are made."),
    ];
}
