-- Projects and domains are one tree: a domain is a project that owns others (is_domain), as in keystone.
CREATE TABLE identity_projects (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, domain_id TEXT, parent_id TEXT, is_domain BOOLEAN NOT NULL, enabled BOOLEAN NOT NULL,
  description TEXT NOT NULL, options TEXT NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_projects_name ON identity_projects (domain_id, name) WHERE domain_id IS NOT NULL;
CREATE UNIQUE INDEX identity_domains_name ON identity_projects (name) WHERE domain_id IS NULL;
CREATE INDEX identity_projects_parent ON identity_projects (parent_id);

CREATE TABLE identity_project_tags (
  project_id TEXT NOT NULL REFERENCES identity_projects (id) ON DELETE CASCADE, name TEXT NOT NULL, PRIMARY KEY (project_id, name)
);

CREATE TABLE identity_users (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, domain_id TEXT NOT NULL REFERENCES identity_projects (id), enabled BOOLEAN NOT NULL,
  default_project_id TEXT, password_hash TEXT, password_expires_at BIGINT, options TEXT NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_users_name ON identity_users (domain_id, name);

CREATE TABLE identity_groups (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, domain_id TEXT NOT NULL REFERENCES identity_projects (id), description TEXT NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_groups_name ON identity_groups (domain_id, name);

CREATE TABLE identity_memberships (
  user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE, group_id TEXT NOT NULL REFERENCES identity_groups (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, group_id)
);
CREATE INDEX identity_memberships_group ON identity_memberships (group_id);

CREATE TABLE identity_roles (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, domain_id TEXT REFERENCES identity_projects (id), description TEXT, options TEXT NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_roles_name ON identity_roles (name) WHERE domain_id IS NULL;
CREATE UNIQUE INDEX identity_domain_roles_name ON identity_roles (domain_id, name) WHERE domain_id IS NOT NULL;

CREATE TABLE identity_implied_roles (
  prior_role_id TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE, implied_role_id TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
  PRIMARY KEY (prior_role_id, implied_role_id)
);

-- target_id is a project, a domain, or the word 'system'.
CREATE TABLE identity_assignments (
  target_kind TEXT NOT NULL, target_id TEXT NOT NULL, actor_kind TEXT NOT NULL, actor_id TEXT NOT NULL,
  role_id TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE, inherited BOOLEAN NOT NULL,
  PRIMARY KEY (actor_id, target_id, target_kind, actor_kind, role_id, inherited)
);
CREATE INDEX identity_assignments_target ON identity_assignments (target_id);
CREATE INDEX identity_assignments_role ON identity_assignments (role_id);

CREATE TABLE identity_regions (
  id TEXT PRIMARY KEY, description TEXT NOT NULL, parent_region_id TEXT, extra TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE TABLE identity_services (
  id TEXT PRIMARY KEY, type TEXT NOT NULL, name TEXT, enabled BOOLEAN NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE TABLE identity_endpoints (
  id TEXT PRIMARY KEY, service_id TEXT NOT NULL REFERENCES identity_services (id) ON DELETE CASCADE, interface TEXT NOT NULL,
  region_id TEXT REFERENCES identity_regions (id), url TEXT NOT NULL, enabled BOOLEAN NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX identity_endpoints_service ON identity_endpoints (service_id);

-- Keys of tokens, each encrypted with the state key; the newest signs, all validate.
CREATE TABLE identity_token_keys (id TEXT PRIMARY KEY, sealed BYTEA NOT NULL, created_at BIGINT NOT NULL);

-- A token is revoked when one of its subjects ('audit:..', 'chain:..', 'user:..', 'project:..' ..) has a row at or after its issue.
CREATE TABLE identity_revocations (id TEXT PRIMARY KEY, subject TEXT NOT NULL, issued_before BIGINT NOT NULL, revoked_at BIGINT NOT NULL, forget_at BIGINT NOT NULL);
CREATE INDEX identity_revocations_subject ON identity_revocations (subject);
CREATE INDEX identity_revocations_forget ON identity_revocations (forget_at);

-- The blob may hold secrets: encrypted with the state key.
CREATE TABLE identity_credentials (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL, project_id TEXT, type TEXT NOT NULL, sealed_blob BYTEA NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX identity_credentials_user ON identity_credentials (user_id);

CREATE TABLE identity_access_rules (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE, service TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL
);
CREATE UNIQUE INDEX identity_access_rules_same ON identity_access_rules (user_id, service, method, path);
CREATE TABLE identity_application_credentials (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE, project_id TEXT NOT NULL REFERENCES identity_projects (id) ON DELETE CASCADE,
  description TEXT, secret_hash TEXT NOT NULL, expires_at BIGINT, unrestricted BOOLEAN NOT NULL, restricted_paths BOOLEAN NOT NULL, created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_application_credentials_name ON identity_application_credentials (user_id, name);
CREATE TABLE identity_application_credential_roles (
  application_credential_id TEXT NOT NULL REFERENCES identity_application_credentials (id) ON DELETE CASCADE, role_id TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
  PRIMARY KEY (application_credential_id, role_id)
);
CREATE TABLE identity_application_credential_rules (
  application_credential_id TEXT NOT NULL REFERENCES identity_application_credentials (id) ON DELETE CASCADE, access_rule_id TEXT NOT NULL REFERENCES identity_access_rules (id),
  PRIMARY KEY (application_credential_id, access_rule_id)
);

CREATE TABLE identity_trusts (
  id TEXT PRIMARY KEY, trustor_user_id TEXT NOT NULL, trustee_user_id TEXT NOT NULL, project_id TEXT, impersonation BOOLEAN NOT NULL, expires_at BIGINT, deleted_at BIGINT,
  remaining_uses BIGINT, redelegated_trust_id TEXT, redelegation_count BIGINT NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX identity_trusts_trustor ON identity_trusts (trustor_user_id);
CREATE INDEX identity_trusts_trustee ON identity_trusts (trustee_user_id);
CREATE TABLE identity_trust_roles (
  trust_id TEXT NOT NULL REFERENCES identity_trusts (id) ON DELETE CASCADE, role_id TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE, PRIMARY KEY (trust_id, role_id)
);

CREATE TABLE identity_registered_limits (
  id TEXT PRIMARY KEY, service_id TEXT NOT NULL, region_id TEXT, resource_name TEXT NOT NULL, default_limit BIGINT NOT NULL, description TEXT, created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_registered_limits_region ON identity_registered_limits (service_id, region_id, resource_name) WHERE region_id IS NOT NULL;
CREATE UNIQUE INDEX identity_registered_limits_any ON identity_registered_limits (service_id, resource_name) WHERE region_id IS NULL;
CREATE TABLE identity_limits (
  id TEXT PRIMARY KEY, registered_limit_id TEXT NOT NULL REFERENCES identity_registered_limits (id), project_id TEXT, domain_id TEXT, resource_limit BIGINT NOT NULL, description TEXT, created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_limits_project ON identity_limits (registered_limit_id, project_id) WHERE project_id IS NOT NULL;
CREATE UNIQUE INDEX identity_limits_domain ON identity_limits (registered_limit_id, domain_id) WHERE domain_id IS NOT NULL;

CREATE TABLE identity_policies (id TEXT PRIMARY KEY, type TEXT NOT NULL, blob TEXT NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL);
