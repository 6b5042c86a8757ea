CREATE TABLE network_networks (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, admin_state_up BOOLEAN NOT NULL, status TEXT NOT NULL,
    mtu BIGINT NOT NULL, port_security_enabled BOOLEAN NOT NULL, external BOOLEAN NOT NULL, is_default BOOLEAN NOT NULL,
    network_type TEXT NOT NULL, physical_network TEXT, segmentation_id BIGINT, dns_domain TEXT NOT NULL, availability_zone_hints TEXT NOT NULL,
    dhcp_by_hand BOOLEAN NOT NULL, device TEXT NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);
CREATE UNIQUE INDEX network_networks_device ON network_networks (device);
CREATE INDEX network_networks_project ON network_networks (project_id);

-- One row for each number in use; the physical network of a tunnel is empty.
CREATE TABLE network_segments (
    network_type TEXT NOT NULL, physical_network TEXT NOT NULL, segmentation_id BIGINT NOT NULL, network_id TEXT NOT NULL,
    PRIMARY KEY (network_type, physical_network, segmentation_id));
CREATE INDEX network_segments_network ON network_segments (network_id);

CREATE TABLE network_address_scopes (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, ip_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);

CREATE TABLE network_subnet_pools (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, ip_version BIGINT NOT NULL, prefixes TEXT NOT NULL,
    default_prefixlen BIGINT NOT NULL, min_prefixlen BIGINT NOT NULL, max_prefixlen BIGINT NOT NULL, default_quota BIGINT,
    is_default BOOLEAN NOT NULL, address_scope_id TEXT REFERENCES network_address_scopes (id),
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);

CREATE TABLE network_subnets (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, network_id TEXT NOT NULL REFERENCES network_networks (id), name TEXT NOT NULL, description TEXT NOT NULL,
    ip_version BIGINT NOT NULL, cidr TEXT NOT NULL, gateway_ip TEXT, enable_dhcp BOOLEAN NOT NULL, ipv6_ra_mode TEXT, ipv6_address_mode TEXT,
    subnetpool_id TEXT REFERENCES network_subnet_pools (id), allocation_pools TEXT NOT NULL, dns_nameservers TEXT NOT NULL, host_routes TEXT NOT NULL,
    service_types TEXT NOT NULL, dns_publish_fixed_ip BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);
CREATE INDEX network_subnets_network ON network_subnets (network_id);
CREATE INDEX network_subnets_pool ON network_subnets (subnetpool_id);

CREATE TABLE network_ports (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, network_id TEXT NOT NULL REFERENCES network_networks (id), name TEXT NOT NULL, description TEXT NOT NULL,
    admin_state_up BOOLEAN NOT NULL, status TEXT NOT NULL, mac_address TEXT NOT NULL, device_id TEXT NOT NULL, device_owner TEXT NOT NULL,
    device TEXT NOT NULL, node TEXT, host TEXT NOT NULL, vnic_type TEXT NOT NULL, profile TEXT NOT NULL, port_security_enabled BOOLEAN NOT NULL,
    allowed_address_pairs TEXT NOT NULL, extra_dhcp_opts TEXT NOT NULL, dns_name TEXT NOT NULL, dns_domain TEXT NOT NULL,
    made_for_server BOOLEAN NOT NULL, epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);
CREATE UNIQUE INDEX network_ports_device_name ON network_ports (device);
CREATE UNIQUE INDEX network_ports_mac ON network_ports (network_id, mac_address);
CREATE INDEX network_ports_device ON network_ports (device_id);
CREATE INDEX network_ports_node ON network_ports (node);
CREATE INDEX network_ports_project ON network_ports (project_id);

-- position: distance from the subnet's first address, null when it does not fit 63 bits.
CREATE TABLE network_addresses (
    subnet_id TEXT NOT NULL REFERENCES network_subnets (id), address TEXT NOT NULL, port_id TEXT NOT NULL REFERENCES network_ports (id), position BIGINT, place BIGINT NOT NULL,
    PRIMARY KEY (subnet_id, address));
CREATE INDEX network_addresses_port ON network_addresses (port_id);
CREATE INDEX network_addresses_position ON network_addresses (subnet_id, position);
CREATE INDEX network_addresses_address ON network_addresses (address);

CREATE TABLE network_security_groups (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, stateful BOOLEAN NOT NULL, is_default BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);
CREATE UNIQUE INDEX network_security_groups_default ON network_security_groups (project_id) WHERE is_default;
CREATE INDEX network_security_groups_project ON network_security_groups (project_id);

CREATE TABLE network_security_group_rules (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, security_group_id TEXT NOT NULL REFERENCES network_security_groups (id), description TEXT NOT NULL,
    direction TEXT NOT NULL, ethertype TEXT NOT NULL, protocol TEXT, port_range_min BIGINT, port_range_max BIGINT, remote_ip_prefix TEXT, normalized_cidr TEXT, remote_group_id TEXT REFERENCES network_security_groups (id),
    sameness TEXT NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);
CREATE UNIQUE INDEX network_security_group_rules_same ON network_security_group_rules (security_group_id, sameness);
CREATE INDEX network_security_group_rules_remote ON network_security_group_rules (remote_group_id);

CREATE TABLE network_port_groups (
    port_id TEXT NOT NULL REFERENCES network_ports (id), group_id TEXT NOT NULL REFERENCES network_security_groups (id), PRIMARY KEY (port_id, group_id));
CREATE INDEX network_port_groups_group ON network_port_groups (group_id);

CREATE TABLE network_routers (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, admin_state_up BOOLEAN NOT NULL, status TEXT NOT NULL,
    gateway_port_id TEXT REFERENCES network_ports (id), enable_snat BOOLEAN NOT NULL, routes TEXT NOT NULL, availability_zone_hints TEXT NOT NULL, node TEXT, by_hand BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);
CREATE INDEX network_routers_project ON network_routers (project_id);

-- A router has one interface on a subnet, whoever asks first.
CREATE TABLE network_router_subnets (
    router_id TEXT NOT NULL REFERENCES network_routers (id), subnet_id TEXT NOT NULL REFERENCES network_subnets (id), port_id TEXT NOT NULL, PRIMARY KEY (router_id, subnet_id));
CREATE INDEX network_router_subnets_subnet ON network_router_subnets (subnet_id);
CREATE INDEX network_router_subnets_port ON network_router_subnets (port_id);

CREATE TABLE network_floating_ips (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, description TEXT NOT NULL, floating_network_id TEXT NOT NULL, floating_ip_address TEXT NOT NULL, floating_port_id TEXT NOT NULL,
    port_id TEXT, fixed_ip_address TEXT, router_id TEXT, status TEXT NOT NULL, dns_name TEXT NOT NULL, dns_domain TEXT NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);
CREATE UNIQUE INDEX network_floating_ips_fixed ON network_floating_ips (floating_network_id, port_id, fixed_ip_address) WHERE port_id IS NOT NULL;
CREATE INDEX network_floating_ips_port ON network_floating_ips (port_id);
CREATE INDEX network_floating_ips_router ON network_floating_ips (router_id);
CREATE INDEX network_floating_ips_project ON network_floating_ips (project_id);

CREATE TABLE network_rbac_policies (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, object_type TEXT NOT NULL, object_id TEXT NOT NULL, action TEXT NOT NULL, target_project TEXT NOT NULL,
    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision_number BIGINT NOT NULL);
CREATE UNIQUE INDEX network_rbac_policies_same ON network_rbac_policies (object_type, object_id, action, target_project);
CREATE INDEX network_rbac_policies_target ON network_rbac_policies (target_project);

CREATE TABLE network_tags (kind TEXT NOT NULL, id TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (kind, id, tag));

CREATE TABLE network_nodes (
    id TEXT PRIMARY KEY, host TEXT NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL, vif_type TEXT NOT NULL, network_types TEXT NOT NULL, mtu BIGINT NOT NULL,
    joined_at BIGINT NOT NULL, seen_at BIGINT NOT NULL);

CREATE TABLE network_agents (
    id TEXT PRIMARY KEY, node TEXT NOT NULL REFERENCES network_nodes (id), agent_type TEXT NOT NULL, "binary" TEXT NOT NULL, topic TEXT NOT NULL, host TEXT NOT NULL,
    description TEXT, admin_state_up BOOLEAN NOT NULL, created_at BIGINT NOT NULL, started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL);
CREATE UNIQUE INDEX network_agents_node ON network_agents (node, agent_type);

-- Things whose orders for nodes must be worked out again.
CREATE TABLE network_stale (kind TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (kind, id));

-- Devices by the number of their last change, for Compute to follow.
CREATE TABLE network_device_changes (device TEXT PRIMARY KEY, number BIGINT NOT NULL);
CREATE INDEX network_device_changes_number ON network_device_changes (number);
