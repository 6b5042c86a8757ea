-- OAuth 1.0a: programs of others (consumers), what they ask users for (request tokens), what users gave them (access tokens). Secrets sign requests, so they are encrypted, not hashed.
CREATE TABLE identity_consumers (id TEXT PRIMARY KEY, description TEXT, sealed_secret BYTEA NOT NULL, extra TEXT NOT NULL, created_at BIGINT NOT NULL);
CREATE TABLE identity_request_tokens (
  id TEXT PRIMARY KEY, consumer_id TEXT NOT NULL REFERENCES identity_consumers (id) ON DELETE CASCADE, project_id TEXT NOT NULL REFERENCES identity_projects (id) ON DELETE CASCADE,
  sealed_secret BYTEA NOT NULL, expires_at BIGINT, user_id TEXT REFERENCES identity_users (id) ON DELETE CASCADE, verifier TEXT, role_ids TEXT NOT NULL
);
CREATE INDEX identity_request_tokens_expires ON identity_request_tokens (expires_at);
CREATE TABLE identity_access_tokens (
  id TEXT PRIMARY KEY, consumer_id TEXT NOT NULL REFERENCES identity_consumers (id) ON DELETE CASCADE, project_id TEXT NOT NULL REFERENCES identity_projects (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE, sealed_secret BYTEA NOT NULL, expires_at BIGINT, role_ids TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX identity_access_tokens_user ON identity_access_tokens (user_id);
-- A signed request counts once; rows older than the age at which signatures are refused go.
CREATE TABLE identity_oauth_nonces (consumer_id TEXT NOT NULL, signed_at BIGINT NOT NULL, nonce TEXT NOT NULL, PRIMARY KEY (consumer_id, signed_at, nonce));
CREATE INDEX identity_oauth_nonces_signed ON identity_oauth_nonces (signed_at);
