-- An address scope or a port that goes is looked for where it is used.
CREATE INDEX network_subnet_pools_scope ON network_subnet_pools (address_scope_id);
CREATE INDEX network_routers_gateway_port ON network_routers (gateway_port_id);
