-- Settings of one domain's user directory; values of sensitive ones are encrypted.
CREATE TABLE identity_domain_options (
  domain_id TEXT NOT NULL REFERENCES identity_projects (id) ON DELETE CASCADE, option_group TEXT NOT NULL, name TEXT NOT NULL, value TEXT, sealed_value BYTEA,
  PRIMARY KEY (domain_id, option_group, name)
);

-- Endpoints by filter, and which projects see only some endpoints.
CREATE TABLE identity_endpoint_groups (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, filters TEXT NOT NULL, created_at BIGINT NOT NULL);
CREATE TABLE identity_project_endpoint_groups (
  endpoint_group_id TEXT NOT NULL REFERENCES identity_endpoint_groups (id) ON DELETE CASCADE, project_id TEXT NOT NULL REFERENCES identity_projects (id) ON DELETE CASCADE,
  PRIMARY KEY (endpoint_group_id, project_id)
);
CREATE TABLE identity_project_endpoints (
  endpoint_id TEXT NOT NULL REFERENCES identity_endpoints (id) ON DELETE CASCADE, project_id TEXT NOT NULL REFERENCES identity_projects (id) ON DELETE CASCADE,
  PRIMARY KEY (endpoint_id, project_id)
);
