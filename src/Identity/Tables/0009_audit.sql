-- What was done, by whom, and what came of it. The last two indexes are small: few act through a trust, few things are parts of others.
CREATE TABLE identity_audit_events (
  id TEXT PRIMARY KEY, at BIGINT NOT NULL, service TEXT NOT NULL, service_kind TEXT NOT NULL, action TEXT NOT NULL, status BIGINT NOT NULL,
  target_kind TEXT NOT NULL, target_id TEXT, container_id TEXT, path TEXT, user_id TEXT, user_name TEXT, user_domain_id TEXT, project_id TEXT, domain_id TEXT,
  trust_id TEXT, trustor_id TEXT, trustee_id TEXT, application_credential_id TEXT, service_user_id TEXT, address TEXT NOT NULL, agent TEXT, request_id TEXT NOT NULL, global_request_id TEXT);
CREATE INDEX identity_audit_events_at ON identity_audit_events (at, id);
CREATE INDEX identity_audit_events_user ON identity_audit_events (user_id, at, id);
CREATE INDEX identity_audit_events_project ON identity_audit_events (project_id, at, id);
CREATE INDEX identity_audit_events_target ON identity_audit_events (target_id, at, id);
CREATE INDEX identity_audit_events_trustee ON identity_audit_events (trustee_id, at, id) WHERE trustee_id IS NOT NULL;
CREATE INDEX identity_audit_events_container ON identity_audit_events (container_id, at, id) WHERE container_id IS NOT NULL;
