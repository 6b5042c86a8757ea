-- One-time codes that were taken, while their time lasts: each counts once.
CREATE TABLE identity_used_codes (
  credential_id TEXT NOT NULL REFERENCES identity_credentials (id) ON DELETE CASCADE, counter BIGINT NOT NULL, PRIMARY KEY (credential_id, counter));
