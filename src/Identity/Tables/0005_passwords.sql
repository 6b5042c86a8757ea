-- When a password was set and whether its user chose it; when the user last logged in (kept only while inactive users are disabled).
ALTER TABLE identity_users ADD COLUMN password_changed_at BIGINT;
ALTER TABLE identity_users ADD COLUMN password_self_service BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE identity_users ADD COLUMN last_active_at BIGINT;

-- Hashes of passwords before the present one, as many as must differ.
CREATE TABLE identity_old_passwords (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE, password_hash TEXT NOT NULL, replaced_at BIGINT NOT NULL
);
CREATE INDEX identity_old_passwords_user ON identity_old_passwords (user_id);

-- Failed logins in a row; no row, none.
CREATE TABLE identity_failed_logins (user_id TEXT PRIMARY KEY REFERENCES identity_users (id) ON DELETE CASCADE, attempts BIGINT NOT NULL, last_at BIGINT NOT NULL);
