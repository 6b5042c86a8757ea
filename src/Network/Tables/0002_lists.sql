-- Lists go by age, of everybody or of a project: a page reads its own rows and no others.
CREATE INDEX network_networks_listed ON network_networks (created_at, id);
CREATE INDEX network_subnets_listed ON network_subnets (created_at, id);
CREATE INDEX network_ports_listed ON network_ports (created_at, id);
CREATE INDEX network_routers_listed ON network_routers (created_at, id);
CREATE INDEX network_security_groups_listed ON network_security_groups (created_at, id);
CREATE INDEX network_security_group_rules_listed ON network_security_group_rules (created_at, id);
CREATE INDEX network_floating_ips_listed ON network_floating_ips (created_at, id);

DROP INDEX network_networks_project;
CREATE INDEX network_networks_project ON network_networks (project_id, created_at, id);
CREATE INDEX network_subnets_project ON network_subnets (project_id, created_at, id);
DROP INDEX network_ports_project;
CREATE INDEX network_ports_project ON network_ports (project_id, created_at, id);
DROP INDEX network_routers_project;
CREATE INDEX network_routers_project ON network_routers (project_id, created_at, id);
DROP INDEX network_security_groups_project;
CREATE INDEX network_security_groups_project ON network_security_groups (project_id, created_at, id);
DROP INDEX network_floating_ips_project;
CREATE INDEX network_floating_ips_project ON network_floating_ips (project_id, created_at, id);
