CREATE TABLE compute_servers (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT,
    hostname TEXT NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    vm_state TEXT NOT NULL,
    task_state TEXT,
    power_state BIGINT NOT NULL,
    power_number BIGINT NOT NULL,
    power_verb TEXT NOT NULL,
    locked_by TEXT,
    locked_reason TEXT,
    flavor_id TEXT NOT NULL,
    flavor TEXT NOT NULL,
    vcpus BIGINT NOT NULL,
    memory_mb BIGINT NOT NULL,
    image_id TEXT,
    image TEXT,
    kernel_id TEXT NOT NULL,
    ramdisk_id TEXT NOT NULL,
    machine TEXT,
    key_name TEXT,
    key_data TEXT,
    key_type TEXT,
    user_data TEXT,
    config_drive BOOLEAN NOT NULL,
    requested_zone TEXT,
    availability_zone TEXT,
    host TEXT,
    node TEXT,
    node_id TEXT,
    launched_on TEXT,
    reservation_id TEXT NOT NULL,
    launch_index BIGINT NOT NULL,
    root_device_name TEXT,
    access_ip_v4 TEXT,
    access_ip_v6 TEXT,
    auto_disk_config BOOLEAN NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    nic_tags TEXT NOT NULL,
    networks TEXT NOT NULL,
    addresses TEXT NOT NULL,
    security_groups TEXT NOT NULL,
    group_id TEXT,
    fault TEXT,
    password TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    launched_at BIGINT,
    terminated_at BIGINT,
    deleted_at BIGINT
);
CREATE INDEX compute_servers_project ON compute_servers (project_id, created_at);
CREATE INDEX compute_servers_node ON compute_servers (node_id);
CREATE INDEX compute_servers_updated ON compute_servers (updated_at);
CREATE TABLE compute_instance_actions (
    id BIGINT PRIMARY KEY,
    server_id TEXT NOT NULL,
    action TEXT NOT NULL,
    request_id TEXT NOT NULL,
    project_id TEXT,
    user_id TEXT,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    message TEXT
);
CREATE INDEX compute_instance_actions_server ON compute_instance_actions (server_id, id);
CREATE TABLE compute_nodes (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    service_id TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    address TEXT NOT NULL,
    release TEXT NOT NULL,
    facts TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    disabled_reason TEXT,
    forced_down BOOLEAN NOT NULL,
    seen_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT,
    deleted_at BIGINT
);
CREATE TABLE compute_aggregates (
    id BIGINT PRIMARY KEY,
    uuid TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    hosts TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT
);
CREATE TABLE compute_server_groups (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    policy TEXT NOT NULL,
    max_per_host BIGINT,
    created_at BIGINT NOT NULL
);
CREATE TABLE compute_migrations_of_servers (
    id BIGINT PRIMARY KEY,
    uuid TEXT NOT NULL,
    server_id TEXT NOT NULL,
    source_node TEXT,
    dest_node TEXT,
    source_compute TEXT,
    dest_compute TEXT,
    dest_host TEXT,
    old_flavor_id BIGINT,
    new_flavor_id BIGINT,
    status TEXT NOT NULL,
    migration_type TEXT NOT NULL,
    project_id TEXT,
    user_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT
);
CREATE TABLE compute_network_changes (
    id BIGINT PRIMARY KEY,
    number BIGINT NOT NULL
);
